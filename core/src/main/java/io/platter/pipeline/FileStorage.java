package io.platter.pipeline;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** An image file on a filesystem. */
public final class FileStorage implements Storage {
    private final Path path;
    private final FileChannel channel;

    /** Takes a channel, and closes it when it is closed. */
    public FileStorage(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    @Override
    public String name() {
        return path.toString();
    }

    @Override
    public void write(ByteBuffer bytes, long position) throws IOException {
        long at = position;
        try {
            while (bytes.hasRemaining()) {
                at += channel.write(bytes, at);
            }
        } catch (IOException e) {
            throw new IOException("writing " + path + " failed at offset " + at + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void force() throws IOException {
        try {
            channel.force(true);
        } catch (IOException e) {
            throw new IOException("writing " + path + " to the medium failed: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

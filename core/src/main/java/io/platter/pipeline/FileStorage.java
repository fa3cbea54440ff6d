package io.platter.pipeline;

import io.platter.block.AlignedBuffers;
import io.platter.block.DirectFileWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * An image file on a filesystem. Bytes are gathered until there are enough of them for one long write, which goes around
 * the system's cache.
 */
public final class FileStorage implements Storage {
    /** How many bytes are written at once. */
    private static final int GATHERED = 2 << 20;

    private final Path path;
    private final FileChannel channel;
    private final DirectFileWriter writer;
    private final ByteBuffer gathered = AlignedBuffers.allocate(GATHERED);
    /** Where the first gathered byte goes, and where it is in the buffer: equally far from the grid. */
    private long fileOffset;

    private int start;

    /** Takes a channel, and closes it when it is closed. */
    public FileStorage(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
        this.writer = DirectFileWriter.of(path, channel);
    }

    @Override
    public String name() {
        return path.toString();
    }

    @Override
    public void write(ByteBuffer bytes, long position) throws IOException {
        if (gathered.position() == start) {
            startAt(position);
        }
        while (bytes.hasRemaining()) {
            int count = Math.min(bytes.remaining(), gathered.remaining());
            gathered.put(gathered.position(), bytes, bytes.position(), count);
            gathered.position(gathered.position() + count);
            bytes.position(bytes.position() + count);
            if (!gathered.hasRemaining()) {
                flush();
            }
        }
    }

    private void startAt(long position) {
        fileOffset = position;
        start = (int) (position % AlignedBuffers.GRID);
        gathered.clear().position(start);
    }

    @Override
    public void flush() throws IOException {
        int end = gathered.position();
        gathered.limit(end).position(start);
        try {
            writer.write(gathered, fileOffset);
        } catch (IOException e) {
            long position = fileOffset + gathered.position() - start;
            throw new IOException("writing " + path + " failed at offset " + position + ": " + e.getMessage(), e);
        }
        startAt(fileOffset + end - start);
    }

    @Override
    public void force() throws IOException {
        flush();
        try {
            channel.force(true);
        } catch (IOException e) {
            throw new IOException("writing " + path + " to the medium failed: " + e.getMessage(), e);
        }
    }

    /** Closes the file; what was not flushed is dropped. */
    @Override
    public void close() throws IOException {
        try (channel) {
            writer.close();
        }
    }
}

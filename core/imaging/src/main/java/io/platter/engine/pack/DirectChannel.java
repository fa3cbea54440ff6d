package io.platter.engine.pack;

import io.platter.block.DirectFileWriter;
import io.platter.block.FileFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;

/**
 * A file that is written: long aligned runs go around the system's cache, see {@link DirectFileWriter}.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class DirectChannel implements SeekableByteChannel {
    private final Path path;
    private final FileChannel file;
    private final DirectFileWriter writer;
    private long position;
    private boolean open = true;

    /**
     * Starts at the file's first byte.
     *
     * @param path the file, which the channel has opened
     * @param file the file, open for writing; the caller closes it
     */
    public DirectChannel(Path path, FileChannel file) {
        this.path = path;
        this.file = file;
        this.writer = DirectFileWriter.of(path, file);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int length = source.remaining();
        try {
            writer.write(source, position);
        } catch (IOException e) {
            throw FileFailure.of(path, "can't be written", e);
        }
        position += length;
        return length;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public SeekableByteChannel position(long newPosition) {
        position = newPosition;
        return this;
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    public SeekableByteChannel truncate(long size) throws IOException {
        try {
            file.truncate(size);
        } catch (IOException e) {
            throw FileFailure.of(path, "can't be cut to " + size + " bytes", e);
        }
        position = Math.min(position, size);
        return this;
    }

    @Override
    public int read(ByteBuffer target) {
        throw new NonReadableChannelException();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    /** Brings all that was written to the medium, and closes this channel. */
    public void finish() throws IOException {
        try {
            file.force(true);
        } catch (IOException e) {
            throw FileFailure.of(path, "can't be brought to the medium", e);
        }
        close();
    }

    /** Closes what this channel has opened, which is not the file. */
    @Override
    public void close() throws IOException {
        open = false;
        writer.close();
    }
}

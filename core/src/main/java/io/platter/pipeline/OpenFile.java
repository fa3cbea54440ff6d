package io.platter.pipeline;

import io.platter.block.Backing;
import io.platter.block.BlockDevice;
import io.platter.block.DiskUse;
import io.platter.block.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.List;

/**
 * The bytes of an image file, and whether it is open: the one place that knows. Whatever reads the file, its images or
 * what is cached of them asks here.
 *
 * <p>Safe for use by several threads.
 */
public final class OpenFile implements BlockDevice {
    private final BlockDevice bytes;
    private volatile boolean closed;

    /** Takes a file's bytes, which are closed with this object. */
    public OpenFile(BlockDevice bytes) {
        this.bytes = bytes;
    }

    /** Tells whether the file is open. */
    public boolean isOpen() {
        return !closed;
    }

    /**
     * Checks that the file is open.
     *
     * @throws ClosedChannelException if not
     */
    public void check() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public String name() {
        return bytes.name();
    }

    @Override
    public long size() {
        return bytes.size();
    }

    @Override
    public int logicalSectorSize() {
        return bytes.logicalSectorSize();
    }

    @Override
    public boolean isWritable() {
        return false;
    }

    @Override
    public List<Backing> backing() throws IOException {
        return bytes.backing();
    }

    @Override
    public List<DiskUse> uses() throws IOException {
        return bytes.uses();
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        check();
        bytes.read(target, diskOffset);
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) {
        throw new IllegalStateException(name() + " is open for reading only");
    }

    @Override
    public Extent extentAt(long diskOffset) throws IOException {
        check();
        return bytes.extentAt(diskOffset);
    }

    @Override
    public void flush() {}

    @Override
    public void close() throws IOException {
        closed = true;
        bytes.close();
    }
}

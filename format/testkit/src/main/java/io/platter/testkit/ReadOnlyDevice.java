package io.platter.testkit;

import io.platter.block.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/**
 * A device for reading whose bytes a test makes up in {@link #fill}; it checks the ranges that it is asked for, and that
 * it is open. Its sectors have 512 bytes. Safe for use by several threads as far as {@code fill} is.
 */
public abstract class ReadOnlyDevice implements BlockDevice {
    private final String name;
    private final long size;
    private volatile boolean closed;

    /**
     * Creates a device.
     *
     * @param name the name for messages
     * @param size in bytes, 0 or more
     */
    protected ReadOnlyDevice(String name, long size) {
        this.name = name;
        this.size = size;
    }

    /**
     * Puts the bytes from an offset on into a buffer, from its position to its limit.
     *
     * @param target where the bytes go; the range lies inside the device
     * @param offset in bytes from the start of the device
     */
    protected abstract void fill(ByteBuffer target, long offset) throws IOException;

    /** Tells whether this device was closed. */
    public boolean isClosed() {
        return closed;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int logicalSectorSize() {
        return 512;
    }

    @Override
    public boolean isWritable() {
        return false;
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        if (diskOffset < 0 || diskOffset > size - target.remaining()) {
            throw new IllegalArgumentException("range of " + target.remaining() + " bytes at disk offset " + diskOffset
                    + " is not inside " + name + " of " + size + " bytes");
        }
        fill(target, diskOffset);
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) {
        throw new IllegalStateException(name + " is open for reading only");
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        closed = true;
    }
}

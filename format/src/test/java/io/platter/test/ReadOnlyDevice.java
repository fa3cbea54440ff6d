package io.platter.test;

import io.platter.block.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A device for tests whose bytes are made up, and which checks what it is asked. */
public abstract class ReadOnlyDevice implements BlockDevice {
    private final String name;
    private final long size;
    private boolean closed;

    /** Creates a device of a size in bytes. */
    protected ReadOnlyDevice(String name, long size) {
        this.name = name;
        this.size = size;
    }

    /** Puts the bytes from {@code offset} on into {@code target}, which lies inside the device. */
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
        if (closed || diskOffset < 0 || diskOffset > size - target.remaining()) {
            throw new IllegalArgumentException("range of " + target.remaining() + " bytes at disk offset " + diskOffset
                    + " of " + (closed ? "a closed device" : size + " bytes"));
        }
        fill(target, diskOffset);
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) {
        throw new IllegalStateException("for reading only");
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        closed = true;
    }
}

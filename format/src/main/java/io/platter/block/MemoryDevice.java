package io.platter.block;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A device whose bytes are an array.
 *
 * <p>Safe for use by several threads, as far as they do not touch the same bytes.
 */
public final class MemoryDevice implements BlockDevice {
    private final byte[] bytes;
    private final int logicalSectorSize;

    private MemoryDevice(byte[] bytes, int logicalSectorSize) {
        this.bytes = bytes;
        this.logicalSectorSize = logicalSectorSize;
    }

    /** Returns a device of {@code size} zeros, with sectors of 512 bytes. */
    public static MemoryDevice ofSize(int size) {
        return new MemoryDevice(new byte[size], 512);
    }

    /** Returns a device over these very bytes, with sectors of 512 bytes. Writes to one are seen in the other. */
    public static MemoryDevice over(byte[] bytes) {
        return over(bytes, 512);
    }

    /** Returns a device over these very bytes, with sectors of the given size in bytes. */
    public static MemoryDevice over(byte[] bytes, int logicalSectorSize) {
        return new MemoryDevice(Objects.requireNonNull(bytes, "bytes"), logicalSectorSize);
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public long size() {
        return bytes.length;
    }

    @Override
    public int logicalSectorSize() {
        return logicalSectorSize;
    }

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) {
        Ranges.check(this, diskOffset, target.remaining());
        target.put(bytes, (int) diskOffset, target.remaining());
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) {
        Ranges.check(this, diskOffset, source.remaining());
        source.get(bytes, (int) diskOffset, source.remaining());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}

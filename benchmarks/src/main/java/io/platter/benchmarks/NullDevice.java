package io.platter.benchmarks;

import io.platter.block.BlockDevice;
import java.nio.ByteBuffer;

/**
 * A disk that forgets what is written to it, at no cost.
 *
 * <p>Immutable.
 *
 * @param size in bytes
 */
record NullDevice(long size) implements BlockDevice {
    @Override
    public String name() {
        return "null";
    }

    @Override
    public int logicalSectorSize() {
        return 512;
    }

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) {
        while (target.hasRemaining()) {
            target.put((byte) 0);
        }
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) {
        source.position(source.limit());
    }

    @Override
    public void zero(long diskOffset, long length) {}

    @Override
    public void flush() {}

    @Override
    public void close() {}
}

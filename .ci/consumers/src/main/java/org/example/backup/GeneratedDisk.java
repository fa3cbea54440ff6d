package org.example.backup;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A disk whose bytes come from the program itself, as they would from a network. */
final class GeneratedDisk implements BlockDevice {
    private final byte[] content;

    GeneratedDisk(byte[] content) {
        this.content = content;
    }

    @Override
    public String name() {
        return "generated";
    }

    @Override
    public long size() {
        return content.length;
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
        if (diskOffset < 0 || diskOffset > content.length - target.remaining()) {
            throw new IllegalArgumentException("range at " + diskOffset);
        }
        try {
            target.put(content, (int) diskOffset, target.remaining());
        } catch (UnsupportedOperationException e) {
            throw new DeviceException(name(), "read", diskOffset, 5, "the other side is gone", e);
        }
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) {
        throw new IllegalStateException(name() + " is for reading only");
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}

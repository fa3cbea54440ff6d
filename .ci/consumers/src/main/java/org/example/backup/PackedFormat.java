package org.example.backup;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentKind;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;

/** A header of 512 bytes, then the bytes of a disk of up to 2 GiB. */
public final class PackedFormat implements VirtualDiskFormat {
    private static final long MAGIC = 0x5041434B45443031L;
    private static final int HEADER = 512;
    private static final long LARGEST = 2L << 30;

    @Override
    public String name() {
        return "packed";
    }

    @Override
    public boolean matches(BlockDevice file) throws IOException {
        return file.size() >= HEADER && header(file).getLong(0) == MAGIC;
    }

    @Override
    public BlockDevice open(BlockDevice file, VirtualDiskOptions options) throws IOException {
        if (!matches(file)) {
            throw new CorruptImageException(file.name(), 0, "no header of a packed disk");
        }
        long size = header(file).getLong(8);
        if (size < 0 || size > LARGEST || size != file.size() - HEADER) {
            throw new CorruptImageException(file.name(), 8, "disk of " + size + " bytes in " + file.size());
        }
        return file.slice(HEADER, size);
    }

    private static ByteBuffer header(BlockDevice file) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        file.read(header, 0);
        return header;
    }

    @Override
    public boolean canCreate() {
        return true;
    }

    @Override
    public VirtualDiskWriter create(WritableByteChannel output, long diskSize, VirtualDiskOptions options) {
        if (diskSize < 0 || diskSize > LARGEST) {
            throw new IllegalArgumentException("disk of " + diskSize + " bytes, a packed disk has up to " + LARGEST);
        }
        if (output instanceof SeekableByteChannel file) {
            return new Writer(file, diskSize);
        }
        throw new IllegalArgumentException("a packed disk needs a channel that can seek");
    }

    private static final class Writer implements VirtualDiskWriter {
        private final SeekableByteChannel file;
        private final long size;
        private long position;
        private boolean open = true;

        Writer(SeekableByteChannel file, long size) {
            this.file = file;
            this.size = size;
        }

        private void check(long diskOffset, long length) {
            if (!open) {
                throw new IllegalStateException("finished or closed");
            }
            if (diskOffset != position || length < 0 || length > size - position) {
                throw new IllegalArgumentException(length + " bytes at " + diskOffset + ", expected " + position);
            }
        }

        private void put(ByteBuffer bytes, long fileOffset) throws IOException {
            file.position(fileOffset);
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
        }

        @Override
        public void data(long diskOffset, ByteBuffer bytes) throws IOException {
            check(diskOffset, bytes.remaining());
            position += bytes.remaining();
            put(bytes, HEADER + diskOffset);
        }

        @Override
        public void empty(long diskOffset, long length, ExtentKind kind) {
            check(diskOffset, length);
            if (kind != ExtentKind.ZERO && kind != ExtentKind.HOLE) {
                throw new IllegalArgumentException("a run without bytes can't be " + kind);
            }
            position += length;
        }

        @Override
        public void finish() throws IOException {
            check(position, 0);
            if (position != size) {
                throw new IllegalStateException("ends at " + position + " of " + size);
            }
            open = false;
            if (file.size() < HEADER + size) {
                put(ByteBuffer.allocate(1), HEADER + size - 1);
            }
            put(ByteBuffer.allocate(HEADER).putLong(0, MAGIC).putLong(8, size), 0);
        }

        @Override
        public void close() {
            open = false;
        }
    }
}

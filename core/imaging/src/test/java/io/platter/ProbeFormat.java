package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.ExtentKind;
import io.platter.testkit.ReadOnlyDevice;
import io.platter.virtualdisk.BlockEncoder;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Raw, but for tests: blocks are "encoded" by a copy, encoders and writers are counted, writing can fail, and what is
 * read back can differ.
 */
final class ProbeFormat implements VirtualDiskFormat {
    static final int BLOCK = 16 << 10;

    private final VirtualDiskFormat raw = VirtualDisks.named("raw").orElseThrow();
    final AtomicInteger open = new AtomicInteger();
    final AtomicInteger encoded = new AtomicInteger();
    private long failAt = Long.MAX_VALUE;
    private Set<Long> wrongBytes = Set.of();
    private long cutOff;
    private Runnable onEncode = () -> {};

    /** Fails when the disk offset is reached. */
    ProbeFormat failAt(long diskOffset) {
        failAt = diskOffset;
        return this;
    }

    /** Reads back other bytes than were written, and a disk that is shorter. */
    ProbeFormat readBackWrong(Set<Long> places, long shorterBy) {
        wrongBytes = places;
        cutOff = shorterBy;
        return this;
    }

    ProbeFormat onEncode(Runnable action) {
        onEncode = action;
        return this;
    }

    @Override
    public String name() {
        return "probe";
    }

    @Override
    public boolean matches(BlockDevice file) {
        return false;
    }

    @Override
    public BlockDevice open(BlockDevice file, VirtualDiskOptions options) {
        return new ReadOnlyDevice("probe", file.size() - cutOff) {
            @Override
            protected void fill(ByteBuffer target, long offset) throws IOException {
                int start = target.position();
                file.read(target, offset);
                for (long place : wrongBytes) {
                    if (place >= offset && place < offset + target.position() - start) {
                        int at = start + (int) (place - offset);
                        target.put(at, (byte) ~target.get(at));
                    }
                }
            }
        };
    }

    @Override
    public boolean canCreate() {
        return true;
    }

    @Override
    public boolean createsInOnePass(VirtualDiskOptions options) {
        return true;
    }

    @Override
    public VirtualDiskWriter create(WritableByteChannel output, long diskSize, VirtualDiskOptions options)
            throws IOException {
        open.incrementAndGet();
        return new Writer(raw.create(output, diskSize, options), diskSize);
    }

    private final class Writer implements VirtualDiskWriter {
        private final VirtualDiskWriter writer;
        private final long diskSize;

        Writer(VirtualDiskWriter writer, long diskSize) {
            this.writer = writer;
            this.diskSize = diskSize;
        }

        @Override
        public int blockSize() {
            return BLOCK;
        }

        @Override
        public Optional<BlockEncoder> newEncoder() {
            open.incrementAndGet();
            return Optional.of(new Encoder());
        }

        @Override
        public void encoded(long diskOffset, ByteBuffer block) throws IOException {
            encoded.incrementAndGet();
            data(diskOffset, block.limit((int) Math.min(BLOCK, diskSize - diskOffset)));
        }

        @Override
        public void data(long diskOffset, ByteBuffer bytes) throws IOException {
            if (diskOffset + bytes.remaining() > failAt) {
                throw new IOException("No space left on device");
            }
            writer.data(diskOffset, bytes);
        }

        @Override
        public void empty(long diskOffset, long length, ExtentKind kind) throws IOException {
            writer.empty(diskOffset, length, kind);
        }

        @Override
        public void finish() throws IOException {
            writer.finish();
        }

        @Override
        public void close() throws IOException {
            open.decrementAndGet();
            writer.close();
        }
    }

    private final class Encoder implements BlockEncoder {
        @Override
        public int maxEncodedLength() {
            return BLOCK;
        }

        @Override
        public boolean encode(ByteBuffer block, ByteBuffer target) {
            onEncode.run();
            if (block.get(block.position()) % 2 == 0) {
                block.position(block.limit());
                return false;
            }
            target.put(block);
            return true;
        }

        @Override
        public void close() {
            open.decrementAndGet();
        }
    }
}

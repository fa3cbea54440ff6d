package io.platter.engine.compare;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceView;
import io.platter.engine.read.StoredImage;
import io.platter.engine.restore.DiskLayout;
import io.platter.engine.restore.RestorePlan;
import io.platter.partition.Gpt;
import io.platter.partition.PartitionTables;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What else than the image's bytes is right on a disk of another size: the sectors of the GPT that a restore writes there,
 * and nothing past the end of a smaller disk on which all fits that the image uses.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class ExpectedTable {
    private record Piece(long diskOffset, ByteBuffer bytes) {}

    private final List<Piece> pieces = new ArrayList<>();
    private final long requiredSize;

    private ExpectedTable(long requiredSize) {
        this.requiredSize = requiredSize;
    }

    /** Returns what is right on a disk that an image was restored to. */
    public static ExpectedTable of(StoredImage image, BlockDevice disk) throws IOException {
        if (disk.size() == image.size()) {
            return new ExpectedTable(image.size());
        }
        DiskLayout layout = DiskLayout.of(image.asDevice());
        long required =
                disk.size() < image.size() ? RestorePlan.smallestDisk(image, layout, disk.size()) : image.size();
        ExpectedTable expected = new ExpectedTable(required <= disk.size() ? required : image.size());
        Optional<Gpt> moved = layout.movedTo(disk, new ArrayList<>());
        if (moved.isPresent()) {
            PartitionTables.write(moved.get(), expected.new Recorder(disk));
        }
        return expected;
    }

    /** Returns how large a disk must be to hold all that it should, in bytes. */
    public long requiredSize() {
        return requiredSize;
    }

    /**
     * Takes over what was found on the disk, where it is the table that a restore writes there.
     *
     * @param expected the image's bytes, from 0 to the limit
     * @param found the disk's bytes, likewise
     * @param diskOffset where both stand, in bytes
     */
    public void accept(ByteBuffer expected, ByteBuffer found, long diskOffset) {
        for (Piece piece : pieces) {
            long from = Math.max(diskOffset, piece.diskOffset);
            long to = Math.min(diskOffset + expected.limit(), piece.diskOffset + piece.bytes.limit());
            if (from < to) {
                int length = (int) (to - from);
                ByteBuffer right = piece.bytes.slice((int) (from - piece.diskOffset), length);
                int at = (int) (from - diskOffset);
                if (found.slice(at, length).equals(right)) {
                    expected.put(at, right, 0, length);
                }
            }
        }
    }

    /** Keeps what is written in place of writing it. */
    private final class Recorder extends DeviceView {
        Recorder(BlockDevice disk) {
            super(disk);
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void write(ByteBuffer source, long diskOffset) {
            ByteBuffer copy = ByteBuffer.allocate(source.remaining());
            pieces.add(new Piece(diskOffset, copy.put(source).flip()));
        }

        @Override
        public void flush() {}
    }
}

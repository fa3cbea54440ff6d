package io.platter.filesystem.readonly;

import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Filesystems that are written once and never change: all up to the end is used, and nothing after it.
 *
 * <p>The latter is true of the filesystem, but others put things there that it does not know of: the hash tree of
 * dm-verity and a footer at the very end of the volume, a second filesystem for changes, the superblock of a RAID. So it
 * counts only if the bytes that follow, and the last ones of the volume, are zeros.
 */
final class ReadOnlyImage {
    /** How many bytes must be zeros past the end of the filesystem, and before the end of the volume. */
    private static final int MARGIN = 1 << 20;

    private static final int PIECE = 64 << 10;

    private ReadOnlyImage() {}

    /**
     * Returns the used bytes of a volume.
     *
     * @param end the first byte after the filesystem
     */
    static ExtentSet used(BlockDevice volume, long end) throws IOException, UnprovenException {
        if (end > volume.size()) {
            throw new UnprovenException(
                    Reason.TRUNCATED, "the filesystem has %d bytes, the volume %d".formatted(end, volume.size()));
        }
        long left = volume.size() - end;
        checkZeros(volume, end, (int) Math.min(left, MARGIN));
        checkZeros(volume, volume.size() - Math.min(left, MARGIN), (int) Math.min(left, MARGIN));
        return ExtentSet.of(0, end);
    }

    private static void checkZeros(BlockDevice volume, long from, int length) throws IOException, UnprovenException {
        ByteBuffer zeros = ByteBuffer.allocate(PIECE);
        ByteBuffer bytes = ByteBuffer.allocate(PIECE);
        for (int at = 0; at < length; at += PIECE) {
            bytes.clear().limit(Math.min(PIECE, length - at));
            volume.read(bytes, from + at);
            int other = bytes.flip().mismatch(zeros.slice(0, bytes.limit()));
            if (other >= 0) {
                throw new UnprovenException(
                        Reason.UNRECOGNISED,
                        "the byte at %d, after the filesystem, is not zero: something else may be there"
                                .formatted(from + at + other));
            }
        }
    }
}

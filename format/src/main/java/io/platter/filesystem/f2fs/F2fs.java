package io.platter.filesystem.f2fs;

import static io.platter.filesystem.f2fs.Superblock.BLOCK;
import static io.platter.filesystem.f2fs.Superblock.BLOCKS_PER_SEGMENT;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.ExtentSet;
import io.platter.bytes.Uuids;
import io.platter.filesystem.kit.Filesystem;
import io.platter.filesystem.kit.FreeRuns;
import io.platter.filesystem.kit.MsbFirstBitmap;
import io.platter.filesystem.kit.Proof;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;

/**
 * F2FS on one device that is not zoned.
 *
 * <p>Which blocks of the main area are used is read from the segment information table (SIT), each block of which is there
 * twice, and from its journal in the checkpoint; all before the main area is used. The table has no checksums: it is
 * believed only if each of its bitmaps has as many bits as its own count says, and if the whole adds up to what the
 * checkpoint says, which has one. Source: Linux {@code Documentation/filesystems/f2fs.rst}.
 */
public final class F2fs implements Filesystem {
    private static final int BITMAP = BLOCKS_PER_SEGMENT / 8;
    /** The lower bits of an entry's first number are the count, the others the kind of segment. */
    private static final int COUNT_MASK = 0x3FF;
    /** {@code CURSEG_HOT_NODE} and {@code CURSEG_COLD_NODE}: what is between them holds nodes, all others data. */
    private static final int FIRST_NODE_KIND = 3;

    private static final int LAST_NODE_KIND = 5;

    @Override
    public String name() {
        return "f2fs";
    }

    @Override
    public long sizeOf(BlockDevice volume) throws IOException {
        return Superblock.isPresent(volume) ? Filesystem.bytes(Superblock.read(volume).blocks, BLOCK) : 0;
    }

    @Override
    public Optional<AllocationMap> map(BlockDevice volume) throws IOException {
        if (!Superblock.isPresent(volume)) {
            return Optional.empty();
        }
        Superblock superblock = Superblock.read(volume);
        AllocationMap map = new AllocationMap(
                name(),
                superblock.label,
                Uuids.text(superblock.uuid),
                volume.size(),
                BLOCK,
                VolumeState.CLEAN,
                Reason.NONE,
                "",
                ExtentSet.EMPTY);
        return Optional.of(Proof.apply(map, () -> used(volume, superblock)));
    }

    private static ExtentSet used(BlockDevice volume, Superblock superblock) throws IOException, UnprovenException {
        superblock.check(volume);
        Checkpoint checkpoint = Checkpoint.newest(volume, superblock);
        checkpoint.checkClean();
        FreeRuns free = new FreeRuns();
        addSegments(volume, superblock, checkpoint, free);
        return free.used(volume.size());
    }

    private static void addSegments(BlockDevice volume, Superblock superblock, Checkpoint checkpoint, FreeRuns free)
            throws IOException, UnprovenException {
        BitSet secondCopies = checkpoint.sitBitmap();
        Map<Integer, byte[]> journal = checkpoint.sitJournal();
        ByteReader table = null;
        long validBlocks = 0;
        long nodeBlocks = 0;
        long freeSegments = 0;
        for (int segment = 0; segment < superblock.mainSegments; segment++) {
            int inBlock = segment % Checkpoint.SIT_ENTRIES_PER_BLOCK;
            if (table == null || inBlock == 0) {
                table = sitBlock(volume, superblock, secondCopies, segment / Checkpoint.SIT_ENTRIES_PER_BLOCK);
            }
            byte[] entry = journal.containsKey(segment)
                    ? journal.get(segment)
                    : table.seek((long) inBlock * Checkpoint.SIT_ENTRY).readBytes(Checkpoint.SIT_ENTRY);
            int valid = addSegment(superblock, segment, entry, free);
            validBlocks += valid;
            nodeBlocks += isNodeSegment(entry) ? valid : 0;
            if (valid == 0 && !checkpoint.isCurrent(segment)) {
                freeSegments++;
            }
        }
        // Blocks that fallocate promised count as valid, but have no place yet.
        if (validBlocks > checkpoint.validBlocks()
                || nodeBlocks != checkpoint.validNodes()
                || freeSegments != checkpoint.freeSegments()) {
            throw new UnprovenException(
                    Reason.DAMAGED,
                    "%d blocks are used, %d of them for nodes, and %d segments are free, the checkpoint says %d, %d and %d"
                            .formatted(
                                    validBlocks,
                                    nodeBlocks,
                                    freeSegments,
                                    checkpoint.validBlocks(),
                                    checkpoint.validNodes(),
                                    checkpoint.freeSegments()));
        }
    }

    private static ByteReader sitBlock(BlockDevice volume, Superblock superblock, BitSet secondCopies, int number)
            throws IOException {
        long address = superblock.sitStart + number + (secondCopies.get(number) ? superblock.sitBlocks : 0);
        return ByteReader.read(volume, address * BLOCK, BLOCK, ByteOrder.LITTLE_ENDIAN);
    }

    private static boolean isNodeSegment(byte[] entry) {
        int kind = (entry[1] & 0xFF) >> 2;
        return kind >= FIRST_NODE_KIND && kind <= LAST_NODE_KIND;
    }

    /** Adds the free blocks of a segment, and returns how many are used. */
    private static int addSegment(Superblock superblock, int segment, byte[] entry, FreeRuns free)
            throws UnprovenException {
        int stated = ((entry[0] & 0xFF) | (entry[1] & 0xFF) << 8) & COUNT_MASK;
        long first = superblock.mainStart + (long) segment * BLOCKS_PER_SEGMENT;
        ByteBuffer blocks = MsbFirstBitmap.reversed(Arrays.copyOfRange(entry, 2, 2 + BITMAP));
        int count = BLOCKS_PER_SEGMENT - (int) free.addClear(blocks, BLOCKS_PER_SEGMENT, first * BLOCK, BLOCK);
        if (count != stated) {
            throw new UnprovenException(
                    Reason.DAMAGED, "segment " + segment + " has " + count + " used blocks, but says " + stated);
        }
        return count;
    }
}

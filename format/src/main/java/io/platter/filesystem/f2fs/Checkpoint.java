package io.platter.filesystem.f2fs;

import static io.platter.filesystem.f2fs.Superblock.BLOCK;
import static io.platter.filesystem.f2fs.Superblock.BLOCKS_PER_SEGMENT;

import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.bytes.SeededCrc;
import io.platter.filesystem.kit.MsbFirstBitmap;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * A checkpoint of F2FS: a state to which the filesystem can return. There are two; each begins and ends with the same
 * block, and the younger one counts.
 *
 * <p>Source: Linux {@code include/linux/f2fs_fs.h}, {@code struct f2fs_checkpoint}, {@code f2fs_summary_block} and
 * {@code f2fs_sit_journal}; {@code fs/f2fs/checkpoint.c} and {@code segment.c} for where they stand.
 */
final class Checkpoint {
    static final int SIT_ENTRY = 74;
    static final int SIT_ENTRIES_PER_BLOCK = BLOCK / SIT_ENTRY;

    static final int UNMOUNTED = 0x1;
    private static final int COMPACT_SUMMARIES = 0x4;
    private static final int LARGE_NAT_BITMAP = 0x400;
    /** Orphans, compact summaries, fast boot, and how nodes and bitmaps are written: nothing that needs a repair. */
    private static final int HARMLESS =
            UNMOUNTED | 0x2 | COMPACT_SUMMARIES | 0x20 | 0x40 | 0x80 | 0x100 | 0x200 | 0x400;

    private static final int BITMAPS = 192;
    private static final int CRC_AT_END = BLOCK - 4;
    /** The journal of a summary block stands after 512 summaries of 7 bytes. */
    private static final int JOURNAL = 512 * 7;

    private static final int JOURNAL_SIZE = BLOCK - JOURNAL - 5;
    private static final int JOURNAL_ENTRY = 4 + SIT_ENTRY;
    private static final int COLD_DATA = 2;
    private static final int WARM_NODE = 1;
    private static final int NODE_FOOTER = BLOCK - 24;

    private final BlockDevice volume;
    private final Superblock superblock;
    private final long start;
    private final byte[] bytes;
    private final ByteReader in;

    private Checkpoint(BlockDevice volume, Superblock superblock, long start, byte[] bytes) {
        this.volume = volume;
        this.superblock = superblock;
        this.start = start;
        this.bytes = bytes;
        this.in = reader(bytes, start);
    }

    /**
     * Returns the younger of the two checkpoints.
     *
     * @throws UnprovenException if one of them is not valid: a mount would take the other, but it may be the older one
     */
    static Checkpoint newest(BlockDevice volume, Superblock superblock) throws IOException, UnprovenException {
        Checkpoint first = at(volume, superblock, superblock.checkpointStart);
        Checkpoint second = at(volume, superblock, superblock.checkpointStart + BLOCKS_PER_SEGMENT);
        return second.version() - first.version() > 0 ? second : first;
    }

    private static Checkpoint at(BlockDevice volume, Superblock superblock, long start)
            throws IOException, UnprovenException {
        Checkpoint head = new Checkpoint(volume, superblock, start, block(volume, start));
        long blocks = head.blocks();
        if (head.checksumMatches() && blocks > 2 && blocks <= BLOCKS_PER_SEGMENT) {
            byte[] tail = block(volume, start + blocks - 1);
            if (Arrays.equals(head.bytes, tail)) {
                return head;
            }
        }
        throw new UnprovenException(Reason.CHECKSUM, "the checkpoint at block " + start + " is not valid");
    }

    private boolean checksumMatches() throws CorruptImageException {
        int offset = in.seek(164).readI32();
        if (offset < BITMAPS || offset > CRC_AT_END) {
            return false;
        }
        SeededCrc crc = SeededCrc.crc32(Superblock.MAGIC).update(ByteBuffer.wrap(bytes, 0, offset));
        if (offset < CRC_AT_END) {
            crc.update(ByteBuffer.wrap(bytes, offset + 4, CRC_AT_END - offset));
        }
        return in.seek(offset).readI32() == crc.value();
    }

    private long version() throws CorruptImageException {
        return in.seek(0).readI64();
    }

    private int flags() throws CorruptImageException {
        return in.seek(132).readI32();
    }

    private long blocks() throws CorruptImageException {
        return in.seek(136).readU32();
    }

    /** Returns how many blocks of the main area are used or promised. */
    long validBlocks() throws CorruptImageException {
        return in.seek(16).readI64();
    }

    /** Returns how many blocks of the main area hold nodes; Linux mounts only if the segment table says the same. */
    long validNodes() throws CorruptImageException {
        return in.seek(144).readU32();
    }

    /** Returns how many segments hold nothing and are not about to be written to. */
    long freeSegments() throws CorruptImageException {
        return in.seek(32).readU32();
    }

    /** Tells whether a segment is one of those that are written to next. */
    boolean isCurrent(int segment) throws CorruptImageException {
        for (int log = 0; log < 3; log++) {
            if (in.seek(36 + 4L * log).readI32() == segment
                    || in.seek(84 + 4L * log).readI32() == segment) {
                return true;
            }
        }
        return false;
    }

    /** Checks that this checkpoint says all: nothing was written after it that a mount would find. */
    void checkClean() throws IOException, UnprovenException {
        int flags = flags();
        if ((flags & UNMOUNTED) == 0 || (flags & ~HARMLESS) != 0) {
            throw new UnprovenException(Reason.NOT_CLEAN, "the checkpoint has the flags 0x%x".formatted(flags));
        }
        // A mount looks at this block too, even after a clean unmount: fsync after the next mount writes it first.
        long segment = in.seek(36 + 4 * WARM_NODE).readU32();
        long offset = in.seek(68 + 2 * WARM_NODE).readU16();
        if (segment < superblock.mainSegments && offset < BLOCKS_PER_SEGMENT) {
            long next = superblock.mainStart + segment * BLOCKS_PER_SEGMENT + offset;
            int nodeVersion =
                    reader(block(volume, next), next).seek(NODE_FOOTER + 12).readI32();
            if (nodeVersion == (int) version()) {
                throw new UnprovenException(Reason.JOURNAL_DIRTY, "a node at block " + next + " waits for recovery");
            }
        }
    }

    /** Returns of which blocks of the segment table the second copy counts. */
    BitSet sitBitmap() throws IOException {
        return BitSet.valueOf(MsbFirstBitmap.reversed(sitBitmapBytes()));
    }

    private byte[] sitBitmapBytes() throws IOException {
        long size = in.seek(156).readU32();
        long natSize = in.readU32();
        if (size != superblock.sitBlocks / 8) {
            throw in.corrupt(156, "bitmap of " + size + " bytes for " + superblock.sitBlocks + " blocks");
        }
        if ((flags() & LARGE_NAT_BITMAP) != 0) {
            return in.seek(BITMAPS + 4 + natSize).readBytes((int) size);
        }
        if (superblock.checkpointPayload == 0) {
            return in.seek(BITMAPS).readBytes((int) size);
        }
        if (superblock.checkpointPayload >= blocks() || size > superblock.checkpointPayload * BLOCK) {
            throw in.corrupt(156, "bitmap of " + size + " bytes in " + superblock.checkpointPayload + " blocks");
        }
        return ByteReader.read(volume, (start + 1) * BLOCK, (int) size, ByteOrder.LITTLE_ENDIAN)
                .readBytes((int) size);
    }

    /** Returns the entries of the segment table that are younger than the table, by segment. */
    Map<Integer, byte[]> sitJournal() throws IOException {
        ByteReader summaries = (flags() & COMPACT_SUMMARIES) != 0
                ? summaryBlock(in.seek(140).readU32()).seek(JOURNAL_SIZE)
                : summaryBlock(blocks() - 7 + COLD_DATA).seek(JOURNAL);
        int count = summaries.readU16();
        if (count > (JOURNAL_SIZE - 2) / JOURNAL_ENTRY) {
            throw summaries.corrupt(summaries.position() - 2, "journal with " + count + " entries");
        }
        Map<Integer, byte[]> entries = new HashMap<>();
        for (int i = 0; i < count; i++) {
            int segment = summaries.readI32();
            if (segment < 0 || segment >= superblock.mainSegments) {
                throw summaries.corrupt(summaries.position() - 4, "journal entry for segment " + segment);
            }
            entries.put(segment, summaries.readBytes(SIT_ENTRY));
        }
        return entries;
    }

    private ByteReader summaryBlock(long number) throws IOException {
        if (number < 1 || number >= blocks() - 1) {
            throw in.corrupt(140, "summaries in block " + number + " of " + blocks());
        }
        return reader(block(volume, start + number), start + number);
    }

    private ByteReader reader(byte[] block, long address) {
        return ByteReader.of(ByteBuffer.wrap(block), ByteOrder.LITTLE_ENDIAN, volume.name(), address * BLOCK);
    }

    private static byte[] block(BlockDevice volume, long address) throws IOException {
        return ByteReader.read(volume, address * BLOCK, BLOCK, ByteOrder.LITTLE_ENDIAN)
                .readBytes(BLOCK);
    }
}

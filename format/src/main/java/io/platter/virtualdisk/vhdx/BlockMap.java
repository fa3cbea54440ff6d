package io.platter.virtualdisk.vhdx;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.bytes.LruCache;
import io.platter.virtualdisk.spi.DiskMap;
import io.platter.virtualdisk.spi.OverlapGuard;
import io.platter.virtualdisk.spi.Run;
import io.platter.virtualdisk.spi.TableCache;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;

/**
 * The BAT of a VHDX file. After the entries of each chunk of payload blocks stands that of the chunk's sector bitmap
 * block, which counts in a differencing disk only.
 *
 * <p>Safe for use by several threads.
 */
final class BlockMap implements DiskMap {
    private static final int CACHED_BITMAPS = 64;
    /** How many MiB at most are claimed at once, and how many entries. */
    private static final int CLAIMED_MIB = 8192;

    private static final int CLAIMED_ENTRIES = 512;

    private final BlockDevice file;
    private final Metadata metadata;
    private final Regions.Region bat;
    private final long blockSize;
    private final long chunkRatio;
    private final int sectorSize;
    private final long blocks;
    private final int claimedEntries;
    private final TableCache table;
    private final LruCache<BitSet> bitmaps;
    private final OverlapGuard claims;

    private BlockMap(BlockDevice file, Metadata metadata, Regions.Region bat) {
        this.file = file;
        this.metadata = metadata;
        this.bat = bat;
        this.blockSize = metadata.blockSize();
        this.sectorSize = metadata.logicalSectorSize();
        this.blocks = (metadata.diskSize() + blockSize - 1) / blockSize;
        this.chunkRatio = Layout.chunkRatio(metadata.blockSize(), sectorSize);
        this.claimedEntries = (int) Math.min(CLAIMED_ENTRIES, CLAIMED_MIB / (blockSize / Layout.MIB));
        this.table = new TableCache(file, ByteOrder.LITTLE_ENDIAN);
        this.bitmaps = new LruCache<>(CACHED_BITMAPS, this::readBitmap);
        this.claims = new OverlapGuard(file.name());
    }

    /** Returns the map of a file whose log is replayed. */
    static BlockMap open(OpenFile vhdx) throws IOException {
        BlockMap map =
                new BlockMap(vhdx.bytes(), vhdx.metadata(), vhdx.regions().bat());
        if (map.blocks > 0 && map.entryIndex(map.blocks - 1) >= map.bat.length() / Long.BYTES) {
            throw map.corrupt(
                    map.bat.entryOffset(),
                    "BAT of " + map.bat.length() + " bytes for " + map.blocks + " blocks of " + map.blockSize
                            + " bytes");
        }
        Header header = vhdx.header();
        Regions.Region metadataRegion = vhdx.regions().metadata();
        map.claims.once(0, places -> {
            addMib(places, 0, Layout.MIB, 0);
            addMib(places, header.logOffset(), header.logLength(), header.fileOffset());
            addMib(places, map.bat.offset(), map.bat.length(), map.bat.entryOffset());
            addMib(places, metadataRegion.offset(), metadataRegion.length(), metadataRegion.entryOffset());
        });
        return map;
    }

    @Override
    public Run runAt(long diskOffset) throws IOException {
        long block = diskOffset / blockSize;
        long start = block * blockSize;
        long length = Math.min(blockSize, metadata.diskSize() - start);
        long index = entryIndex(block);
        long entry = entry(index);
        int state = (int) (entry & Layout.STATE_MASK);
        return switch (state) {
            case Layout.BLOCK_NOT_PRESENT -> Run.empty(start, length, Run.Kind.PARENT);
            // Whatever the parent has: these were overwritten, or given up, and may be zeros.
            case Layout.BLOCK_UNDEFINED, Layout.BLOCK_UNMAPPED -> Run.empty(start, length, Run.Kind.HOLE);
            case Layout.BLOCK_ZERO -> Run.empty(start, length, Run.Kind.ZERO);
            case Layout.BLOCK_FULLY_PRESENT -> stored(start, length, entry, index);
            case Layout.BLOCK_PARTIALLY_PRESENT -> {
                if (metadata.parent() == null) {
                    throw corrupt(offsetOf(index), "a block that is partly a parent's in a disk without a parent");
                }
                yield stored(start, length, entry, index).sectors(bitmaps.get(block), sectorSize, diskOffset);
            }
            default -> throw corrupt(offsetOf(index), "block state " + state);
        };
    }

    /** Returns the number of a payload block's entry. */
    private long entryIndex(long block) {
        return block + block / chunkRatio;
    }

    private long offsetOf(long index) {
        return bat.offset() + Long.BYTES * index;
    }

    private long entry(long index) throws IOException {
        if (index >= bat.length() / Long.BYTES) {
            throw corrupt(bat.entryOffset(), "BAT of " + bat.length() + " bytes without its entry " + index);
        }
        long group = index / claimedEntries;
        claims.once((int) group + 1, places -> listBlocks(places, group * claimedEntries));
        long entry = table.readI64(offsetOf(index));
        if ((entry & Layout.ENTRY_RESERVED) != 0) {
            throw corrupt(offsetOf(index), "BAT entry " + Long.toHexString(entry));
        }
        return entry;
    }

    private Run stored(long start, long length, long entry, long index) throws IOException {
        long fileOffset = fileOffset(entry, length, index);
        Extent known = file.extentAt(fileOffset);
        // A log can make a short file so long that its disk has data without end; but all of it zeros.
        return known.kind() != ExtentKind.DATA && known.length() >= length
                ? Run.empty(start, length, Run.Kind.ZERO)
                : Run.stored(start, length, file, fileOffset);
    }

    private long fileOffset(long entry, long length, long index) throws CorruptImageException {
        long mib = entry >>> Layout.OFFSET_SHIFT;
        if (mib > file.size() / Layout.MIB || mib * Layout.MIB > file.size() - length) {
            throw corrupt(
                    offsetOf(index),
                    "block of " + length + " bytes at MiB " + mib + " of a file of " + file.size() + " bytes");
        }
        return mib * Layout.MIB;
    }

    /** Reads which sectors of a block are in this file: one bit each, the lowest first. */
    private BitSet readBitmap(long block) throws IOException {
        long index = block / chunkRatio * (chunkRatio + 1) + chunkRatio;
        long entry = entry(index);
        if ((entry & Layout.STATE_MASK) != Layout.BLOCK_FULLY_PRESENT) {
            throw corrupt(offsetOf(index), "no sector bitmap for block " + block);
        }
        int bitmapLength = (int) (blockSize / sectorSize / Byte.SIZE);
        ByteBuffer bytes = ByteBuffer.allocate(bitmapLength);
        file.read(bytes, fileOffset(entry, Layout.MIB, index) + block % chunkRatio * bitmapLength);
        return BitSet.valueOf(bytes.flip());
    }

    private void listBlocks(OverlapGuard.Places places, long first) throws IOException {
        long end = Math.min(bat.length() / Long.BYTES, first + claimedEntries);
        for (long index = first; index < end; index++) {
            long entry = table.readI64(offsetOf(index));
            boolean isBitmap = index % (chunkRatio + 1) == chunkRatio;
            int state = (int) (entry & Layout.STATE_MASK);
            boolean isThere = isBitmap
                    ? metadata.parent() != null && state == Layout.BLOCK_FULLY_PRESENT
                    : index < entryIndex(blocks)
                            && (state == Layout.BLOCK_FULLY_PRESENT || state == Layout.BLOCK_PARTIALLY_PRESENT);
            long mib = entry >>> Layout.OFFSET_SHIFT;
            // A block past the end of the file is refused when it is touched.
            if (isThere && mib < file.size() / Layout.MIB) {
                addMib(places, mib * Layout.MIB, isBitmap ? Layout.MIB : blockSize, offsetOf(index));
            }
        }
    }

    /** Adds each MiB of a range, so that ranges of any length are found to overlap. */
    private static void addMib(OverlapGuard.Places places, long fileOffset, long length, long entryOffset) {
        for (long mib = fileOffset / Layout.MIB; mib < (fileOffset + length) / Layout.MIB; mib++) {
            places.add(mib, entryOffset);
        }
    }

    private CorruptImageException corrupt(long fileOffset, String detail) {
        return new CorruptImageException(file.name(), fileOffset, detail);
    }
}

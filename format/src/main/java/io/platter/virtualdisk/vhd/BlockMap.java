package io.platter.virtualdisk.vhd;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
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
 * The BAT of a dynamic or differencing VHD file.
 *
 * <p>Only in a differencing disk do the bitmaps count: a sector whose bit is not set is the parent's. Safe for use by
 * several threads.
 */
final class BlockMap implements DiskMap {
    /** How many entries are claimed at once. */
    private static final int CLAIMED_ENTRIES = 1024;

    private static final int CACHED_BITMAPS = 64;

    private final BlockDevice file;
    private final Header header;
    private final long diskSize;
    private final long blockSize;
    private final int bitmapLength;
    private final boolean differencing;
    private final TableCache table;
    private final LruCache<BitSet> bitmaps;
    private final OverlapGuard claims;

    BlockMap(BlockDevice file, Footer footer, Header header) {
        this.file = file;
        this.header = header;
        this.diskSize = footer.diskSize();
        this.blockSize = header.blockSize();
        this.bitmapLength = Layout.bitmapLength(blockSize);
        this.differencing = footer.type() == Layout.TYPE_DIFFERENCING;
        this.table = new TableCache(file, ByteOrder.BIG_ENDIAN);
        this.bitmaps = new LruCache<>(CACHED_BITMAPS, this::readBitmap);
        this.claims = new OverlapGuard(file.name());
    }

    @Override
    public Run runAt(long diskOffset) throws IOException {
        long block = diskOffset / blockSize;
        long group = block / CLAIMED_ENTRIES;
        claims.once((int) group, places -> listBlocks(places, group * CLAIMED_ENTRIES));
        long start = block * blockSize;
        long length = Math.min(blockSize, diskSize - start);
        long entryOffset = header.tableOffset() + 4 * block;
        int entry = table.readI32(entryOffset);
        if (entry == Layout.BLOCK_ABSENT) {
            return Run.empty(start, length, Run.Kind.PARENT);
        }
        long fileOffset = Integer.toUnsignedLong(entry) * Layout.SECTOR;
        if (fileOffset > file.size() - bitmapLength - length) {
            throw new CorruptImageException(
                    file.name(),
                    entryOffset,
                    "block at offset " + fileOffset + " of a file of " + file.size() + " bytes");
        }
        Run stored = Run.stored(start, length, file, fileOffset + bitmapLength);
        return differencing ? stored.sectors(bitmaps.get(fileOffset), Layout.SECTOR, diskOffset) : stored;
    }

    /** Reads the bitmap before a block, whose first sector is the highest bit of the first byte. */
    private BitSet readBitmap(long fileOffset) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(bitmapLength);
        file.read(bytes, fileOffset);
        for (int i = 0; i < bitmapLength; i++) {
            bytes.put(i, (byte) (Integer.reverse(bytes.get(i)) >>> 24));
        }
        return BitSet.valueOf(bytes.flip());
    }

    private void listBlocks(OverlapGuard.Places places, long first) throws IOException {
        long sectorsInBlock = (bitmapLength + blockSize) / Layout.SECTOR;
        for (long block = first; block < Math.min(header.entries(), first + CLAIMED_ENTRIES); block++) {
            long entryOffset = header.tableOffset() + 4 * block;
            int entry = table.readI32(entryOffset);
            if (entry != Layout.BLOCK_ABSENT) {
                // Blocks that do not overlap start at least a block's length apart, so these numbers differ.
                places.add(Integer.toUnsignedLong(entry) / sectorsInBlock, entryOffset);
            }
        }
    }
}

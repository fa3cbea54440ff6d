package io.platter.virtualdisk.vdi;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import io.platter.virtualdisk.spi.DiskMap;
import io.platter.virtualdisk.spi.OverlapGuard;
import io.platter.virtualdisk.spi.Run;
import io.platter.virtualdisk.spi.TableCache;
import java.io.IOException;
import java.nio.ByteOrder;

/** The map of a VDI file, dynamic or static. Safe for use by several threads. */
final class BlockMap implements DiskMap {
    private static final int MAX_BLOCK_SIZE = 1 << 28;
    /** How many entries are claimed at once. */
    private static final int CLAIMED_ENTRIES = 1024;

    private final BlockDevice file;
    private final long mapOffset;
    private final long dataOffset;
    private final long diskSize;
    private final long blockSize;
    private final long blocks;
    private final TableCache table;
    private final OverlapGuard claims;

    private BlockMap(BlockDevice file, long mapOffset, long dataOffset, long diskSize, long blockSize, long blocks) {
        this.file = file;
        this.mapOffset = mapOffset;
        this.dataOffset = dataOffset;
        this.diskSize = diskSize;
        this.blockSize = blockSize;
        this.blocks = blocks;
        this.table = new TableCache(file, ByteOrder.LITTLE_ENDIAN);
        this.claims = new OverlapGuard(file.name());
    }

    /** Reads the header. */
    static BlockMap read(BlockDevice file) throws IOException {
        ByteReader header = ByteReader.read(file, 0, Layout.HEADER_END, ByteOrder.LITTLE_ENDIAN);
        int signature = header.seek(Layout.SIGNATURE_OFFSET).readI32();
        if (signature != Layout.SIGNATURE) {
            throw header.corrupt(
                    Layout.SIGNATURE_OFFSET, "signature " + Integer.toHexString(signature) + ", expected beda107f");
        }
        int version = header.readI32();
        if (version != Layout.VERSION_1_1) {
            throw new UnsupportedImageException(file.name(), "VDI version " + Integer.toHexString(version));
        }
        header.skip(4);
        checkType(file, header);
        header.seek(Layout.MAP_OFFSET_OFFSET);
        long mapOffset = header.readU32();
        long dataOffset = header.readU32();
        header.seek(Layout.SECTOR_SIZE_OFFSET);
        long sectorSize = header.readU32();
        if (sectorSize != 512) {
            throw header.corrupt(Layout.SECTOR_SIZE_OFFSET, "sector size " + sectorSize + ", expected 512");
        }
        header.seek(Layout.DISK_SIZE_OFFSET);
        long diskSize = header.readU63("disk size");
        long blockSize = header.readU32();
        long blockExtra = header.readU32();
        long blocks = header.readU32();
        checkSizes(header, diskSize, blockSize, blockExtra, blocks);
        if (mapOffset % 4 != 0 || mapOffset < Layout.HEADER_END || mapOffset > file.size() - 4 * blocks) {
            throw header.corrupt(Layout.MAP_OFFSET_OFFSET, "map of " + blocks + " blocks at offset " + mapOffset);
        }
        if (dataOffset < Layout.HEADER_END) {
            throw header.corrupt(Layout.MAP_OFFSET_OFFSET + 4, "data at offset " + dataOffset);
        }
        return new BlockMap(file, mapOffset, dataOffset, diskSize, blockSize, blocks);
    }

    private static void checkType(BlockDevice file, ByteReader header) throws IOException {
        long type = header.readU32();
        if (type != Layout.TYPE_DYNAMIC && type != Layout.TYPE_STATIC) {
            throw new UnsupportedImageException(file.name(), "VDI type " + type + ", a disk upon another one");
        }
    }

    private static void checkSizes(ByteReader header, long diskSize, long blockSize, long blockExtra, long blocks)
            throws CorruptImageException {
        int offset = Layout.DISK_SIZE_OFFSET;
        if (blockSize < 512 || blockSize > MAX_BLOCK_SIZE || Long.bitCount(blockSize) != 1) {
            throw header.corrupt(offset + 8, "block size " + blockSize + ", expected a power of two from 512 to 2^28");
        }
        if (blockExtra != 0) {
            throw header.corrupt(offset + 12, blockExtra + " extra bytes in each block, expected 0");
        }
        if (blocks > Layout.MAX_BLOCKS || diskSize > blocks * blockSize) {
            throw header.corrupt(
                    offset + 16, blocks + " blocks of " + blockSize + " bytes for a disk of " + diskSize + " bytes");
        }
    }

    long blockSize() {
        return blockSize;
    }

    long diskSize() {
        return diskSize;
    }

    @Override
    public Run runAt(long diskOffset) throws IOException {
        long block = diskOffset / blockSize;
        long group = block / CLAIMED_ENTRIES;
        claims.once((int) group, places -> listBlocks(places, group * CLAIMED_ENTRIES));
        long start = block * blockSize;
        long length = Math.min(blockSize, diskSize - start);
        int entry = table.readI32(mapOffset + 4 * block);
        if (entry == Layout.BLOCK_FREE || entry == Layout.BLOCK_ZERO) {
            return Run.empty(start, length, entry == Layout.BLOCK_FREE ? Run.Kind.HOLE : Run.Kind.ZERO);
        }
        long fileOffset = dataOffset + Integer.toUnsignedLong(entry) * blockSize;
        if (fileOffset > file.size() - length) {
            throw new CorruptImageException(
                    file.name(),
                    mapOffset + 4 * block,
                    "block at offset " + fileOffset + " of a file of " + file.size() + " bytes");
        }
        return Run.stored(start, length, file, fileOffset);
    }

    private void listBlocks(OverlapGuard.Places places, long first) throws IOException {
        for (long block = first; block < Math.min(blocks, first + CLAIMED_ENTRIES); block++) {
            long entry = table.readU32(mapOffset + 4 * block);
            if (entry < Integer.toUnsignedLong(Layout.BLOCK_ZERO)) {
                places.add(entry, mapOffset + 4 * block);
            }
        }
    }
}

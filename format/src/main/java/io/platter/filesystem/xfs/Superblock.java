package io.platter.filesystem.xfs;

import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The superblock of XFS, whose first copy stands in the first sector of the volume.
 *
 * <p>Names and places are those of {@code struct xfs_dsb} in "XFS Algorithms &amp; Data Structures", without the {@code
 * sb_} in front.
 */
final class Superblock {
    private static final int MAGIC = 0x58465342; // XFSB
    private static final int VERSION_5 = 5;
    private static final int CRC_AT = 224;
    private static final int MIN_SECTOR = 512;
    private static final int MAX_SECTOR = 32768;
    private static final int MIN_AG_BLOCKS = 64;
    /** Blocks of 64 KiB with inodes of 256 bytes. */
    private static final int MAX_INODES_PER_BLOCK_LOG = 8;

    private static final long MAX_AG_SIZE = 1L << 40;

    /** FINOBT, RMAPBT, REFLINK, INOBTCNT. */
    private static final int RO_COMPAT_KNOWN = 0xF;

    /** Of the root directory, the bitmap and summary of the realtime section, and quotas; 0 or −1 if there is none. */
    private static final int[] OWN_INODES_AT = {56, 64, 72, 160, 168, 232};

    private static final int INCOMPAT_META_UUID = 0x4;
    private static final int INCOMPAT_NEEDSREPAIR = 0x10;
    /** FTYPE, SPINODES, META_UUID, BIGTIME, NEEDSREPAIR, NREXT64, EXCHRANGE, PARENT. */
    private static final int INCOMPAT_KNOWN = 0xFF;

    /** XATTRS. */
    private static final int LOG_INCOMPAT_KNOWN = 0x1;

    private final ByteBuffer sector;
    private final String device;
    private final int version;
    private final long rtExtents;
    private final int agBlockLog;
    private final int inodesPerBlockLog;
    private final boolean inProgress;
    private final int incompat;

    final int blockSize;
    final long dataBlocks;
    /** How many blocks are free, those set aside for trees and those of trees that track free space among them. */
    final long freeBlocks;

    final byte[] uuid;
    final long logStart;
    final long agBlocks;
    final long agCount;
    final long logBlocks;
    final int sectorSize;
    final String fsName;

    private Superblock(BlockDevice volume, ByteBuffer sector) throws CorruptImageException {
        this.sector = sector;
        device = volume.name();
        ByteReader in = ByteReader.of(sector, ByteOrder.BIG_ENDIAN, device, 0).skip(4);
        blockSize = in.readI32();
        dataBlocks = in.readI64();
        rtExtents = in.skip(Long.BYTES).readI64();
        uuid = in.readBytes(16);
        logStart = in.readI64();
        agBlocks = in.seek(84).readU32();
        agCount = in.readU32();
        logBlocks = in.seek(96).readU32();
        version = in.readU16() & 0xF;
        sectorSize = in.readU16();
        fsName = in.seek(108).readText(12, StandardCharsets.UTF_8);
        inodesPerBlockLog = in.seek(123).readU8();
        agBlockLog = in.readU8();
        inProgress = in.seek(126).readU8() != 0;
        freeBlocks = in.seek(144).readI64();
        incompat = in.seek(216).readI32();
    }

    /** Returns the superblock of a volume, if there is one. */
    static Optional<Superblock> read(BlockDevice volume) throws IOException {
        if (volume.size() < MIN_SECTOR || read(volume, MIN_SECTOR).getInt(0) != MAGIC) {
            return Optional.empty();
        }
        return Optional.of(new Superblock(volume, read(volume, (int) Math.min(MAX_SECTOR, volume.size()))));
    }

    private static ByteBuffer read(BlockDevice volume, int length) throws IOException {
        ByteBuffer sector = ByteBuffer.allocate(length);
        volume.read(sector, 0);
        return sector.flip();
    }

    /** Returns the identity that all structures carry; it stays when the user gives the filesystem another one. */
    byte[] metaUuid() {
        byte[] result = uuid.clone();
        if ((incompat & INCOMPAT_META_UUID) != 0) {
            sector.get(248, result);
        }
        return result;
    }

    /** Checks that this version knows all features, and that the superblock is sound and fits the volume. */
    void check(long volumeSize) throws CorruptImageException, UnprovenException {
        if (version != VERSION_5) {
            throw new UnprovenException(
                    Reason.UNKNOWN_FEATURE, "version " + version + ", whose structures have no checksums");
        }
        if (!isPowerOfTwo(sectorSize, MIN_SECTOR, MAX_SECTOR) || sectorSize > sector.limit()) {
            throw new CorruptImageException(device, 102, "sectors of " + sectorSize + " bytes");
        }
        checkChecksum(sector.slice(0, sectorSize), CRC_AT, "superblock");
        checkFeatures();
        checkGeometry();
        if (dataBlocks > volumeSize / blockSize) {
            throw new UnprovenException(
                    Reason.TRUNCATED,
                    "the filesystem has " + dataBlocks + " blocks of " + blockSize + " bytes, the volume has "
                            + volumeSize + " bytes");
        }
        if (inProgress) {
            throw new UnprovenException(Reason.NOT_CLEAN, "the filesystem was not made to the end");
        }
    }

    private void checkFeatures() throws UnprovenException {
        int unknownRoCompat = sector.getInt(212) & ~RO_COMPAT_KNOWN;
        int unknownIncompat = incompat & ~INCOMPAT_KNOWN;
        int unknownLog = sector.getInt(220) & ~LOG_INCOMPAT_KNOWN;
        if ((unknownRoCompat | unknownIncompat | unknownLog) != 0) {
            throw new UnprovenException(
                    Reason.UNKNOWN_FEATURE,
                    "unknown features ro_compat 0x%x, incompat 0x%x, log_incompat 0x%x"
                            .formatted(unknownRoCompat, unknownIncompat, unknownLog));
        }
        if ((incompat & INCOMPAT_NEEDSREPAIR) != 0) {
            throw new UnprovenException(Reason.NOT_CLEAN, "the filesystem is marked to need repair");
        }
        if (logStart == 0) {
            throw new UnprovenException(Reason.MULTIPLE_DEVICES, "the log is on another device");
        }
        if (rtExtents != 0) {
            throw new UnprovenException(Reason.MULTIPLE_DEVICES, "the realtime section is on another device");
        }
    }

    private void checkGeometry() throws CorruptImageException {
        boolean sound = isPowerOfTwo(blockSize, 1024, 65536)
                && agBlocks >= MIN_AG_BLOCKS
                && agBlocks <= MAX_AG_SIZE / blockSize
                && dataBlocks > 0
                && inodesPerBlockLog <= MAX_INODES_PER_BLOCK_LOG
                && agBlockLog == Long.SIZE - Long.numberOfLeadingZeros(agBlocks - 1)
                && agCount > 0
                && dataBlocks > (agCount - 1) * agBlocks
                && dataBlocks <= agCount * agBlocks
                && logBlocks > 0
                && logAgBlock() + logBlocks <= agLength(logStart >>> agBlockLog);
        if (!sound) {
            throw new CorruptImageException(
                    device,
                    0,
                    "superblock of %d blocks of %d bytes in %d groups of %d, log of %d blocks at %d contradicts itself"
                            .formatted(dataBlocks, blockSize, agCount, agBlocks, logBlocks, logStart));
        }
    }

    private static boolean isPowerOfTwo(int value, int min, int max) {
        return value >= min && value <= max && Integer.bitCount(value) == 1;
    }

    /** Returns the number of blocks of an allocation group, or 0 if there is no such group. */
    long agLength(long ag) {
        return ag < 0 || ag >= agCount ? 0 : Math.min(agBlocks, dataBlocks - ag * agBlocks);
    }

    /** Returns where a block of an allocation group stands, in bytes. */
    long offset(long ag, long agBlock) {
        return (ag * agBlocks + agBlock) * blockSize;
    }

    /**
     * Returns where the blocks stand in which the inodes are that the superblock names, in bytes.
     *
     * @throws CorruptImageException if one is not inside the filesystem
     */
    List<Long> ownInodeOffsets() throws CorruptImageException {
        List<Long> offsets = new ArrayList<>();
        for (int at : OWN_INODES_AT) {
            long number = sector.getLong(at);
            long ag = number >>> (inodesPerBlockLog + agBlockLog);
            long agBlock = number >>> inodesPerBlockLog & (1L << agBlockLog) - 1;
            if (number > 0 && agBlock >= agLength(ag)) {
                throw new CorruptImageException(device, at, "inode " + number + " in group " + ag + " of " + agCount);
            }
            if (number > 0) {
                offsets.add(offset(ag, agBlock));
            }
        }
        return offsets;
    }

    /** Returns where the log starts, in bytes. */
    long logOffset() {
        return offset(logStart >>> agBlockLog, logAgBlock());
    }

    private long logAgBlock() {
        return logStart & (1L << agBlockLog) - 1;
    }

    /** Checks a structure whose checksum stands inside it, lowest byte first, and counts as zeros in it. */
    static void checkChecksum(ByteBuffer bytes, int crcAt, String what) throws UnprovenException {
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(0, crcAt));
        crc.update(new byte[Integer.BYTES]);
        crc.update(bytes.slice(crcAt + Integer.BYTES, bytes.limit() - crcAt - Integer.BYTES));
        int stored = Integer.reverseBytes(bytes.getInt(crcAt));
        if (stored != (int) crc.getValue()) {
            throw new UnprovenException(
                    Reason.CHECKSUM, "%s: stored %08x, computed %08x".formatted(what, stored, (int) crc.getValue()));
        }
    }

    /** Tells whether a structure carries this filesystem's identity at a place. */
    boolean owns(ByteBuffer bytes, int uuidAt) {
        byte[] found = new byte[16];
        bytes.get(uuidAt, found);
        return Arrays.equals(found, metaUuid());
    }
}

package io.platter.filesystem.hfsplus;

import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentSet;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.UUID;

/**
 * The volume header of HFS+ and HFSX, at 1024 bytes.
 *
 * <p>Source: Apple TN1150, "Volume Header" and "Journal"; the offsets are from there.
 */
final class VolumeHeader {
    static final int OFFSET = 1024;
    static final int SIZE = 512;
    static final int HFS_PLUS = 0x482B;
    static final int HFSX = 0x4858;

    private static final int HFS_PLUS_VERSION = 4;
    private static final int HFSX_VERSION = 5;
    private static final int MAX_BLOCK_SIZE = 1 << 30;
    private static final int UNMOUNTED = 1 << 8;
    private static final int INCONSISTENT = 1 << 11;
    private static final int JOURNALED = 1 << 13;

    private static final int JOURNAL_INFO = 52;
    private static final int JOURNAL_ON_OTHER_DEVICE = 2;
    private static final int JOURNAL_NEEDS_INIT = 4;
    private static final int JOURNAL_MAGIC = 0x4A4E4C78;
    /** Apple's name space for UUIDs of volumes, b3e20f39-f292-11d6-97a4-00306543ecac. */
    private static final long[] NAME_SPACE = {0xB3E20F39F29211D6L, 0x97A400306543ECACL};

    final boolean isExtended;
    final int blockSize;
    final long totalBlocks;
    final long freeBlocks;
    final Fork allocation;
    final Fork extents;
    final Fork catalog;

    private final BlockDevice volume;
    private final List<Fork> forks;
    private final int attributes;
    private final long journalInfoBlock;
    private final long id;

    private VolumeHeader(BlockDevice volume, ByteReader in) throws CorruptImageException {
        this.volume = volume;
        isExtended = in.readU16() == HFSX;
        int version = in.readU16();
        attributes = in.readI32();
        journalInfoBlock = in.seek(12).readU32();
        blockSize = in.seek(40).readI32();
        totalBlocks = in.readU32();
        freeBlocks = in.readU32();
        id = in.seek(104).readI64();
        if (version != (isExtended ? HFSX_VERSION : HFS_PLUS_VERSION)
                || blockSize < 512
                || blockSize > MAX_BLOCK_SIZE
                || Integer.bitCount(blockSize) != 1) {
            throw in.corrupt(2, "version " + version + " with blocks of " + blockSize + " bytes");
        }
        allocation = Fork.read(volume, blockSize, totalBlocks, in);
        extents = Fork.read(volume, blockSize, totalBlocks, in);
        catalog = Fork.read(volume, blockSize, totalBlocks, in);
        Fork attributesFork = Fork.read(volume, blockSize, totalBlocks, in);
        Fork startup = Fork.read(volume, blockSize, totalBlocks, in);
        forks = List.of(allocation, extents, catalog, attributesFork, startup);
    }

    /** Reads the header of a volume that begins with HFS+, not with its wrapper. */
    static VolumeHeader read(BlockDevice volume) throws IOException {
        return new VolumeHeader(volume, ByteReader.read(volume, OFFSET, SIZE, ByteOrder.BIG_ENDIAN));
    }

    /** Returns the identity that systems show, which is made from the 64 bits that the volume has, or an empty text. */
    String uuid() {
        ByteBuffer name = ByteBuffer.allocate(24);
        name.putLong(NAME_SPACE[0]).putLong(NAME_SPACE[1]).putLong(id);
        return id == 0 ? "" : UUID.nameUUIDFromBytes(name.array()).toString();
    }

    /** Checks that nothing is left to be written or repaired. */
    void checkClean() throws IOException, UnprovenException {
        if ((attributes & UNMOUNTED) == 0 || (attributes & INCONSISTENT) != 0) {
            throw new UnprovenException(Reason.NOT_CLEAN, "the volume has the attributes 0x%x".formatted(attributes));
        }
        if (totalBlocks > volume.size() / blockSize) {
            throw new UnprovenException(
                    Reason.TRUNCATED,
                    "%d blocks of %d bytes in a volume of %d".formatted(totalBlocks, blockSize, volume.size()));
        }
        if ((attributes & JOURNALED) != 0) {
            checkJournal();
        }
    }

    /** Returns the bytes that the special files and the journal take, as far as the header knows; they are not free. */
    ExtentSet own() throws IOException {
        ExtentSet.Builder own = ExtentSet.builder();
        forks.forEach(fork -> fork.addTo(own));
        if ((attributes & JOURNALED) != 0) {
            ByteReader info = ByteReader.read(volume, journalInfoBlock * blockSize, JOURNAL_INFO, ByteOrder.BIG_ENDIAN);
            int flags = info.readI32();
            own.add(journalInfoBlock * blockSize, blockSize);
            if ((flags & (JOURNAL_ON_OTHER_DEVICE | JOURNAL_NEEDS_INIT)) == 0) {
                long offset = info.skip(32).readU63("journal offset");
                long size = info.readU63("journal size");
                if (size > volume.size() || offset > volume.size() - size) {
                    throw info.corrupt(36, "journal of " + size + " bytes at " + offset);
                }
                own.add(offset, size);
            }
        }
        return own.build();
    }

    private void checkJournal() throws IOException, UnprovenException {
        ByteReader info = ByteReader.read(volume, journalInfoBlock * blockSize, JOURNAL_INFO, ByteOrder.BIG_ENDIAN);
        int flags = info.readI32();
        if ((flags & JOURNAL_ON_OTHER_DEVICE) != 0) {
            throw new UnprovenException(Reason.MULTIPLE_DEVICES, "the journal is on another device");
        }
        if ((flags & JOURNAL_NEEDS_INIT) != 0) {
            return;
        }
        long offset = info.skip(32).readU63("journal offset");
        // The journal is in the byte order of the machine that made it.
        ByteOrder order =
                ByteReader.read(volume, offset, 4, ByteOrder.BIG_ENDIAN).readI32() == JOURNAL_MAGIC
                        ? ByteOrder.BIG_ENDIAN
                        : ByteOrder.LITTLE_ENDIAN;
        ByteReader journal = ByteReader.read(volume, offset, 24, order);
        if (journal.readI32() != JOURNAL_MAGIC) {
            throw journal.corrupt(0, "no journal header");
        }
        long start = journal.skip(4).readI64();
        long end = journal.readI64();
        if (start != end) {
            throw new UnprovenException(
                    Reason.JOURNAL_DIRTY, "the journal holds what is from %d to %d".formatted(start, end));
        }
    }
}

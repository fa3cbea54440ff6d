package io.platter.partition;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.bytes.Guids;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.zip.CRC32;

/**
 * One of the two headers of a GPT, with the CRC-32 over itself and over the entries. Source: UEFI 2.10 §5.3.2, table
 * 5.5.
 *
 * @param myLba the sector in which this header stands
 * @param alternateLba the sector in which the other one stands
 * @param firstUsable the first sector that a partition may use
 * @param lastUsable the last one
 * @param diskId the identity of the disk
 * @param entriesLba the first sector of the entries
 * @param entryCount how many there are, used or not
 * @param entrySize how long one is, in bytes
 * @param entriesCrc the CRC-32 of all of them
 */
record GptHeader(
        long myLba,
        long alternateLba,
        long firstUsable,
        long lastUsable,
        UUID diskId,
        long entriesLba,
        int entryCount,
        int entrySize,
        int entriesCrc) {
    static final long PRIMARY_LBA = 1;
    /** {@code EFI PART}, read as a little-endian number. */
    static final long SIGNATURE = 0x5452_4150_2049_4645L;

    static final int REVISION_1_0 = 0x0001_0000;
    static final int SIZE = 92;
    static final int CRC_POSITION = 16;
    static final int ENTRIES_LBA_POSITION = 72;
    /** The smallest entry, and the size of nearly all. */
    static final int MIN_ENTRY_SIZE = 128;
    /** Ours: UEFI allows any power of two times 128. */
    static final int MAX_ENTRY_SIZE = 4096;
    /** Ours: 65,536 entries of 128 bytes; the usual number is 128. */
    static final int MAX_ENTRIES_LENGTH = 8 << 20;

    private static final String NO_SIGNATURE = "no GPT header: its signature is missing";

    /** Returns the length of the entries, in bytes. */
    int entriesLength() {
        return entryCount * entrySize;
    }

    /** Returns the length of the entries, in sectors. */
    long entriesSectors(int sectorSize) {
        return entriesSectors(entriesLength(), sectorSize);
    }

    static long entriesSectors(int entriesLength, int sectorSize) {
        return (entriesLength + (long) sectorSize - 1) / sectorSize;
    }

    /**
     * Reads the header that should stand in a sector, and checks all that can be checked without its entries.
     *
     * @throws CorruptImageException if there is no good header
     */
    static GptHeader decode(TableSource source, long lba) throws IOException {
        long diskOffset = source.offset(lba);
        ByteReader in = source.read(diskOffset, source.sectorSize(), ByteOrder.LITTLE_ENDIAN);
        byte[] sector = in.readBytes(in.remaining());
        in.seek(0);
        if (in.readI64() != SIGNATURE) {
            throw source.corrupt(diskOffset, NO_SIGNATURE);
        }
        int revision = in.readI32();
        if (revision >>> 16 != REVISION_1_0 >>> 16) {
            throw source.corrupt(diskOffset, "GPT revision " + Integer.toHexString(revision) + ", expected 10000");
        }
        checkCrc(source, diskOffset, sector, in);
        in.skip(4);
        GptHeader header = new GptHeader(
                lba(source, in, "MyLBA"),
                lba(source, in, "AlternateLBA"),
                lba(source, in, "FirstUsableLBA"),
                lba(source, in, "LastUsableLBA"),
                Guids.read(in),
                lba(source, in, "PartitionEntryLBA"),
                bounded(in, "NumberOfPartitionEntries", 1, MAX_ENTRIES_LENGTH / MIN_ENTRY_SIZE),
                bounded(in, "SizeOfPartitionEntry", MIN_ENTRY_SIZE, MAX_ENTRY_SIZE),
                in.readI32());
        header.check(source, lba);
        return header;
    }

    private static void checkCrc(TableSource source, long diskOffset, byte[] sector, ByteReader in)
            throws CorruptImageException {
        int size = bounded(in, "HeaderSize", SIZE, source.sectorSize());
        int stored = in.readI32();
        ByteBuffer.wrap(sector).putInt(CRC_POSITION, 0);
        int computed = crc(sector, size);
        if (stored != computed) {
            throw source.corrupt(
                    diskOffset,
                    String.format("GPT header CRC-32 mismatch: stored %08x, computed %08x", stored, computed));
        }
    }

    /**
     * Returns where the primary header, whose checksum is wrong, says that its entries are.
     *
     * @throws CorruptImageException if what stands there is no header, or the place is none
     */
    static long entriesLbaUnchecked(TableSource source) throws IOException {
        long diskOffset = source.offset(PRIMARY_LBA);
        ByteReader in = source.read(diskOffset, SIZE, ByteOrder.LITTLE_ENDIAN);
        if (in.readI64() != SIGNATURE) {
            throw source.corrupt(diskOffset, NO_SIGNATURE);
        }
        long lba = lba(source, in.seek(ENTRIES_LBA_POSITION), "PartitionEntryLBA");
        if (lba <= PRIMARY_LBA) {
            throw source.corrupt(diskOffset, "GPT entries from sector " + lba);
        }
        return lba;
    }

    private void check(TableSource source, long lba) throws CorruptImageException {
        long diskOffset = source.offset(lba);
        if (myLba != lba) {
            throw source.corrupt(diskOffset, "GPT header says it stands in sector " + myLba + ", it stands in " + lba);
        }
        if (Integer.bitCount(entrySize) != 1 || (long) entryCount * entrySize > MAX_ENTRIES_LENGTH) {
            throw source.corrupt(
                    diskOffset,
                    entryCount + " GPT entries of " + entrySize + " bytes, expected a power of two and at most "
                            + MAX_ENTRIES_LENGTH + " bytes in all");
        }
        if (entriesLba <= PRIMARY_LBA || firstUsable <= PRIMARY_LBA || lastUsable < firstUsable - 1) {
            throw source.corrupt(
                    diskOffset,
                    "GPT entries from sector " + entriesLba + ", usable sectors " + firstUsable + " to " + lastUsable);
        }
    }

    /** Returns the highest sector that is believed: its disk offset in bytes, and twice that, is a long. */
    static long maxLba(int sectorSize) {
        return Long.MAX_VALUE / 2 / sectorSize - 1;
    }

    private static long lba(TableSource source, ByteReader in, String what) throws CorruptImageException {
        int position = in.position();
        long lba = in.readU63(what);
        if (lba > maxLba(source.sectorSize())) {
            throw in.corrupt(position, what + " " + lba + " is past any disk");
        }
        return lba;
    }

    private static int bounded(ByteReader in, String what, int min, int max) throws CorruptImageException {
        int position = in.position();
        long value = in.readU32();
        if (value < min || value > max) {
            throw in.corrupt(position, what + " " + value + ", expected " + min + " to " + max);
        }
        return (int) value;
    }

    /** Returns the sector that holds this header. */
    byte[] encode(int sectorSize) {
        byte[] sector = new byte[sectorSize];
        ByteBuffer out = ByteBuffer.wrap(sector).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(SIGNATURE).putInt(REVISION_1_0).putInt(SIZE).putInt(0).putInt(0);
        out.putLong(myLba).putLong(alternateLba).putLong(firstUsable).putLong(lastUsable);
        Guids.put(out, out.position(), diskId);
        out.position(out.position() + 16);
        out.putLong(entriesLba).putInt(entryCount).putInt(entrySize).putInt(entriesCrc);
        out.putInt(CRC_POSITION, crc(sector, SIZE));
        return sector;
    }

    /** Returns the other header of the same table, which stands in a sector of the caller's. */
    GptHeader other(long otherLba, long otherEntriesLba) {
        return new GptHeader(
                otherLba, myLba, firstUsable, lastUsable, diskId, otherEntriesLba, entryCount, entrySize, entriesCrc);
    }

    /** Returns this primary header for a disk that ends elsewhere. */
    GptHeader fitted(long newAlternateLba, long newLastUsable) {
        return new GptHeader(
                myLba,
                newAlternateLba,
                firstUsable,
                newLastUsable,
                diskId,
                entriesLba,
                entryCount,
                entrySize,
                entriesCrc);
    }

    /** Returns this header over other entries and with another identity. */
    GptHeader over(UUID newDiskId, byte[] entries) {
        return new GptHeader(
                myLba,
                alternateLba,
                firstUsable,
                lastUsable,
                newDiskId,
                entriesLba,
                entryCount,
                entrySize,
                crc(entries, entries.length));
    }

    static int crc(byte[] bytes, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}

package io.platter.virtualdisk.vhdx;

import io.platter.block.CorruptImageException;
import io.platter.bytes.Guids;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A valid entry of the log of a VHDX file: a header of 64 bytes and descriptors of 32 bytes in one or more sectors, then
 * a sector for each data descriptor. Source: [MS-VHDX] §2.3.1.
 *
 * @param position where it starts in the log, in bytes
 * @param length in bytes, a multiple of a sector
 * @param tail where in the log the oldest entry starts that may not have reached its place
 * @param sequence an unsigned number, one more than the entry's before
 * @param descriptorCount how many descriptors it has
 * @param flushedFileOffset how long the file is at least, in bytes
 * @param lastFileOffset how long the file has to be after a replay, in bytes
 */
record LogEntry(
        int position,
        int length,
        int tail,
        long sequence,
        long descriptorCount,
        long flushedFileOffset,
        long lastFileOffset) {
    private static final int SECTOR = Layout.LOG_SECTOR;
    /** "loge". */
    private static final int SIGNATURE = 0x6567_6F6C;
    /** "zero". */
    private static final int ZERO_SIGNATURE = 0x6F72_657A;
    /** "desc". */
    private static final int DATA_SIGNATURE = 0x6373_6564;
    /** "data". */
    private static final int DATA_SECTOR_SIGNATURE = 0x6174_6164;

    private static final int DESCRIPTOR_LENGTH = 32;
    /** The header takes the room of two descriptors. */
    private static final int HEADER_SLOTS = 2;

    private static final int SLOTS = SECTOR / DESCRIPTOR_LENGTH;

    /** Reads the entry that starts at a sector, or returns null if no valid one does. */
    static @Nullable LogEntry read(LogRing ring, int position) throws IOException {
        ByteBuffer header = ring.read(position);
        if (header.getInt(0) != SIGNATURE || !Guids.get(header, 32).equals(ring.id())) {
            return null;
        }
        int checksum = header.getInt(4);
        long length = Integer.toUnsignedLong(header.getInt(8));
        long tail = Integer.toUnsignedLong(header.getInt(12));
        if (length == 0 || length % SECTOR != 0 || length > ring.length() || tail % SECTOR != 0) {
            return null;
        }
        LogEntry entry = new LogEntry(
                position,
                (int) length,
                (int) Math.min(tail, ring.length()),
                header.getLong(16),
                Integer.toUnsignedLong(header.getInt(24)),
                header.getLong(48),
                header.getLong(56));
        return entry.sequence != 0
                        && entry.flushedFileOffset >= 0
                        && entry.lastFileOffset >= 0
                        && entry.descriptorSectors() <= entry.sectors()
                        && entry.isWhole(ring, checksum)
                ? entry
                : null;
    }

    private int sectors() {
        return length / SECTOR;
    }

    private long descriptorSectors() {
        return (descriptorCount + HEADER_SLOTS + SLOTS - 1) / SLOTS;
    }

    /** Returns the first slot of a descriptor sector that holds a descriptor. */
    private static int firstSlot(int sector) {
        return sector == 0 ? HEADER_SLOTS : 0;
    }

    /** Returns the slot after the last descriptor of a descriptor sector. */
    private int endSlot(int sector) {
        return (int) Math.min(SLOTS, descriptorCount + HEADER_SLOTS - (long) sector * SLOTS);
    }

    /** Tells whether all sectors were written as one entry. */
    private boolean isWhole(LogRing ring, int checksum) throws IOException {
        CRC32C crc = new CRC32C();
        int dataEnd = (int) descriptorSectors();
        for (int i = 0; i < sectors(); i++) {
            ByteBuffer sector = ring.read(position + i * SECTOR);
            if (i < descriptorSectors()) {
                int data = countData(sector, i);
                if (data < 0) {
                    return false;
                }
                dataEnd += data;
            } else if (i < dataEnd && !isDataSector(sector)) {
                return false;
            }
            if (i == 0) {
                sector.putInt(Layout.CHECKSUM_OFFSET, 0);
            }
            crc.update(sector);
        }
        return dataEnd <= sectors() && (int) crc.getValue() == checksum;
    }

    /** Returns how many data descriptors a sector holds, or −1 if one descriptor is not valid. */
    private int countData(ByteBuffer sector, int index) {
        int count = 0;
        for (int slot = firstSlot(index); slot < endSlot(index); slot++) {
            int at = slot * DESCRIPTOR_LENGTH;
            int signature = sector.getInt(at);
            long fileOffset = sector.getLong(at + 16);
            long length = signature == ZERO_SIGNATURE ? sector.getLong(at + 8) : SECTOR;
            if ((signature != ZERO_SIGNATURE && signature != DATA_SIGNATURE)
                    || sector.getLong(at + 24) != sequence
                    || fileOffset < 0
                    || length < 0
                    || fileOffset > Long.MAX_VALUE - length
                    || (fileOffset | length) % SECTOR != 0) {
                return -1;
            }
            count += signature == DATA_SIGNATURE ? 1 : 0;
        }
        return count;
    }

    private boolean isDataSector(ByteBuffer sector) {
        long written =
                Integer.toUnsignedLong(sector.getInt(4)) << 32 | Integer.toUnsignedLong(sector.getInt(SECTOR - 4));
        return sector.getInt(0) == DATA_SECTOR_SIGNATURE && written == sequence;
    }

    /** Tells whether another entry continues this one. */
    boolean precedes(LogEntry next, LogRing ring) {
        return next.sequence == sequence + 1 && next.position == (position + length) % ring.length();
    }

    /** Lays what the descriptors say over the file. */
    void replay(LogRing ring, LogOverlay overlay) throws IOException {
        int dataPosition = position + (int) descriptorSectors() * SECTOR;
        for (int i = 0; i < descriptorSectors(); i++) {
            ByteBuffer sector = ring.read(position + i * SECTOR);
            for (int slot = firstSlot(i); slot < endSlot(i); slot++) {
                int at = slot * DESCRIPTOR_LENGTH;
                boolean isZero = sector.getInt(at) == ZERO_SIGNATURE;
                long fileOffset = sector.getLong(at + 16);
                long length = isZero ? sector.getLong(at + 8) : SECTOR;
                if (ring.isProtected(fileOffset, length)) {
                    throw new CorruptImageException(
                            ring.file().name(),
                            ring.fileOffset(position + i * SECTOR) + at,
                            "a log descriptor for " + length + " bytes at offset " + fileOffset
                                    + ", where the headers or the log are");
                }
                if (isZero) {
                    overlay.zero(fileOffset, length);
                } else {
                    overlay.data(
                            fileOffset, ring.fileOffset(dataPosition), sector.getLong(at + 8), sector.getInt(at + 4));
                    dataPosition += SECTOR;
                }
            }
        }
    }
}

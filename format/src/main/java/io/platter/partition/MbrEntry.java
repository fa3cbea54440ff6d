package io.platter.partition;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One of the four entries of a master or extended boot record. Source: UEFI 2.10 §5.2.1, table 5.2.
 *
 * @param flag 0x80 for active, else 0
 * @param type what the partition is for; 0 for an entry that is not used
 * @param start the first sector; in an EBR counted from the EBR, or from the extended partition
 * @param sectors how many there are
 */
record MbrEntry(int flag, int type, long start, long sectors) {
    static final MbrEntry UNUSED = new MbrEntry(0, 0, 0, 0);
    static final int ACTIVE = 0x80;
    static final int PROTECTIVE = 0xEE;
    static final int EXTENDED = 0x05;
    static final int EXTENDED_LBA = 0x0F;
    static final int LINUX_EXTENDED = 0x85;
    static final long MAX_SECTORS = 0xFFFF_FFFFL;

    /** Where the entries stand in a boot record. */
    static final int POSITION = 446;

    static final int LENGTH = 16;

    /** Heads and sectors a track of the geometry that BIOSes pretend for any large disk. */
    private static final int HEADS = 255;

    private static final int TRACK_SECTORS = 63;
    private static final int MAX_CYLINDERS = 1024;

    static MbrEntry decode(ByteBuffer record, int slot) {
        ByteBuffer in = record.duplicate().order(ByteOrder.LITTLE_ENDIAN).position(POSITION + slot * LENGTH);
        int flag = Byte.toUnsignedInt(in.get());
        in.position(in.position() + 3);
        int type = Byte.toUnsignedInt(in.get());
        in.position(in.position() + 3);
        return new MbrEntry(flag, type, Integer.toUnsignedLong(in.getInt()), Integer.toUnsignedLong(in.getInt()));
    }

    /** Tells whether the entry describes a partition, or links to the next EBR. */
    boolean isUsed() {
        return type != 0 && sectors != 0;
    }

    boolean isExtended() {
        return type == EXTENDED || type == EXTENDED_LBA || type == LINUX_EXTENDED;
    }

    boolean hasValidFlag() {
        return flag == 0 || flag == ACTIVE;
    }

    /**
     * Writes the entry into a boot record.
     *
     * @param base the sector from which {@code start} counts, for the cylinder, head and sector of old BIOSes
     */
    void encode(ByteBuffer record, int slot, long base) {
        ByteBuffer out = record.duplicate().order(ByteOrder.LITTLE_ENDIAN).position(POSITION + slot * LENGTH);
        out.put((byte) flag);
        putGeometry(out, sectors == 0 ? 0 : base + start);
        out.put((byte) type);
        putGeometry(out, sectors == 0 ? 0 : base + start + sectors - 1);
        out.putInt((int) start).putInt((int) sectors);
    }

    /** Writes cylinder, head and sector; the highest there are for a sector after them, and zeros for sector 0. */
    private void putGeometry(ByteBuffer out, long lba) {
        long cylinder = lba / (HEADS * TRACK_SECTORS);
        if (lba == 0) {
            out.put(new byte[3]);
        } else if (cylinder >= MAX_CYLINDERS) {
            out.put((byte) (type == PROTECTIVE ? 0xFF : 0xFE)).put((byte) 0xFF).put((byte) 0xFF);
        } else {
            out.put((byte) (lba / TRACK_SECTORS % HEADS));
            out.put((byte) ((lba % TRACK_SECTORS + 1) | ((cylinder >> 2) & 0xC0)));
            out.put((byte) cylinder);
        }
    }
}

package io.platter.partition;

import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The first sector of a disk: a master boot record, the boot sector of a volume, or neither.
 *
 * <p>Immutable by custom: nobody changes the bytes.
 */
final class BootRecord {
    /** The part that has a meaning, whatever the size of the sector. */
    static final int LENGTH = 512;

    static final int DISK_ID_POSITION = 440;
    static final int SIGNATURE_POSITION = 510;
    /** The bytes 55 AA, read as a little-endian number. */
    static final short SIGNATURE = (short) 0xAA55;

    private final ByteBuffer bytes;
    private final List<MbrEntry> entries;

    /** @param sector the whole sector, 512 bytes or more */
    BootRecord(byte[] sector) {
        bytes = ByteBuffer.wrap(sector).order(ByteOrder.LITTLE_ENDIAN);
        entries = IntStream.range(0, 4)
                .mapToObj(slot -> MbrEntry.decode(bytes, slot))
                .toList();
    }

    /**
     * Reads the first sector.
     *
     * @throws CorruptImageException if it can't be read
     */
    static BootRecord read(TableSource source) throws IOException {
        return new BootRecord(
                source.read(0, source.sectorSize(), ByteOrder.LITTLE_ENDIAN).readBytes(source.sectorSize()));
    }

    /** Returns the whole sector, which the caller does not change. */
    byte[] sector() {
        return bytes.array();
    }

    boolean hasSignature() {
        return bytes.getShort(SIGNATURE_POSITION) == SIGNATURE;
    }

    List<MbrEntry> entries() {
        return entries;
    }

    int diskId() {
        return bytes.getInt(DISK_ID_POSITION);
    }

    /** Tells whether the record protects a GPT; {@link #isHybrid} may hold as well. */
    boolean isProtective() {
        return hasSignature() && entries.stream().anyMatch(entry -> entry.type() == MbrEntry.PROTECTIVE);
    }

    /**
     * Tells whether the record can protect a GPT whose backup header stands in a sector: some tools count the first
     * sector too, and a disk may have more sectors than an entry can say.
     */
    boolean protectsUpTo(long alternateLba) {
        return hasSignature()
                && entries.stream()
                        .filter(entry -> entry.type() == MbrEntry.PROTECTIVE)
                        .anyMatch(entry -> isHybrid()
                                || entry.sectors() == MbrEntry.MAX_SECTORS
                                || entry.start() + entry.sectors() - 1 == alternateLba
                                || entry.start() + entry.sectors() - 2 == alternateLba);
    }

    /** Tells whether the record protects a GPT and describes partitions too. */
    boolean isHybrid() {
        return isProtective()
                && entries.stream().anyMatch(entry -> entry.isUsed() && entry.type() != MbrEntry.PROTECTIVE);
    }

    /** Tells whether the four entries can be a table: this is how systems tell it from the code of a boot sector. */
    boolean hasTable() {
        return hasSignature() && entries.stream().allMatch(MbrEntry::hasValidFlag);
    }

    /** Returns the kind of volume whose boot sector this is, or an empty text. */
    String volume() {
        if (!hasSignature()) {
            return "";
        }
        String name = new String(bytes.array(), 3, 8, StandardCharsets.ISO_8859_1);
        return switch (name) {
            case "NTFS    " -> "NTFS";
            case "EXFAT   " -> "exFAT";
            case "-FVE-FS-" -> "BitLocker";
            case "ReFS\0\0\0\0" -> "ReFS";
            default -> isFat() ? "FAT" : "";
        };
    }

    /** Source: Microsoft FAT specification 1.03, boot sector and BPB structure. */
    private boolean isFat() {
        int jump = Byte.toUnsignedInt(bytes.get(0));
        int sectorSize = Short.toUnsignedInt(bytes.getShort(11));
        int clusterSectors = Byte.toUnsignedInt(bytes.get(13));
        int reserved = Short.toUnsignedInt(bytes.getShort(14));
        int fats = Byte.toUnsignedInt(bytes.get(16));
        int media = Byte.toUnsignedInt(bytes.get(21));
        return (jump == 0xEB || jump == 0xE9)
                && Integer.bitCount(sectorSize) == 1
                && sectorSize >= 512
                && sectorSize <= 4096
                && Integer.bitCount(clusterSectors) == 1
                && reserved > 0
                && (fats == 1 || fats == 2)
                && (media == 0xF0 || media >= 0xF8);
    }

    /**
     * Returns the sector as it protects a GPT on a disk of {@code diskSectors}: a hybrid one as it is, else with one
     * entry of type 0xEE over the whole disk. The boot code stays. Source: UEFI 2.10 §5.2.3, table 5.4.
     */
    byte[] protecting(long diskSectors) {
        byte[] sector = bytes.array().clone();
        if (isHybrid()) {
            return sector;
        }
        int slot = 0;
        int flag = 0;
        for (int i = 0; i < 4 && hasSignature(); i++) {
            if (entries.get(i).type() == MbrEntry.PROTECTIVE) {
                slot = i;
                flag = entries.get(i).flag();
            }
        }
        ByteBuffer out = ByteBuffer.wrap(sector).order(ByteOrder.LITTLE_ENDIAN);
        out.put(MbrEntry.POSITION, new byte[4 * MbrEntry.LENGTH]);
        long sectors = Math.min(diskSectors - 1, MbrEntry.MAX_SECTORS);
        new MbrEntry(flag, MbrEntry.PROTECTIVE, 1, sectors).encode(out, slot, 0);
        return out.putShort(SIGNATURE_POSITION, SIGNATURE).array();
    }
}

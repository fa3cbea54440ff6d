package io.platter.partition;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;

/** Tells what is on a disk that has no partition table that we read, or where a partition starts. */
final class DiskContent {
    /**
     * A text that something begins with.
     *
     * @param name what begins with it
     * @param diskOffset where it stands, in bytes
     * @param text its bytes as ISO 8859-1
     */
    private record Magic(String name, long diskOffset, String text) {}

    /** Tables that we do not read; the volume of their first partition would be taken for the whole disk's. */
    private static final List<Magic> OTHER_TABLES = List.of(
            new Magic("a Sun disklabel", 508, "\u00DA\u00BE"),
            new Magic("an SGI volume header", 0, "\u000B\u00E5\u00A9A"),
            new Magic("an Amiga rigid disk block", 0, "RDSK"),
            new Magic("an AIX disk record", 0, "\u00C9\u00C2\u00D4\u00C1"));

    /** How volumes begin whose first sector is no boot sector. Source: libblkid/src/superblocks of util-linux 2.40. */
    private static final List<Magic> VOLUMES = List.of(
            new Magic("ext", 1080, "S\u00EF"),
            new Magic("XFS", 0, "XFSB"),
            new Magic("Btrfs", 65600, "_BHRfS_M"),
            new Magic("F2FS", 1024, "\u0010 \u00F5\u00F2"),
            new Magic("LUKS", 0, "LUKS\u00BA\u00BE"),
            new Magic("swap", 4086, "SWAPSPACE2"),
            new Magic("swap", 65526, "SWAPSPACE2"),
            new Magic("HFS+", 1024, "H+"),
            new Magic("HFSX", 1024, "HX"),
            new Magic("APFS", 32, "NXSB"),
            new Magic("an md member", 0, "\u00FCN+\u00A9"),
            new Magic("an md member", 4096, "\u00FCN+\u00A9"),
            new Magic("SquashFS", 0, "hsqs"),
            new Magic("EROFS", 1024, "\u00E2\u00E1\u00F5\u00E0"),
            new Magic("ISO 9660", 32769, "CD001"),
            new Magic("ReiserFS", 65588, "ReIsEr"),
            new Magic("JFS", 32768, "JFS1"));

    /** Source: LVM2, lib/format_text/layout.h and lib/label/label.h: the label is in one of the first four sectors. */
    private static final int LVM_LABEL_SECTORS = 4;

    private static final int LVM_SECTOR_SIZE = 512;
    private static final int LVM_TYPE_POSITION = 24;

    private DiskContent() {}

    /** @param findings what is known already; takes what is found here */
    static Unpartitioned unpartitioned(TableSource source, BootRecord bootRecord, Findings findings)
            throws IOException {
        if (!bootRecord.volume().isEmpty()) {
            findings.info(0, "the boot sector of a volume of kind " + bootRecord.volume());
        } else if (bootRecord.hasSignature()) {
            findings.warning(0, "the first sector ends like an MBR, but holds no partition table");
        }
        for (Magic magic : OTHER_TABLES) {
            if (startsWith(source, magic.diskOffset(), magic.text())) {
                findings.error(magic.diskOffset(), magic.name() + ", which can't be read");
            }
        }
        OptionalLong label = lvmLabel(source, 0);
        if (label.isPresent()) {
            findings.info(label.getAsLong(), "an LVM2 physical volume");
        }
        reportLeftOver(source, bootRecord, findings);
        return new Unpartitioned(source.sectorSize(), findings.list());
    }

    /** Returns the kind of the volume that starts at a disk offset, or an empty text if none is recognised. */
    static String volumeAt(TableSource source, long diskOffset) throws IOException {
        try {
            String kind = new BootRecord(source.read(diskOffset, BootRecord.LENGTH, ByteOrder.LITTLE_ENDIAN)
                            .readBytes(BootRecord.LENGTH))
                    .volume();
            if (!kind.isEmpty()) {
                return kind;
            }
        } catch (CorruptImageException expected) {
            return "";
        }
        for (Magic magic : VOLUMES) {
            if (startsWith(source, diskOffset + magic.diskOffset(), magic.text())) {
                return magic.name();
            }
        }
        return lvmLabel(source, diskOffset).isPresent() ? "LVM2" : "";
    }

    private static OptionalLong lvmLabel(TableSource source, long volume) throws IOException {
        for (int sector = 0; sector < LVM_LABEL_SECTORS; sector++) {
            long diskOffset = volume + (long) sector * LVM_SECTOR_SIZE;
            if (startsWith(source, diskOffset, "LABELONE")
                    && startsWith(source, diskOffset + LVM_TYPE_POSITION, "LVM2 001")) {
                return OptionalLong.of(diskOffset);
            }
        }
        return OptionalLong.empty();
    }

    private static void reportLeftOver(TableSource source, BootRecord bootRecord, Findings findings)
            throws IOException {
        OptionalLong leftOver = GptReader.leftOver(source);
        if (leftOver.isEmpty()) {
            return;
        }
        if (bootRecord.hasSignature()) {
            findings.warning(leftOver.getAsLong(), "what is left of a GPT");
        } else {
            findings.error(leftOver.getAsLong(), "a GPT without the MBR that should protect it");
        }
    }

    private static boolean startsWith(TableSource source, long diskOffset, String text) throws IOException {
        try {
            ByteReader in = source.read(diskOffset, text.length(), ByteOrder.BIG_ENDIAN);
            return in.readText(text.length(), StandardCharsets.ISO_8859_1).equals(text);
        } catch (CorruptImageException e) {
            return false;
        }
    }
}

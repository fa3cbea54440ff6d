package io.platter.partition;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;

/** Tells what is on a disk that has no partition table that we read. */
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
        for (int sector = 0; sector < LVM_LABEL_SECTORS; sector++) {
            long diskOffset = (long) sector * LVM_SECTOR_SIZE;
            if (startsWith(source, diskOffset, "LABELONE")
                    && startsWith(source, diskOffset + LVM_TYPE_POSITION, "LVM2 001")) {
                findings.info(diskOffset, "an LVM2 physical volume");
            }
        }
        reportLeftOver(source, bootRecord, findings);
        return new Unpartitioned(source.sectorSize(), findings.list());
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

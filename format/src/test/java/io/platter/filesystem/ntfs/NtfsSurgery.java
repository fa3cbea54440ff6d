package io.platter.filesystem.ntfs;

import io.platter.block.BlockDevice;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;

/** Makes NTFS volumes as they are, but as no program on Linux leaves them. */
final class NtfsSurgery {
    private static final int RECORD = 1024;
    private static final int VOLUME_INFORMATION = 0x70;
    private static final int DATA = 0x80;

    private NtfsSurgery() {}

    /** A change of a structure that stands on the volume without its update sequence. */
    private interface Change {
        void make(ByteBuffer structure);
    }

    /** Writes a page that says how the log was left. */
    static void writeRestartPage(Path image, long offset, long lsn, int majorVersion, int client, int flags)
            throws IOException {
        ByteBuffer page = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        page.put(new byte[] {'R', 'S', 'T', 'R'}).putShort((short) 30).putShort((short) 9);
        page.putInt(16, 4096).putInt(20, 4096);
        page.putShort(24, (short) 48).putShort(26, (short) 1).putShort(28, (short) majorVersion);
        page.putLong(48, lsn).putShort(60, (short) client).putShort(62, (short) flags);
        try (BlockDevice device = FileDevice.open(image, OpenMode.WRITE)) {
            protect(page);
            device.write(page.rewind(), offset);
        }
    }

    /** Sets the version of the volume, in the MFT and in its copy. */
    static void setVersion(Path image, int major, int minor) throws IOException {
        try (BlockDevice device = FileDevice.open(image, OpenMode.WRITE)) {
            BootSector boot = BootSector.read(device).orElseThrow();
            for (long table : new long[] {boot.mft, boot.mftMirror}) {
                change(device, table * boot.clusterSize + 3 * RECORD, record -> {
                    int at = attribute(record, VOLUME_INFORMATION) + 24;
                    record.put(at + 8, (byte) major).put(at + 9, (byte) minor);
                });
            }
        }
    }

    /** Moves the second half of the content of {@code $Bitmap} to a record of its own. */
    static void splitBitmap(Path image) throws IOException {
        try (BlockDevice device = FileDevice.open(image, OpenMode.WRITE)) {
            BootSector boot = BootSector.read(device).orElseThrow();
            long mft = boot.mft * boot.clusterSize;
            long[] run = new long[2];
            new Volume(device, boot)
                    .record(6)
                    .attribute(Attribute.DATA)
                    .orElseThrow()
                    .visitRuns(boot.clusters, (lcn, clusters) -> Arrays.setAll(run, i -> i == 0 ? lcn : clusters));
            long half = run[1] / 2;
            ByteBuffer rest = ByteBuffer.allocate(72).order(ByteOrder.LITTLE_ENDIAN);
            change(device, mft + 6 * RECORD, record -> {
                int at = attribute(record, DATA);
                record.get(at, rest.array());
                piece(record, at, 0, half, run[0]);
                insert(record, attribute(record, 0x30), list(record, half));
            });
            change(device, mft + 16 * RECORD, record -> {
                piece(rest, 0, half, run[1] - half, run[0] + half);
                record.putShort(16, (short) 1).putShort(22, (short) 1).putLong(32, 6L << 48 | 6);
                int first = record.getShort(20);
                record.put(first, rest.array()).putInt(first + 72, -1).putInt(24, first + 80);
            });
        }
    }

    /** Returns an attribute list that names all attributes of the record, and the piece in record 16. */
    private static byte[] list(ByteBuffer record, long half) {
        ByteBuffer list = ByteBuffer.allocate(24 + 4 * 32).order(ByteOrder.LITTLE_ENDIAN);
        list.putInt(0, 0x20).putInt(4, list.limit()).putShort(10, (short) 24).putShort(14, (short) 9);
        list.putInt(16, list.limit() - 24).putShort(20, (short) 24);
        int[] types = {0x10, 0x30, DATA, DATA};
        for (int i = 0; i < types.length; i++) {
            boolean moved = i == 3;
            int at = 24 + i * 32;
            list.putInt(at, types[i]).putShort(at + 4, (short) 32).put(at + 7, (byte) 26);
            list.putLong(at + 8, moved ? half : 0).putLong(at + 16, moved ? 1L << 48 | 16 : 6L << 48 | 6);
            list.putShort(at + 24, record.getShort(attribute(record, types[i]) + 14));
        }
        return list.array();
    }

    /** Turns an attribute into one of a single run. */
    private static void piece(ByteBuffer record, int at, long vcn, long clusters, long lcn) {
        record.putLong(at + 16, vcn).putLong(at + 24, vcn + clusters - 1);
        record.put(at + 64, (byte) 0x41).put(at + 65, (byte) clusters).putInt(at + 66, (int) lcn);
        record.put(at + 70, (byte) 0);
    }

    private static void insert(ByteBuffer record, int at, byte[] attribute) {
        int used = record.getInt(24);
        byte[] moved = new byte[used - at];
        record.get(at, moved).put(at, attribute).put(at + attribute.length, moved);
        record.putInt(24, used + attribute.length);
    }

    private static int attribute(ByteBuffer record, int type) {
        int at = record.getShort(20);
        while (record.getInt(at) != type) {
            at += record.getInt(at + 4);
        }
        return at;
    }

    private static void change(BlockDevice device, long offset, Change change) throws IOException {
        ByteBuffer record = ByteBuffer.allocate(RECORD).order(ByteOrder.LITTLE_ENDIAN);
        device.read(record, offset);
        UpdateSequence.restore(record.array(), "surgery", offset);
        change.make(record);
        protect(record);
        device.write(record.rewind(), offset);
    }

    private static void protect(ByteBuffer structure) {
        int array = structure.getShort(4);
        short number = 1;
        structure.putShort(array, number);
        for (int i = 1; i < structure.getShort(6); i++) {
            int last = 512 * i - 2;
            structure.putShort(array + 2 * i, structure.getShort(last)).putShort(last, number);
        }
    }
}

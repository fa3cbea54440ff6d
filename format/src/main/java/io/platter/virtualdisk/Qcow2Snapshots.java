package io.platter.virtualdisk;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Finds an internal snapshot in a qcow2 file. */
final class Qcow2Snapshots {
    private static final int FIXED_LENGTH = 40;

    private Qcow2Snapshots() {}

    /**
     * The state of the disk that a snapshot holds.
     *
     * @param diskSize in bytes
     * @param l1 its own table
     */
    record Snapshot(long diskSize, Qcow2Header.L1 l1) {}

    /**
     * Returns the snapshot with an id, or else the first one with this name.
     *
     * @throws CorruptImageException if there is none, or the table is damaged
     */
    static Snapshot find(BlockDevice file, Qcow2Header header, String idOrName) throws IOException {
        Snapshot named = null;
        long offset = header.snapshotsOffset();
        for (int i = 0; i < header.snapshotCount(); i++) {
            ByteReader entry = ByteReader.read(file, offset, FIXED_LENGTH, ByteOrder.BIG_ENDIAN);
            long l1Offset = entry.readU63("l1_table_offset");
            long l1Entries = entry.readU32();
            int idLength = entry.readU16();
            int nameLength = entry.readU16();
            long extraLength = entry.seek(36).readU32();
            if (extraLength > Qcow2Layout.MAX_SNAPSHOT_EXTRA) {
                throw entry.corrupt(36, "extra data of " + extraLength + " bytes, expected at most 1024");
            }
            int textStart = FIXED_LENGTH + (int) extraLength;
            int length = textStart + idLength + nameLength;
            entry = ByteReader.read(file, offset, length, ByteOrder.BIG_ENDIAN);
            long diskSize = extraLength >= 16 ? entry.seek(48).readU63("disk size of the snapshot") : header.diskSize();
            entry.seek(textStart);
            boolean idMatches = matches(entry.readBytes(idLength), idOrName);
            boolean nameMatches = matches(entry.readBytes(nameLength), idOrName);
            if (idMatches || (nameMatches && named == null)) {
                named = new Snapshot(diskSize, header.checkedL1(file, offset, l1Offset, l1Entries, diskSize));
            }
            if (idMatches) {
                break;
            }
            offset += length + Math.floorMod(-length, 8);
        }
        if (named == null) {
            throw new CorruptImageException(
                    file.name(),
                    header.snapshotsOffset(),
                    "snapshot \"" + idOrName + "\" expected, it is none of " + header.snapshotCount());
        }
        return named;
    }

    private static boolean matches(byte[] text, String idOrName) {
        return new String(text, StandardCharsets.UTF_8).equals(idOrName);
    }
}

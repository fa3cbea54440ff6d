package io.platter.virtualdisk.qcow2;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads the table of a qcow2 file's internal snapshots. */
final class Snapshots {
    private static final int FIXED_LENGTH = 40;

    private Snapshots() {}

    /**
     * The state of the disk that a snapshot holds.
     *
     * @param offset where its entry stands in the file
     * @param diskSize in bytes
     * @param l1Offset where its own L1 table stands; not checked
     * @param l1Entries how many entries that has; not checked
     */
    record Snapshot(long offset, String id, String name, long diskSize, long l1Offset, long l1Entries) {
        Header.L1 l1(BlockDevice file, Header header) throws IOException {
            return header.checkedL1(file, offset, l1Offset, l1Entries, diskSize);
        }
    }

    /**
     * Returns the snapshot with an id, or else the first one with this name.
     *
     * @throws CorruptImageException if there is none, or the table is damaged
     */
    static Snapshot find(BlockDevice file, Header header, String idOrName) throws IOException {
        List<Snapshot> all = read(file, header);
        return all.stream()
                .filter(snapshot -> snapshot.id.equals(idOrName))
                .findFirst()
                .or(() -> all.stream()
                        .filter(snapshot -> snapshot.name.equals(idOrName))
                        .findFirst())
                .orElseThrow(() -> new CorruptImageException(
                        file.name(),
                        header.snapshotsOffset(),
                        "snapshot \"" + idOrName + "\" expected, it is none of " + header.snapshotCount()));
    }

    /** Returns all snapshots, in the order of the table. */
    static List<Snapshot> read(BlockDevice file, Header header) throws IOException {
        List<Snapshot> snapshots = new ArrayList<>();
        long offset = header.snapshotsOffset();
        for (int i = 0; i < header.snapshotCount(); i++) {
            ByteReader entry = ByteReader.read(file, offset, FIXED_LENGTH, ByteOrder.BIG_ENDIAN);
            long l1Offset = entry.readU63("l1_table_offset");
            long l1Entries = entry.readU32();
            int idLength = entry.readU16();
            int nameLength = entry.readU16();
            long extraLength = entry.seek(36).readU32();
            if (extraLength > Layout.MAX_SNAPSHOT_EXTRA) {
                throw entry.corrupt(36, "extra data of " + extraLength + " bytes, expected at most 1024");
            }
            int textStart = FIXED_LENGTH + (int) extraLength;
            int length = textStart + idLength + nameLength;
            if (offset + length - header.snapshotsOffset() > Layout.MAX_SNAPSHOT_TABLE) {
                throw entry.corrupt(0, "snapshot table, expected at most " + Layout.MAX_SNAPSHOT_TABLE + " bytes");
            }
            entry = ByteReader.read(file, offset, length, ByteOrder.BIG_ENDIAN);
            long diskSize = extraLength >= 16 ? entry.seek(48).readU63("disk size of the snapshot") : header.diskSize();
            entry.seek(textStart);
            String id = new String(entry.readBytes(idLength), StandardCharsets.UTF_8);
            String name = new String(entry.readBytes(nameLength), StandardCharsets.UTF_8);
            snapshots.add(new Snapshot(offset, id, name, diskSize, l1Offset, l1Entries));
            offset += length + Math.floorMod(-length, 8);
        }
        return snapshots;
    }
}

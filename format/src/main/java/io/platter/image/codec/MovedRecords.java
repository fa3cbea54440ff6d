package io.platter.image.codec;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.image.FileId;
import io.platter.image.Limits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Packs that are given up, and where those of their records are now that are still needed.
 *
 * <pre>
 * table:
 *   packs    see {@link PackTable}: those that have the records now
 * payload:
 *   packs    each: id (16), count (4), then count times where a record was (8) and where it is, a {@link RecordLocation}
 * </pre>
 *
 * <p>Immutable.
 *
 * @param pack the pack that is given up
 * @param records by where they were, where they are
 */
public record MovedRecords(FileId pack, SortedMap<Long, RecordLocation> records) {
    private static final int ENTRY_LENGTH = 8 + RecordLocation.LENGTH;

    /** The most records of one part, so that a part always fits into a payload. */
    private static final int MOST = (Limits.MAX_FRAME - FileId.LENGTH - 4) / ENTRY_LENGTH;

    /** Returns the parts of which each fits into one record; one part if nothing was moved. */
    public static List<MovedRecords> parts(FileId pack, SortedMap<Long, RecordLocation> records) {
        List<MovedRecords> parts = new ArrayList<>();
        SortedMap<Long, RecordLocation> part = new TreeMap<>();
        for (Map.Entry<Long, RecordLocation> record : records.entrySet()) {
            if (part.size() == MOST) {
                parts.add(new MovedRecords(pack, part));
                part = new TreeMap<>();
            }
            part.put(record.getKey(), record.getValue());
        }
        parts.add(new MovedRecords(pack, part));
        return parts;
    }

    /** Returns a record for one part. */
    public ByteBuffer encode(PackTable.Names names, RecordSeal seal, int level) {
        PackTable.Builder packs = new PackTable.Builder(names);
        ByteBuffer plain = ByteBuffer.allocate(FileId.LENGTH + 4 + records.size() * ENTRY_LENGTH)
                .order(ByteOrder.LITTLE_ENDIAN);
        pack.encode(plain);
        plain.putInt(records.size());
        records.forEach((was, is) -> {
            plain.putLong(was);
            packs.inRecord(is).encode(plain);
        });
        ByteBuffer table = ByteBuffer.allocate(packs.length());
        packs.encode(table);
        return seal.seal(RecordType.MOVED, table.flip(), plain.flip(), level);
    }

    /**
     * Reads a record.
     *
     * @throws CorruptImageException if it contradicts itself
     */
    public static List<MovedRecords> decode(StoredRecord record, Packs packs) throws IOException {
        ByteReader table = record.tableReader();
        PackTable named =
                PackTable.decode(table, table.remaining() / FileId.LENGTH, record, packs, "list of moved records");
        Texts.checkEnd(table, "packs");
        ByteReader in = ByteReader.of(
                record.decodedPayload(Limits.MAX_FRAME),
                ByteOrder.LITTLE_ENDIAN,
                record.resource(),
                record.location().packOffset());
        List<MovedRecords> moved = new ArrayList<>();
        while (in.remaining() > 0) {
            FileId pack = FileId.decode(in);
            int count = IndexPage.checkCount(in, "moved records", in.readI32(), ENTRY_LENGTH);
            SortedMap<Long, RecordLocation> records = new TreeMap<>();
            for (int i = 0; i < count; i++) {
                records.put(in.readU63("record offset"), named.present(in, "moved record"));
            }
            moved.add(new MovedRecords(pack, records));
        }
        return moved;
    }
}

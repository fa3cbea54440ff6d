package io.platter.repository;

import io.platter.image.FileId;
import io.platter.image.codec.PackUsage;
import io.platter.image.codec.PackUsage.Cells;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordType;
import io.platter.image.codec.StoredRecord;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What of each pack is needed by some image, where it is now.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class LiveCells {
    private final Map<FileId, Cells> cells;

    private LiveCells(Map<FileId, Cells> cells) {
        this.cells = cells;
    }

    /** Reads what all images use, from their manifests. */
    static LiveCells of(Sessions sessions, Blobs blobs, PackDevices packs) throws IOException {
        Map<FileId, Cells> named = new HashMap<>();
        for (Sessions.Session session : sessions.all()) {
            if (session.hasImage()) {
                BlobFile manifest = BlobFile.read(blobs, session.end().orElseThrow(), packs.numbers());
                for (StoredRecord record : manifest.records(RecordType.USAGE)) {
                    for (PackUsage usage : PackUsage.decode(record)) {
                        named.computeIfAbsent(usage.pack(), unknown -> new Cells())
                                .addAll(usage.cells());
                    }
                }
            }
        }
        Map<FileId, Cells> live = new HashMap<>();
        named.forEach((pack, cells) -> place(pack, cells, packs, live));
        return new LiveCells(live);
    }

    /** Adds what images name of a pack where it is now. */
    private static void place(FileId pack, Cells named, PackDevices packs, Map<FileId, Cells> live) {
        Moves moves = packs.moves();
        if (!moves.isGivenUp(pack)) {
            live.computeIfAbsent(pack, unknown -> new Cells()).addAll(named);
            return;
        }
        int number = packs.numbers().number(pack);
        Cells left = new Cells();
        left.addAll(named);
        Set<Long> moved = moves.movedFrom(pack);
        for (long start : moved) {
            if (named.hasStart(start)) {
                RecordLocation is = moves.resolve(new RecordLocation(number, start, 1));
                live.computeIfAbsent(packs.numbers().apply(is.pack()), unknown -> new Cells())
                        .add(is);
            }
        }
        left.removeStarts(moved);
        if (!left.isEmpty()) {
            live.computeIfAbsent(pack, unknown -> new Cells()).addAll(left);
        }
    }

    /** Returns what is needed of a pack. */
    Cells of(FileId pack) {
        return cells.getOrDefault(pack, new Cells());
    }

    /** Returns the packs of which something is needed. */
    Set<FileId> packs() {
        return cells.keySet();
    }
}

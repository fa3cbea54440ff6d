package io.platter.repository;

import io.platter.engine.read.PackNumbers;
import io.platter.image.FileId;
import io.platter.image.codec.MovedRecords;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordType;
import io.platter.image.codec.StoredRecord;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which packs collections gave up, and where they put what is needed of them. A pack that was given up is never used again
 * by a new image. Of several places of one record, that of the collection with the first key counts, for everybody.
 *
 * <p>Safe for use by several threads.
 */
final class Moves {
    private final Blobs blobs;
    private final PackNumbers numbers;
    private final Set<String> loaded = new HashSet<>();

    /** Of each pack that was given up, by the key of the collection, where its records are. */
    private final Map<FileId, TreeMap<String, TreeMap<Long, RecordLocation>>> tables = new HashMap<>();

    Moves(Blobs blobs, PackNumbers numbers) {
        this.blobs = blobs;
        this.numbers = numbers;
    }

    /** Reads what collections did that were not read yet. */
    synchronized void load(Sessions sessions) throws IOException {
        for (Sessions.Session session : sessions.all()) {
            if (session.isCollection() && session.isCommitted() && !loaded.contains(session.base())) {
                load(session);
                loaded.add(session.base());
            }
        }
    }

    private void load(Sessions.Session session) throws IOException {
        BlobFile file = BlobFile.read(blobs, session.end().orElseThrow(), numbers);
        for (StoredRecord record : file.records(RecordType.MOVED)) {
            for (MovedRecords moved :
                    MovedRecords.decode(record, file.file().records().packs())) {
                tables.computeIfAbsent(moved.pack(), unknown -> new TreeMap<>())
                        .computeIfAbsent(session.base(), unknown -> new TreeMap<>())
                        .putAll(moved.records());
            }
        }
    }

    /** Tells whether a pack was given up. */
    synchronized boolean isGivenUp(FileId pack) {
        return tables.containsKey(pack);
    }

    /** Returns the collections that gave a pack up, by what their keys start with. */
    synchronized List<String> collectionsOf(FileId pack) {
        return List.copyOf(tables.getOrDefault(pack, new TreeMap<>()).keySet());
    }

    /** Returns where a record is that started at an offset of a pack that was given up; one step. */
    synchronized Optional<RecordLocation> find(FileId pack, long packOffset) {
        for (TreeMap<Long, RecordLocation> table :
                tables.getOrDefault(pack, new TreeMap<>()).values()) {
            RecordLocation is = table.get(packOffset);
            if (is != null) {
                return Optional.of(is);
            }
        }
        return Optional.empty();
    }

    /** Returns where a record is now, as far as is known: the last place that no collection has moved it from. */
    synchronized RecordLocation resolve(RecordLocation was) {
        RecordLocation is = was;
        Optional<RecordLocation> next = find(numbers.apply(is.pack()), is.packOffset());
        while (next.isPresent()) {
            is = next.get();
            next = find(numbers.apply(is.pack()), is.packOffset());
        }
        return is;
    }

    /** Returns where all records of a pack were that some collection has moved. */
    synchronized Set<Long> movedFrom(FileId pack) {
        Set<Long> starts = new HashSet<>();
        tables.getOrDefault(pack, new TreeMap<>()).values().forEach(table -> starts.addAll(table.keySet()));
        return starts;
    }
}

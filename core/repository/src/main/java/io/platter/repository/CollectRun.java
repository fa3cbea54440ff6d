package io.platter.repository;

import io.platter.block.ImageFormatException;
import io.platter.engine.pack.RecordOutput;
import io.platter.engine.store.MemoryFile;
import io.platter.engine.store.PackFiller;
import io.platter.image.FileId;
import io.platter.image.codec.BlockTable;
import io.platter.image.codec.Commit;
import io.platter.image.codec.Features;
import io.platter.image.codec.FileHeader;
import io.platter.image.codec.IndexPage;
import io.platter.image.codec.MovedRecords;
import io.platter.image.codec.PackUsage.Cells;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordSeal;
import io.platter.image.codec.RecordType;
import io.platter.job.JobControl;
import io.platter.repository.store.BlobStore.Blob;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One collection. What it decides, it decides on what was there when it listed the sessions; it touches nothing that a session wrote
 * which had not ended by then.
 *
 * <ol>
 *   <li>Sessions that have been silent for long are given up.
 *   <li>What images need of each pack is read from their manifests.
 *   <li>Of packs of which little is needed, that is copied to new packs. The end of the collection, which names the packs and where their
 *       records are now, gives them up: whoever begins a capture from then on uses none of them.
 *   <li>Captures that were open after that may not know. Which these are is written down, once.
 *   <li>When all of these have ended, a collection copies what they still need, and deletes the packs.
 * </ol>
 */
final class CollectRun {
    private final Blobs blobs;
    private final PackDevices packs;
    private final WriteSession session;
    private final CollectOptions options;
    private final JobControl control;
    private final List<String> damaged = new ArrayList<>();

    /** What is given up by this collection, and where it is now. */
    private final Map<FileId, SortedMap<Long, RecordLocation>> moved =
            new TreeMap<>(java.util.Comparator.comparing(FileId::toString));

    private int packsGivenUp;
    private long bytesGivenUp;
    private long bytesMoved;
    private int packsDeleted;
    private long bytesFreed;
    private int sessionsGivenUp;
    private int waitingFor;

    CollectRun(Blobs blobs, PackDevices packs, WriteSession session, CollectOptions options, JobControl control) {
        this.blobs = blobs;
        this.packs = packs;
        this.session = session;
        this.options = options;
        this.control = control;
    }

    /** Collects, once. */
    CollectReport run() throws IOException {
        try {
            collect();
        } finally {
            session.abandon(); // Does nothing if it has ended.
        }
        return new CollectReport(
                packsGivenUp, bytesGivenUp, bytesMoved, packsDeleted, bytesFreed, sessionsGivenUp, waitingFor, damaged);
    }

    private void collect() throws IOException {
        long now = blobs.stat(session.base() + Keys.BEGIN).modifiedMillis();
        giveUpSilent(session.begun(), now);
        Sessions sessions = Sessions.list(blobs);
        packs.moves().load(sessions);
        LiveCells live = LiveCells.of(sessions, blobs, packs);
        List<Blob> there = blobs.list(Keys.PACKS);
        List<Blob> ripe = new ArrayList<>();
        try (PackFiller filler = new PackFiller(session, packs.numbers(), 1, control)) {
            for (Blob blob : there) {
                control.cancellation().throwIfCancelled();
                judge(blob, sessions, live, now, filler, ripe);
            }
            filler.finish();
        }
        end();
        writeDownWho(Sessions.list(blobs));
        for (Blob blob : ripe) {
            blobs.delete(blob.key());
            packsDeleted++;
            bytesFreed += blob.size();
        }
        deleteLists(sessions);
        blobs.tidy();
    }

    /** Gives up sessions that have not ended, a long time after they began, both by the store's clock. */
    private void giveUpSilent(Sessions sessions, long now) throws IOException {
        for (Sessions.Session other : sessions.all()) {
            boolean isSilent = other.isOpen()
                    && other.begin().isPresent()
                    && now - other.begin().get().modifiedMillis()
                            > options.silence().toMillis();
            if (isSilent && !other.base().equals(session.base())) {
                Sessions.fence(blobs, other.base());
                sessionsGivenUp++;
            }
        }
    }

    /** Decides what becomes of a pack. */
    private void judge(Blob blob, Sessions sessions, LiveCells live, long now, PackFiller filler, List<Blob> ripe)
            throws IOException {
        Optional<FileId> id = Keys.id(blob.key());
        Optional<Sessions.Session> writer = id.flatMap(pack -> sessions.byId(Keys.session(pack)));
        if (id.isEmpty() || writer.isEmpty() || writer.get().isOpen()) {
            return; // Whoever wrote it may still need it.
        }
        Cells needed = live.of(id.get());
        if (packs.moves().isGivenUp(id.get())) {
            boolean mayGo = isRipe(id.get(), sessions, now);
            if (mayGo && (needed.isEmpty() || move(id.get(), blob, needed, filler))) {
                ripe.add(blob);
            }
        } else if (needed.isEmpty() || needed.bytes() < options.keepFrom() * blob.size()) {
            if (move(id.get(), blob, needed, filler)) {
                packsGivenUp++;
                bytesGivenUp += blob.size();
            }
        }
    }

    /** Tells whether all captures have ended that may not know that a pack was given up. */
    private boolean isRipe(FileId pack, Sessions sessions, long now) throws IOException {
        for (String base : packs.moves().collectionsOf(pack)) {
            Sessions.Session collection = sessions.byBase(base).orElseThrow();
            // Stores tell times to the second here and to the thousandth there.
            if (collection.waits().isEmpty()
                    || Math.max(0, now - collection.waits().get().modifiedMillis())
                            < options.grace().toMillis()) {
                continue;
            }
            Set<String> open = names(collection.waits().get());
            if (open.stream().allMatch(name -> sessions.byBase(name)
                    .map(waited -> !waited.isOpen())
                    .orElse(true))) {
                return true;
            }
        }
        return false;
    }

    private Set<String> names(Blob waits) throws IOException {
        String text = new String(blobs.read(waits), StandardCharsets.US_ASCII);
        return text.lines().filter(line -> !line.isEmpty()).collect(Collectors.toSet());
    }

    /** Copies what is needed of a pack to new ones; returns whether all of it could be read. */
    private boolean move(FileId id, Blob blob, Cells needed, PackFiller filler) throws IOException {
        SortedMap<Long, RecordLocation> table = new TreeMap<>();
        if (!needed.isEmpty()) {
            try {
                PackRecords records = PackRecords.open(blobs, packs, id, blob);
                for (RecordLocation location : records.locations()) {
                    control.cancellation().throwIfCancelled();
                    if (needed.hasStart(location.packOffset())) {
                        table.put(location.packOffset(), copy(records.read(location), filler));
                        bytesMoved += location.length();
                    }
                }
            } catch (ImageFormatException e) {
                damaged.add(String.valueOf(e.getMessage()));
                return false;
            }
        }
        moved.put(id, table);
        return true;
    }

    private RecordLocation copy(PackRecords.Raw raw, PackFiller filler) throws IOException {
        if (raw.record().header().is(RecordType.FRAME)) {
            int blocks = BlockTable.decode(raw.record()).count();
            return filler.addFrame(
                    raw.bytes().order(ByteOrder.LITTLE_ENDIAN),
                    blocks,
                    raw.record().table());
        }
        return filler.addPage(raw.bytes().order(ByteOrder.LITTLE_ENDIAN), IndexPage.hashOf(raw.record()));
    }

    /** Ends the collection: what it gave up is given up from now on. */
    private void end() throws IOException {
        if (moved.isEmpty()) {
            session.abandon();
            return;
        }
        MemoryFile file = new MemoryFile(blobs.name());
        RecordOutput records = RecordOutput.create(file, 1, new FileHeader(session.newId(), Features.foreignPacks()));
        RecordSeal seal = new RecordSeal();
        for (Map.Entry<FileId, SortedMap<Long, RecordLocation>> pack : moved.entrySet()) {
            for (MovedRecords part : MovedRecords.parts(pack.getKey(), pack.getValue())) {
                records.append(part.encode(packs.numbers(), seal, 1));
            }
        }
        records.commit(false, Commit.Contents.NONE);
        session.commit(file.bytes());
    }

    /** Writes down which captures were open after a collection, unless somebody did: any later moment is right. */
    private void writeDownWho(Sessions sessions) throws IOException {
        List<String> open = sessions.all().stream()
                .filter(other -> other.isOpen() && !other.isCollection())
                .map(Sessions.Session::base)
                .toList();
        waitingFor = open.size();
        byte[] text = (String.join("\n", open) + "\n").getBytes(StandardCharsets.US_ASCII);
        for (Sessions.Session collection : sessions.all()) {
            if (collection.isCollection()
                    && collection.isCommitted()
                    && collection.waits().isEmpty()) {
                blobs.put(collection.base() + Keys.WAITS, text);
            }
        }
    }

    /** Deletes lists of sessions of whose packs none is there any more. */
    private void deleteLists(Sessions sessions) throws IOException {
        Set<String> writers = blobs.list(Keys.PACKS).stream()
                .flatMap(blob -> Keys.id(blob.key()).stream())
                .map(Keys::session)
                .collect(Collectors.toSet());
        for (Blob blob : blobs.list(Keys.INDEX)) {
            Optional<String> writer = Keys.id(blob.key()).map(Keys::session);
            boolean hasEnded =
                    writer.flatMap(sessions::byId).map(ended -> !ended.isOpen()).orElse(false);
            if (writer.isPresent() && hasEnded && !writers.contains(writer.get())) {
                blobs.delete(blob.key());
            }
        }
    }
}

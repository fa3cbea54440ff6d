package io.platter.repository;

import io.platter.repository.store.BlobStore.Blob;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * All captures and collections of a repository, as they were listed.
 *
 * <p>Immutable.
 */
final class Sessions {
    /** What an end says that somebody else wrote. */
    private static final byte[] FENCE = "fenced\n".getBytes(StandardCharsets.US_ASCII);

    /**
     * A capture or a collection.
     *
     * @param base what its keys start with
     * @param id of the session
     * @param begin was begun
     * @param end has ended
     * @param forgotten its image does not count any more
     * @param waits which captures were open after a collection
     */
    record Session(
            String base, String id, Optional<Blob> begin, Optional<Blob> end, boolean forgotten, Optional<Blob> waits) {
        boolean isOpen() {
            return end.isEmpty();
        }

        /** Tells whether it was successful. */
        boolean isCommitted() {
            return end.isPresent() && end.get().size() != FENCE.length;
        }

        /** Tells whether it has an image that counts. */
        boolean hasImage() {
            return isCommitted() && !forgotten && base.startsWith(Keys.IMAGES);
        }

        boolean isCollection() {
            return base.startsWith(Keys.COLLECTIONS);
        }
    }

    private final Map<String, Session> byBase = new TreeMap<>();
    private final Map<String, Session> byId = new HashMap<>();

    private Sessions(Map<String, Session> sessions) {
        sessions.values().forEach(session -> {
            byBase.put(session.base, session);
            byId.put(session.id, session);
        });
    }

    /** Lists the captures and the collections. */
    static Sessions list(Blobs blobs) throws IOException {
        Map<String, Session> found = new TreeMap<>();
        for (String prefix : new String[] {Keys.COLLECTIONS, Keys.IMAGES}) {
            for (Blob blob : blobs.list(prefix)) {
                add(found, blob);
            }
        }
        return new Sessions(found);
    }

    private static void add(Map<String, Session> found, Blob blob) {
        int cut = blob.key().lastIndexOf('.');
        String base = blob.key().substring(0, Math.max(cut, 0));
        Optional<String> id = Keys.sessionOf(base);
        if (id.isEmpty()) {
            return; // Not ours.
        }
        Session known = found.getOrDefault(
                base, new Session(base, id.get(), Optional.empty(), Optional.empty(), false, Optional.empty()));
        found.put(
                base,
                switch (blob.key().substring(cut)) {
                    case Keys.BEGIN ->
                        new Session(base, known.id, Optional.of(blob), known.end, known.forgotten, known.waits);
                    case Keys.END ->
                        new Session(base, known.id, known.begin, Optional.of(blob), known.forgotten, known.waits);
                    case Keys.FORGOTTEN -> new Session(base, known.id, known.begin, known.end, true, known.waits);
                    case Keys.WAITS ->
                        new Session(base, known.id, known.begin, known.end, known.forgotten, Optional.of(blob));
                    default -> known;
                });
    }

    /** Ends a session that says nothing any more, unless it has ended. */
    static void fence(Blobs blobs, String base) throws IOException {
        blobs.put(base + Keys.END, FENCE);
    }

    /** Returns all, in the order of their keys. */
    Collection<Session> all() {
        return byBase.values();
    }

    /** Returns the session that wrote a pack. */
    Optional<Session> byId(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** Returns the newest image of a name. */
    Optional<Session> newestImage(String name) {
        return byBase.values().stream()
                .filter(session ->
                        session.hasImage() && Keys.nameOf(session.base()).equals(name))
                .reduce((older, newer) -> newer);
    }

    /** Returns a session by what its keys start with. */
    Optional<Session> byBase(String base) {
        return Optional.ofNullable(byBase.get(base));
    }
}

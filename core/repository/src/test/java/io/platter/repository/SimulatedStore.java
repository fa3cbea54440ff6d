package io.platter.repository;

import io.platter.repository.store.BlobStore;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/**
 * A store in memory that is used by several actors, of whom one acts at a time: {@link Turns} say who. A call may fail before or after
 * it was carried out, be carried out later, or be the last one of its actor.
 */
final class SimulatedStore {
    /** What an actor is, whose program was killed. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1;

        Killed() {
            super("killed", null, false, false);
        }
    }

    private static final class Stored {
        private final byte[] bytes;
        private final long time;

        Stored(byte[] bytes, long time) {
            this.bytes = bytes;
            this.time = time;
        }
    }

    private final TreeMap<String, Stored> blobs = new TreeMap<>();
    private final List<Runnable> onTheirWay = new ArrayList<>();
    private long time = 1_000_000;
    private int calls;

    /** How the store breaks what it promises, to see whether that is noticed. */
    enum Mutant {
        NONE,
        /** Whoever finds that somebody else was first is told that it was itself. */
        EXISTS_IS_SUCCESS,
        /** Looks first and writes later. */
        CHECK_THEN_PUT,
        /** A collection does not see who is still capturing. */
        NO_SESSIONS,
        /** A collection sees the captures as they were before it gave packs up. */
        STALE_SESSIONS,
        /** A capture sees what collections gave up as it was before it began. */
        STALE_COLLECTIONS,
        /** What gives a session up is deleted. */
        FENCE_DELETED,
        /** What gives packs up is deleted, so that they are used again. */
        RETRACTED
    }

    /** What an actor is there for. */
    enum Role {
        CAPTURES,
        COLLECTS,
        OTHER
    }

    private final Mutant mutant;

    SimulatedStore(Mutant mutant) {
        this.mutant = mutant;
    }

    synchronized int calls() {
        return calls;
    }

    /** Carries out what is still on its way. */
    synchronized void settle() {
        onTheirWay.forEach(Runnable::run);
        onTheirWay.clear();
    }

    synchronized List<String> keys(String prefix) {
        return blobs.keySet().stream().filter(key -> key.startsWith(prefix)).toList();
    }

    private synchronized BlobStore.Put put(String key, byte[] bytes) {
        time++;
        Stored there = blobs.putIfAbsent(key, new Stored(bytes, time));
        return there == null || (mutant == Mutant.EXISTS_IS_SUCCESS && key.startsWith(Keys.IMAGES))
                ? BlobStore.Put.CREATED
                : BlobStore.Put.EXISTS;
    }

    private synchronized void overwrite(String key, byte[] bytes) {
        blobs.put(key, new Stored(bytes, ++time));
    }

    private synchronized Stored find(String key) throws NoSuchFileException {
        Stored stored = blobs.get(key);
        if (stored == null) {
            throw new NoSuchFileException(key);
        }
        return stored;
    }

    private synchronized List<BlobStore.Blob> list(String prefix, String after) {
        return blobs.tailMap(after, false).entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(prefix))
                .limit(7)
                .map(entry -> new BlobStore.Blob(entry.getKey(), entry.getValue().bytes.length, entry.getValue().time))
                .toList();
    }

    private synchronized void delete(String key) {
        time++;
        blobs.remove(key);
    }

    private synchronized void later(Random random, Runnable what) {
        onTheirWay.add(random.nextInt(onTheirWay.size() + 1), what);
    }

    private synchronized void maybeArrive(Random random) {
        calls++;
        if (!onTheirWay.isEmpty() && random.nextInt(4) == 0) {
            onTheirWay.remove(0).run();
        }
    }

    /** The store as one actor has it. */
    final class View implements BlobStore {
        private final Turns turns;
        private final int actor;
        private final Random random;
        private final double faults;
        private final Role role;
        private int callsLeft;
        private List<Blob> firstImages = List.of();
        private boolean listedImages;
        private final List<Blob> collectionsBefore;

        /**
         * Creates a view.
         *
         * @param turns says when the actor may act
         * @param faults how many of 1 calls go wrong
         * @param callsLeft after how many calls it is killed
         */
        View(Turns turns, int actor, Random random, double faults, int callsLeft, Role role) {
            this.turns = turns;
            this.actor = actor;
            this.random = random;
            this.faults = faults;
            this.callsLeft = callsLeft;
            this.role = role;
            this.collectionsBefore = SimulatedStore.this.list(Keys.COLLECTIONS, "");
        }

        private interface Call<T> {
            T run() throws IOException;
        }

        private synchronized <T> T call(boolean takesTurn, Call<T> call, Runnable again) throws IOException {
            if (takesTurn) {
                turns.await(actor);
            }
            maybeArrive(random);
            boolean dies = --callsLeft <= 0;
            if (dies && (callsLeft < 0 || random.nextBoolean())) {
                throw new Killed();
            }
            boolean goesWrong = random.nextDouble() < faults;
            int how = goesWrong ? random.nextInt(3) : -1;
            if (how == 0) {
                throw new IOException("not carried out");
            }
            if (how == 1) {
                later(random, again);
                throw new IOException("carried out later");
            }
            T result = call.run();
            if (dies) {
                throw new Killed();
            }
            if (how == 2) {
                throw new IOException("answer lost");
            }
            return result;
        }

        @Override
        public String name() {
            return "simulated store";
        }

        @Override
        public Put put(String key, List<ByteBuffer> bytes) throws IOException {
            byte[] all = new byte[bytes.stream().mapToInt(ByteBuffer::remaining).sum()];
            ByteBuffer into = ByteBuffer.wrap(all);
            bytes.forEach(piece -> into.put(piece.duplicate()));
            // Packs are put by threads of their own, whose order is nobody's.
            boolean takesTurn = !key.startsWith(Keys.PACKS);
            if (mutant == Mutant.CHECK_THEN_PUT && key.endsWith(Keys.END)) {
                boolean there = call(true, () -> !keys(key).isEmpty(), () -> {});
                return there
                        ? Put.EXISTS
                        : call(
                                true,
                                () -> {
                                    overwrite(key, all);
                                    return Put.CREATED;
                                },
                                () -> overwrite(key, all));
            }
            return call(takesTurn, () -> SimulatedStore.this.put(key, all), () -> SimulatedStore.this.put(key, all));
        }

        @Override
        public void get(String key, long offset, ByteBuffer target) throws IOException {
            call(
                    true,
                    () -> {
                        byte[] bytes = find(key).bytes;
                        if (offset + target.remaining() > bytes.length) {
                            throw new EOFException(key);
                        }
                        target.put(bytes, (int) offset, target.remaining());
                        return key;
                    },
                    () -> {});
        }

        @Override
        public Blob stat(String key) throws IOException {
            return call(
                    true,
                    () -> {
                        Stored stored = find(key);
                        return new Blob(key, stored.bytes.length, stored.time);
                    },
                    () -> {});
        }

        @Override
        public List<Blob> list(String prefix, String after) throws IOException {
            List<Blob> page = call(true, () -> SimulatedStore.this.list(prefix, after), () -> {});
            if (mutant == Mutant.STALE_COLLECTIONS && role == Role.CAPTURES && prefix.equals(Keys.COLLECTIONS)) {
                return collectionsBefore.stream()
                        .filter(blob -> blob.key().compareTo(after) > 0)
                        .toList();
            }
            if (role == Role.COLLECTS && prefix.equals(Keys.IMAGES)) {
                return mutated(page, after);
            }
            return page;
        }

        private List<Blob> mutated(List<Blob> page, String after) {
            if (mutant == Mutant.NO_SESSIONS) {
                return page.stream()
                        .filter(blob -> !blob.key().endsWith(Keys.BEGIN)
                                || !keys(blob.key().replace(Keys.BEGIN, Keys.END))
                                        .isEmpty())
                        .toList();
            }
            if (mutant == Mutant.STALE_SESSIONS) {
                if (after.isEmpty() && !listedImages) {
                    listedImages = true;
                    firstImages = new ArrayList<>(SimulatedStore.this.list(Keys.IMAGES, ""));
                    while (!SimulatedStore.this
                            .list(Keys.IMAGES, lastKey(firstImages))
                            .isEmpty()) {
                        firstImages.addAll(SimulatedStore.this.list(Keys.IMAGES, lastKey(firstImages)));
                    }
                }
                return firstImages.stream()
                        .filter(blob -> blob.key().compareTo(after) > 0)
                        .toList();
            }
            return page;
        }

        private static String lastKey(List<Blob> blobs) {
            return blobs.isEmpty() ? "" : blobs.get(blobs.size() - 1).key();
        }

        @Override
        public void delete(String key) throws IOException {
            call(
                    true,
                    () -> {
                        SimulatedStore.this.delete(key);
                        return key;
                    },
                    () -> SimulatedStore.this.delete(key));
        }

        /** Does what only a broken program does. */
        void sabotage() throws IOException {
            for (String key : keys("")) {
                boolean isEnd = key.endsWith(Keys.END);
                boolean isFence = isEnd && find(key).bytes.length < 10;
                if ((mutant == Mutant.FENCE_DELETED && isFence && key.startsWith(Keys.IMAGES))
                        || (mutant == Mutant.RETRACTED && isEnd && !isFence && key.startsWith(Keys.COLLECTIONS))) {
                    delete(key);
                }
            }
        }

        @Override
        public void close() {}
    }
}

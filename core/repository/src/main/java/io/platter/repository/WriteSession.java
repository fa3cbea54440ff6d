package io.platter.repository;

import io.platter.block.BlockDevice;
import io.platter.image.FileId;
import io.platter.pack.PackStore;
import io.platter.repository.store.BlobStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;

/**
 * One capture or collection while it writes: it has a begin, and one end, which itself or somebody who gives it up writes,
 * whoever is first.
 *
 * <p>Safe for use by several threads, as {@link PackStore} says.
 */
final class WriteSession implements PackStore {
    private final Blobs blobs;
    private final PackDevices packs;
    private final String base;
    private final String id;
    private final Random random;
    private final int packSize;
    private final Sessions begun;
    private boolean ended;

    private WriteSession(
            Blobs blobs, PackDevices packs, String base, String id, Random random, int packSize, Sessions begun) {
        this.blobs = blobs;
        this.packs = packs;
        this.base = base;
        this.id = id;
        this.random = random;
        this.packSize = packSize;
        this.begun = begun;
    }

    /** Returns an id that no session ever had. */
    static String newId(Random random) {
        byte[] bytes = new byte[Keys.SESSION_DIGITS / 2];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /**
     * Begins a session. What collections have given up is listed after that: whatever they give up later, they wait for it.
     *
     * @param base what its keys start with
     */
    static WriteSession begin(Blobs blobs, PackDevices packs, String base, String id, Random random, int packSize)
            throws IOException {
        blobs.put(base + Keys.BEGIN, "begun\n".getBytes(StandardCharsets.US_ASCII));
        Sessions begun = Sessions.list(blobs);
        packs.moves().load(begun);
        return new WriteSession(blobs, packs, base, id, random, packSize, begun);
    }

    /** Returns what its keys start with. */
    String base() {
        return base;
    }

    /** Returns the captures and collections that were there when it began. */
    Sessions begun() {
        return begun;
    }

    @Override
    public String name() {
        return blobs.name();
    }

    @Override
    public synchronized FileId newId() {
        return FileId.parse(id + newId(random));
    }

    @Override
    public int packSize() {
        return packSize;
    }

    @Override
    public Iterable<BlockDevice> catalogs() throws IOException {
        List<BlobStore.Blob> lists = blobs.list(Keys.INDEX);
        return () -> new ListIterator(lists.iterator());
    }

    /** The lists that are there when they are reached: a collection may have deleted one whose packs are gone. */
    private final class ListIterator implements Iterator<BlockDevice> {
        private final Iterator<BlobStore.Blob> lists;
        private List<BlockDevice> next = List.of();

        ListIterator(Iterator<BlobStore.Blob> lists) {
            this.lists = lists;
        }

        @Override
        public boolean hasNext() {
            while (next.isEmpty() && lists.hasNext()) {
                try {
                    next = List.of(
                            BlobFile.read(blobs, lists.next(), packs.numbers()).bytes());
                } catch (NoSuchFileException e) {
                    // Its packs are gone, too.
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
            return !next.isEmpty();
        }

        @Override
        public BlockDevice next() {
            if (!hasNext()) {
                throw new NoSuchElementException("lists of packs");
            }
            BlockDevice list = next.get(0);
            next = List.of();
            return list;
        }
    }

    @Override
    public boolean mayUse(FileId pack) {
        // As it was when the session began: what is given up later is kept for it.
        return !packs.moves().isGivenUp(pack);
    }

    @Override
    public BlockDevice pack(FileId pack) {
        return packs.pack(pack);
    }

    @Override
    public void put(FileId pack, List<ByteBuffer> bytes) throws IOException {
        blobs.put(Keys.pack(pack), bytes);
    }

    @Override
    public void putCatalog(FileId list, List<ByteBuffer> bytes) throws IOException {
        blobs.put(Keys.index(list), bytes);
    }

    @Override
    public void commit(List<ByteBuffer> bytes) throws IOException {
        String key = base + Keys.END;
        ended = true;
        if (blobs.put(key, bytes) == BlobStore.Put.EXISTS && !isThere(key, bytes)) {
            throw new SessionEndedException(
                    blobs.name()
                            + ": this job was given up by another one, which had not heard of it for long; what it wrote does not count");
        }
    }

    /** Tells whether it was an earlier attempt of ours that wrote the end. */
    private boolean isThere(String key, List<ByteBuffer> bytes) throws IOException {
        long size = bytes.stream().mapToLong(ByteBuffer::remaining).sum();
        if (blobs.stat(key).size() != size) {
            return false;
        }
        ByteBuffer ours = bytes.get(0).duplicate();
        ByteBuffer there = ByteBuffer.allocate(ours.remaining());
        blobs.get(key, 0, there);
        return there.flip().equals(ours);
    }

    @Override
    public void abandon() throws IOException {
        if (!ended) {
            ended = true;
            Sessions.fence(blobs, base);
        }
    }
}

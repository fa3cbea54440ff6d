package io.platter.pack;

import io.platter.block.BlockDevice;
import io.platter.image.FileId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Takes an image in parts: packs, a list of what is in them, and in the end the manifest that makes the image count. One
 * object takes one image.
 *
 * <p>Methods are called by one thread at a time, but for {@link #put} and {@link #pack}, which are called by several. An
 * exception of any of them ends the image.
 */
public interface PackStore extends PackSource {
    /** The most bytes of a pack that {@link #put} takes: 64 MiB. */
    int MAX_PACK = 64 << 20;

    /** Returns a name by which messages call the place where the image goes. */
    String name();

    /** Returns an id that no pack of this store ever had. */
    FileId newId();

    /**
     * Returns how large a pack becomes, in bytes: frames and pages are added until one more would make it larger.
     *
     * @return 1 MiB to half of {@link #MAX_PACK}
     */
    int packSize();

    /**
     * Returns the files whose catalogs list what blocks other packs have, which the image may use. Asked for once, when the
     * first block is met that the image's base has not; never if there is none.
     */
    Iterable<BlockDevice> catalogs() throws IOException;

    /** Tells whether the image may use what is in a pack. */
    boolean mayUse(FileId pack);

    /**
     * Takes a pack. When this returns, the pack is kept.
     *
     * @param bytes all of it, at most {@link #MAX_PACK}; the caller's again afterwards
     */
    void put(FileId id, List<ByteBuffer> bytes) throws IOException;

    /**
     * Takes the list of what is in the packs of the image: a file with a catalog.
     *
     * @param bytes all of it; the caller's again afterwards
     */
    void putCatalog(FileId id, List<ByteBuffer> bytes) throws IOException;

    /**
     * Takes the manifest, a file with the image. When this returns, the image counts.
     *
     * @param bytes all of it; the caller's again afterwards
     */
    void commit(List<ByteBuffer> bytes) throws IOException;

    /** Ends the image early: what was put does not count. */
    void abandon() throws IOException;
}

package io.platter.repository.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Keeps blobs: bytes that are written once, under a key, and never changed. A repository needs no more of a store than this,
 * and trusts neither its clock nor a lock.
 *
 * <p>Keys are parts of {@code a–z A–Z 0–9 . _ - %}, joined by {@code /}, at most 900 characters; two that differ in case only
 * are never used.
 *
 * <p>What an operation has done when it throws is not known, unless its javadoc says so: it may be done, not done, or be done
 * later. Whoever calls it asks, or does the same again.
 *
 * <p>Safe for use by several threads.
 */
public interface BlobStore extends Closeable {
    /** What became of a blob that was to be written. */
    enum Put {
        /** It is there, whole, and on a medium that outlives a power cut. */
        CREATED,
        /** There is a blob of this key, which stays as it is; it may be the same. */
        EXISTS
    }

    /**
     * A blob that is there.
     *
     * @param key its key
     * @param size in bytes
     * @param modifiedMillis when it was written, by the store's own clock, in milliseconds since 1970
     */
    record Blob(String key, long size, long modifiedMillis) {}

    /** Returns a name by which messages call the store. */
    String name();

    /**
     * Writes a blob, unless there is one of its key: of several that try at once, one succeeds, and its bytes stay. Nobody
     * ever sees a part of it.
     *
     * @param bytes all of it, one buffer after the other, each from position to limit; at most 64 MiB; positions stay
     * @throws IOException if it can't be written
     */
    Put put(String key, List<ByteBuffer> bytes) throws IOException;

    /**
     * Reads bytes of a blob into a buffer, from its position to its limit.
     *
     * @param offset of the first byte in the blob
     * @throws java.nio.file.NoSuchFileException if there is no such blob
     * @throws java.io.EOFException if the blob ends before the buffer is full
     * @throws IOException if it can't be read
     */
    void get(String key, long offset, ByteBuffer target) throws IOException;

    /**
     * Returns the blob of a key.
     *
     * @throws java.nio.file.NoSuchFileException if there is no such blob
     * @throws IOException if the store can't be asked
     */
    Blob stat(String key) throws IOException;

    /**
     * Lists blobs by their keys, in the order of their characters. What was written before the call is listed; what is written
     * or deleted meanwhile may be.
     *
     * @param prefix what all keys start with
     * @param after keys up to this one are left out; empty for none
     * @return the next ones, as many as the store likes to give at once; empty if there are no more
     * @throws IOException if the store can't be asked
     */
    List<Blob> list(String prefix, String after) throws IOException;

    /**
     * Deletes a blob; one that is not there is no error.
     *
     * @throws java.nio.file.AccessDeniedException if this client may not delete it
     * @throws IOException if it can't be deleted
     */
    void delete(String key) throws IOException;

    /**
     * Removes what programs have left that were killed while they wrote, and what is no blob; nothing unless the store knows of such.
     *
     * @throws IOException if it can't be removed
     */
    default void tidy() throws IOException {}

    /** Lets go of what the object holds. */
    @Override
    void close() throws IOException;
}

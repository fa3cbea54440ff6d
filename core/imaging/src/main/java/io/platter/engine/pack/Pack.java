package io.platter.engine.pack;

import io.platter.block.BlockDevice;
import io.platter.engine.read.ImageFile;
import io.platter.image.codec.Commit;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A pack that is being written: appended to, read meanwhile, and in the end published or abandoned. An image file is one; a
 * pipe is another, which is no file, can't be read and keeps nothing early.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public interface Pack extends Closeable {
    /** Returns the place to append to, which is closed with this object. */
    Storage storage();

    /**
     * Returns the bytes that are in the pack now, for reading.
     *
     * @throws IllegalStateException if it can't be read while it is written
     */
    default BlockDevice bytes() throws IOException {
        throw new IllegalStateException(storage().name() + " can't be read");
    }

    /** Tells whether what was committed stays if the writing ends early, so that it can be resumed. */
    default boolean keepsCommits() {
        return false;
    }

    /** Returns the file that is written, by the name that it has meanwhile. */
    default Optional<Path> file() {
        return Optional.empty();
    }

    /** Returns the name that the file has when it is published. */
    default Optional<Path> finalName() {
        return Optional.empty();
    }

    /** Cuts off what does not count, and writes again what stands there twice and is damaged once. */
    default void goOnAfter(ImageFile existing) throws IOException {
        throw new IllegalStateException(storage().name() + " can't be resumed");
    }

    /** Ends the writing: all of it counts from now on. */
    void publish() throws IOException;

    /** Ends the writing early: only what a commit vouches for stays. */
    void abandon(Commit lastCommit) throws IOException;

    /** Ends the writing before anything was written. */
    @Override
    void close() throws IOException;
}

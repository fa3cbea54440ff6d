package io.platter.engine.pack;

import io.platter.block.BlockDevice;
import io.platter.engine.read.ImageFile;
import io.platter.image.codec.Commit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A pack whose bytes go away as they are written, such as into a pipe.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class StreamPack implements Pack {
    private final Storage storage;

    /** Takes where the bytes go, which is closed with this object. */
    public StreamPack(Storage storage) {
        this.storage = storage;
    }

    @Override
    public Storage storage() {
        return storage;
    }

    @Override
    public BlockDevice bytes() {
        throw new IllegalStateException(storage.name() + " can't be read");
    }

    @Override
    public boolean keepsCommits() {
        return false;
    }

    @Override
    public Optional<Path> file() {
        return Optional.empty();
    }

    @Override
    public Optional<Path> finalName() {
        return Optional.empty();
    }

    @Override
    public void goOnAfter(ImageFile existing) {
        throw new IllegalStateException(storage.name() + " can't be resumed");
    }

    @Override
    public void publish() throws IOException {
        storage.close();
    }

    @Override
    public void abandon(Commit lastCommit) throws IOException {
        storage.close();
    }

    @Override
    public void close() throws IOException {
        storage.close();
    }
}

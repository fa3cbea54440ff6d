package io.platter.engine.pack;

import io.platter.image.codec.Commit;
import java.io.IOException;

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

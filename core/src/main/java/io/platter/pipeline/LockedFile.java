package io.platter.pipeline;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/** A {@link io.platter.block.LockedFile} under this package's name for it. See {@link NameLock} for what no reader ends. */
final class LockedFile implements Closeable {
    private final io.platter.block.LockedFile file;

    private LockedFile(io.platter.block.LockedFile file) {
        this.file = file;
    }

    static LockedFile open(Path path, Path name, OpenOption... options) throws IOException {
        return new LockedFile(io.platter.block.LockedFile.open(path, name, options));
    }

    FileChannel channel() {
        return file.channel();
    }

    boolean isNamed(Path path) throws IOException {
        return file.isNamed(path);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}

package io.platter.engine.pack;

import io.platter.block.FileFailure;
import io.platter.block.LockedFile;
import io.platter.engine.line.Threads;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The right to write the file of a name: {@code NAME}, {@code NAME.partial}, and every symbolic link to them have one
 * lock in common. It is the lock on a file of its own, {@code NAME.lock}, which nobody but this class opens and closes,
 * and which is deleted by the one who holds the lock. One that a killed program has left is taken.
 *
 * <p>Not thread-safe: one thread at a time; different threads may use different instances.
 */
final class NameLock implements Closeable {
    /** What the name of a file ends with while it is written. */
    static final String PARTIAL = ".partial";

    private static final String LOCK = ".lock";

    /** How often a lock file may vanish before it is locked; each time somebody else has finished. */
    private static final int ATTEMPTS = 1000;

    /** How often a file's size is changed to see whether a path names it, and the largest size. */
    private static final int ROUNDS = 5;

    private static final int LARGEST_SIZE = 4096;

    private final Path path;
    private final LockedFile lock;

    private NameLock(Path path, LockedFile lock) {
        this.path = path;
        this.lock = lock;
    }

    /**
     * Takes the lock of a name.
     *
     * @throws FileSystemException if another program has it, or this one
     */
    static NameLock take(Path name) throws IOException {
        Path path = lockOf(name);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            LockedFile lock = LockedFile.open(
                    path, name, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
            try {
                boolean[] isNamed = {false};
                Threads.uninterrupted(() -> isNamed[0] = isNamed(lock.channel(), path));
                if (isNamed[0]) {
                    return new NameLock(path, lock);
                }
            } catch (IOException e) {
                PublishedFile.closeAfter(() -> deleteUnproven(lock, path), e);
                throw FileFailure.of(name, "can't be written, as " + path.getFileName() + " beside it can't be", e);
            } catch (RuntimeException | Error e) {
                PublishedFile.closeAfter(lock, e);
                throw e;
            }
            // Whoever had the lock has deleted the file after it was opened here: that lock protects nothing any more.
            lock.close();
        }
        throw new FileSystemException(name.toString(), null, path + " vanishes whenever it is locked");
    }

    private static Path lockOf(Path name) throws IOException {
        Path real = realName(name);
        String file = real.getFileName().toString();
        String base = file.endsWith(PARTIAL) ? file.substring(0, file.length() - PARTIAL.length()) : file;
        return real.resolveSibling(base + LOCK);
    }

    /** Returns the path of a file without any link in it; the file itself need not be there. */
    static Path realName(Path name) throws IOException {
        if (Files.exists(name)) {
            return name.toRealPath();
        }
        Path absolute = name.toAbsolutePath();
        Path directory = absolute.getParent();
        if (directory == null) {
            throw new FileSystemException(name.toString(), null, "is a directory");
        }
        return directory.toRealPath().resolve(absolute.getFileName());
    }

    /**
     * Tells whether a path names an open file. The size of the one changes whenever that of the other does: a look that
     * opens nothing, which would end the lock.
     */
    private static boolean isNamed(FileChannel file, Path path) throws IOException {
        for (int round = 0; round < ROUNDS; round++) {
            int size = ThreadLocalRandom.current().nextInt(1, LARGEST_SIZE + 1);
            file.truncate(0).write(ByteBuffer.allocate(1), size - 1);
            try {
                if (Files.size(path) != size) {
                    return false;
                }
            } catch (NoSuchFileException e) {
                return false;
            }
        }
        return true;
    }

    /** Leaves no file behind that a full disk kept from being locked. One that has bytes may be another's by now. */
    private static void deleteUnproven(LockedFile lock, Path path) throws IOException {
        try (lock) {
            if (lock.isNamed(path) && Files.size(path) == 0) {
                Files.delete(path);
            }
        }
    }

    /** Deletes the lock's file, and ends the lock. */
    @Override
    public void close() throws IOException {
        try (lock) {
            if (lock.channel().isOpen() && lock.isNamed(path)) {
                Files.deleteIfExists(path);
            }
        }
    }
}

package io.platter.block;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A regular file, open and locked against other programs, and against other users of this class in this program.
 *
 * <p>POSIX takes all of a process's locks on a file away when the process closes <em>any</em> descriptor of the file. So
 * whoever is refused must not have opened the file before: which files this process has locked is known here, and asked
 * first. A reader of the same file still ends the lock when it is closed.
 *
 * <p>Not thread-safe: one thread at a time; different threads may use different instances.
 */
public final class LockedFile implements Closeable {
    /** A place that no file has: a lock on bytes would keep Windows from reading them. */
    private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

    /**
     * The files that this process has locked, by what identifies a file. Like the locks, this belongs to the process.
     * Under the lock of the set itself.
     */
    private static final Set<Object> HELD = new HashSet<>();

    private final FileChannel channel;

    /** What identifies the file, or nothing where the system has no such thing; there, closing a file ends no lock. */
    private final @Nullable Object key;

    private boolean closed;

    private LockedFile(FileChannel channel, @Nullable Object key) {
        this.channel = channel;
        this.key = key;
    }

    /**
     * Opens a file and locks it.
     *
     * @param path the file; nothing but a regular file is opened
     * @param name the file by the name that its user gave, for messages
     * @param options how it is opened, for writing at least; with NOFOLLOW_LINKS, a symbolic link is refused
     * @throws FileSystemException if it is there and no regular file, or is locked
     */
    public static LockedFile open(Path path, Path name, OpenOption... options) throws IOException {
        boolean follow = !Arrays.asList(options).contains(LinkOption.NOFOLLOW_LINKS);
        synchronized (HELD) {
            Object before = keyOfRegularFile(path, follow);
            if (before != null && HELD.contains(before)) {
                throw refusal(name, "this program");
            }
            FileChannel channel = openChannel(path, name, options);
            try {
                if (channel.tryLock(LOCKED_BYTE, 1, false) == null) {
                    throw refusal(name, "another program");
                }
                Object key = keyOfRegularFile(path, follow);
                if (before != null && !before.equals(key)) {
                    throw new FileSystemException(name.toString(), null, "was replaced while it was opened");
                }
                if (key != null) {
                    HELD.add(key);
                }
                return new LockedFile(channel, key);
            } catch (OverlappingFileLockException e) {
                channel.close();
                throw refusal(name, "this program");
            } catch (IOException | RuntimeException | Error e) {
                channel.close();
                throw e;
            }
        }
    }

    private static FileChannel openChannel(Path path, Path name, OpenOption... options) throws IOException {
        try {
            return FileChannel.open(path, options);
        } catch (FileSystemException e) {
            String operation = path.equals(name)
                    ? "can't be opened for writing"
                    : "can't be written, as " + path.getFileName() + " beside it can't be opened";
            throw FileFailure.of(name, operation, e);
        }
    }

    private static FileSystemException refusal(Path name, String who) {
        return new FileSystemException(name.toString(), null, "is being written by " + who);
    }

    private static @Nullable Object keyOfRegularFile(Path path, boolean follow) throws IOException {
        try {
            LinkOption[] options = follow ? new LinkOption[0] : new LinkOption[] {LinkOption.NOFOLLOW_LINKS};
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class, options);
            if (!attributes.isRegularFile()) {
                throw new FileSystemException(
                        path.toString(),
                        null,
                        "is not a regular file" + (attributes.isSymbolicLink() ? " but a link" : ""));
            }
            return attributes.fileKey();
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** Returns the open file; an interrupt of a thread that uses it closes it, as ever. */
    public FileChannel channel() {
        return channel;
    }

    /** Tells whether a path, which is no link, still names this file, as far as the system can tell. */
    public boolean isNamed(Path path) throws IOException {
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        return key == null || key.equals(keyOfRegularFile(path, false));
    }

    /** Closes the file, which ends the lock. */
    @Override
    public void close() throws IOException {
        synchronized (HELD) {
            if (!closed) {
                closed = true;
                if (key != null) {
                    HELD.remove(key);
                }
                channel.close();
            }
        }
    }
}

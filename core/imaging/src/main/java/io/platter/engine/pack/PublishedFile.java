package io.platter.engine.pack;

import io.platter.block.BlockDevices;
import io.platter.block.DeviceDirectories;
import io.platter.block.LockedFile;
import io.platter.engine.line.Threads;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Optional;

/**
 * A file that is written under the name {@code NAME.partial}, and gets its own name when all of it is on the medium; or
 * one that is there and written on. As long as it is open, nobody else writes a file of that name: see {@link NameLock}.
 *
 * <p>A name that something else takes meanwhile is never replaced: the file gets its name as a second one (a hard link),
 * which fails if it exists, and then loses the first. A filesystem without hard links, such as FAT, is asked whether the
 * name is free just before the file is moved to it; between the two, programs that don't know the lock could still take
 * it. Where replacing was asked for, the file is moved over the old one, in one step.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class PublishedFile implements Closeable {
    private static final LinkOption NOFOLLOW = LinkOption.NOFOLLOW_LINKS;

    private final Path name;
    private final Path file;
    private final boolean replaces;
    private final NameLock lock;
    private final LockedFile opened;
    /** The file that is replaced, which nobody else writes meanwhile. */
    private Optional<LockedFile> replaced = Optional.empty();

    /** Whether what was written stays when this is closed. */
    private boolean kept;

    private boolean closed;

    private PublishedFile(Path name, Path file, boolean replaces, NameLock lock, LockedFile opened) {
        this.name = name;
        this.file = file;
        this.replaces = replaces;
        this.lock = lock;
        this.opened = opened;
    }

    /** Returns the name that a file has while it is written. */
    public static Path partialName(Path name) {
        return name.resolveSibling(name.getFileName() + NameLock.PARTIAL);
    }

    /**
     * Creates a file. A {@code NAME.partial} that an earlier job left is deleted, unless it holds an unfinished or a
     * finished image.
     *
     * @throws FileAlreadyExistsException if the name is taken, even by a link to nothing
     * @throws NoSuchFileException if only a device can have this name, such as under {@code /dev}
     * @throws io.platter.image.UnfinishedImageException if {@code NAME.partial} holds an image
     * @throws FileSystemException if another job writes a file of the name, or {@code NAME.partial} is no regular file
     */
    public static PublishedFile create(Path name) throws IOException {
        DeviceDirectories.refuseNewFile(name);
        NameLock lock = NameLock.take(name);
        try {
            if (Files.exists(name, NOFOLLOW)) {
                throw new FileAlreadyExistsException(name.toString());
            }
            return create(name, false, lock);
        } catch (IOException | RuntimeException | Error e) {
            closeAfter(lock, e);
            throw e;
        }
    }

    /**
     * Creates a file that will replace the one of the same name, if there is one: until it is published, that stays as
     * it is. A name that is a symbolic link stays one, and what it points to is replaced. The new file has the old one's
     * permissions, and its owner as far as the system allows that.
     *
     * @throws io.platter.image.UnfinishedImageException if {@code NAME.partial} holds an image
     * @throws io.platter.block.DiskInUseException if the old file is used, such as by a loop device over it
     * @throws FileSystemException if another job writes a file of the name, or it or {@code NAME.partial} is no regular
     *     file
     */
    public static PublishedFile replace(Path name) throws IOException {
        DeviceDirectories.refuseNewFile(name);
        NameLock lock = NameLock.take(name);
        try {
            if (Files.exists(name, NOFOLLOW) && !Files.isRegularFile(name)) {
                throw new FileSystemException(name.toString(), null, "is not a regular file, and is not replaced");
            }
            PublishedFile created = create(NameLock.realName(name), true, lock);
            try {
                created.lockReplaced();
                return created;
            } catch (IOException | RuntimeException | Error e) {
                closeAfter(created, e);
                throw e;
            }
        } catch (IOException | RuntimeException | Error e) {
            closeAfter(lock, e);
            throw e;
        }
    }

    private void lockReplaced() throws IOException {
        if (!Files.exists(name)) {
            return;
        }
        BlockDevices.refuseUsed(name);
        try {
            replaced = Optional.of(LockedFile.open(name, name, StandardOpenOption.READ, StandardOpenOption.WRITE));
        } catch (AccessDeniedException e) {
            // It may be replaced all the same, and nobody with our rights writes it.
        }
    }

    /**
     * Returns the file that will be replaced, open and locked, if there is one. Whoever opened and closed it once more
     * would give up the lock, by the rules of POSIX.
     */
    public Optional<FileChannel> replaced() {
        return replaced.map(LockedFile::channel);
    }

    private void unlockReplaced() throws IOException {
        if (replaced.isPresent()) {
            replaced.get().close();
        }
    }

    private static PublishedFile create(Path name, boolean replaces, NameLock lock) throws IOException {
        Path file = partialName(name);
        Leftover.delete(file, name);
        LockedFile opened = LockedFile.open(
                file, name, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE, NOFOLLOW);
        PublishedFile created = new PublishedFile(name, file, replaces, lock, opened);
        try {
            if (replaces && Files.exists(name)) {
                takeOverAttributes(name, file);
            }
            return created;
        } catch (IOException | RuntimeException | Error e) {
            opened.close();
            Files.deleteIfExists(file);
            throw e;
        }
    }

    private static void takeOverAttributes(Path from, Path to) throws IOException {
        PosixFileAttributeView target = Files.getFileAttributeView(to, PosixFileAttributeView.class, NOFOLLOW);
        if (target == null) {
            return;
        }
        PosixFileAttributes wanted = Files.readAttributes(from, PosixFileAttributes.class);
        PosixFileAttributes found = target.readAttributes();
        if (!wanted.owner().equals(found.owner()) || !wanted.group().equals(found.group())) {
            try {
                target.setGroup(wanted.group());
                target.setOwner(wanted.owner());
            } catch (IOException e) {
                // Only the system's administrator may give files away.
            }
        }
        target.setPermissions(wanted.permissions());
    }

    /**
     * Opens a file that is there, to write on in it.
     *
     * @param file the file: {@code NAME} or {@code NAME.partial}; only the former may be a link
     * @param name the name that it has afterwards
     * @param lock the name's, which is closed with this object, also if it can't be opened
     * @throws io.platter.block.DiskInUseException if the file is used, such as by a loop device over it
     */
    static PublishedFile open(Path file, Path name, NameLock lock) throws IOException {
        try {
            BlockDevices.refuseUsed(file);
            OpenOption[] options = file.equals(name)
                    ? new OpenOption[] {StandardOpenOption.READ, StandardOpenOption.WRITE}
                    : new OpenOption[] {StandardOpenOption.READ, StandardOpenOption.WRITE, NOFOLLOW};
            PublishedFile opened = new PublishedFile(name, file, false, lock, LockedFile.open(file, file, options));
            opened.kept = true;
            return opened;
        } catch (IOException | RuntimeException | Error e) {
            closeAfter(lock, e);
            throw e;
        }
    }

    /** Ends a lock after a failure. */
    static void closeAfter(Closeable lock, Throwable failure) {
        try {
            lock.close();
        } catch (IOException suppressed) {
            failure.addSuppressed(suppressed);
        }
    }

    /** Returns the file, by the name that it has while it is written. */
    public Path file() {
        return file;
    }

    /** Returns the name that the file has when it is published. */
    public Path name() {
        return name;
    }

    /** Returns the file's bytes, for reading and writing; the channel stays this object's. */
    public FileChannel channel() {
        return opened.channel();
    }

    /** Lets what was written stay under {@link #file()} when this is closed without being published. */
    void keep() {
        kept = true;
    }

    /**
     * Waits until all is on the medium, gives the file its name, durably, and closes it.
     *
     * @throws FileAlreadyExistsException if something else has taken the name; the file then stays under its other one
     * @throws io.platter.block.DiskInUseException if the file that is to be replaced is used by now; likewise
     * @throws FileSystemException if the file lost the name under which it was written
     */
    public void publish() throws IOException {
        // The flag of an interrupted thread would close what is forced to the medium.
        Threads.uninterrupted(() -> {
            try (this) {
                opened.channel().force(true);
                kept = true;
                checkIsNamed();
                opened.close();
                if (!file.equals(name)) {
                    if (replaces && Files.exists(name)) {
                        BlockDevices.refuseUsed(name);
                    }
                    if (File.separatorChar != '/') {
                        unlockReplaced(); // Windows replaces no file that is open.
                    }
                    giveName(file, name, replaces);
                }
            }
        });
    }

    private void checkIsNamed() throws IOException {
        Path path = Files.isSymbolicLink(file) && file.equals(name) ? file.toRealPath() : file;
        if (!opened.isNamed(path)) {
            throw new FileSystemException(
                    file.toString(),
                    null,
                    "was moved, deleted or replaced while it was written; what was written is in the file that had the name");
        }
    }

    /** Gives a file a second name, or fails if the name is taken. */
    interface Linker {
        /** Does it. */
        void link(Path name, Path file) throws IOException;
    }

    /** Gives a finished file its name, durably. */
    static void giveName(Path file, Path name, boolean replacing) throws IOException {
        giveName(file, name, replacing, Files::createLink);
    }

    /** Gives a finished file its name, durably, with a system's way to link. */
    static void giveName(Path file, Path name, boolean replacing, Linker linker) throws IOException {
        if (replacing || !link(file, name, linker)) {
            Files.move(file, name, StandardCopyOption.ATOMIC_MOVE);
            forceDirectory(name);
        } else {
            // Before the other name goes: a power cut must not take both.
            forceDirectory(name);
            Files.delete(file);
        }
    }

    /** Gives a file its name as a second one; returns false if the name is free, but the filesystem can't do that. */
    private static boolean link(Path file, Path name, Linker linker) throws IOException {
        try {
            linker.link(name, file);
            return true;
        } catch (IOException | UnsupportedOperationException e) {
            if (!Files.exists(name, NOFOLLOW)) {
                return false;
            }
            if (Files.isSymbolicLink(name) || !Files.isSameFile(name, file)) {
                throw new FileAlreadyExistsException(
                        name.toString(), null, "appeared meanwhile and is not replaced; what was written is " + file);
            }
            return true; // A network filesystem was asked twice.
        }
    }

    private static void forceDirectory(Path name) throws IOException {
        Path directory = name.toAbsolutePath().getParent();
        if (directory == null || File.separatorChar != '/') {
            return; // Windows has no such operation, and does not need it.
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Ends the writing. A new file that was not published is deleted, unless it was to be kept. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        Threads.uninterrupted(() -> {
            try (lock;
                    opened) {
                unlockReplaced();
                if (!kept && opened.isNamed(file)) {
                    Files.delete(file);
                }
            }
        });
    }
}

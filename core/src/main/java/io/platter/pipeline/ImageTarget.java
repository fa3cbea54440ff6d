package io.platter.pipeline;

import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.format.Commit;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The file on a filesystem to which an image or a disk is written: its name while it is written and afterwards, and
 * what is left of it when the writing ends early.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class ImageTarget implements Closeable {
    private final Path file;
    private final Path finalName;
    private final FileChannel channel;
    private Optional<FileStorage> storage = Optional.empty();

    private ImageTarget(Path file, Path finalName, FileChannel channel) {
        this.file = file;
        this.finalName = finalName;
        this.channel = channel;
    }

    /** Returns the name that a new image has while it is written. */
    public static Path partialName(Path image) {
        return image.resolveSibling(image.getFileName() + ".partial");
    }

    /** Creates the file for a new image. */
    public static ImageTarget create(Path image) throws IOException {
        if (Files.exists(image)) {
            throw new FileAlreadyExistsException(image.toString());
        }
        return open(partialName(image), image, StandardOpenOption.CREATE);
    }

    /** Opens a file that holds images, or the beginning of one. */
    public static ImageTarget open(Path file, Path finalName) throws IOException {
        return open(file, finalName, StandardOpenOption.READ);
    }

    private static ImageTarget open(Path file, Path finalName, StandardOpenOption option) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, option);
        try {
            // A place that no file has: a lock on bytes would keep Windows from reading them.
            if (channel.tryLock(Long.MAX_VALUE - 1, 1, false) == null) {
                throw new IOException(file + " is being written by another program");
            }
        } catch (java.nio.channels.OverlappingFileLockException e) {
            channel.close();
            throw new IOException(file + " is being written by this program", e);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        return new ImageTarget(file, finalName, channel);
    }

    /** Returns the file that holds an unfinished image of this name, if there is one. */
    public static Optional<Path> findUnfinished(Path image) throws IOException {
        for (Path candidate : new Path[] {partialName(image), image}) {
            if (Files.isRegularFile(candidate)) {
                try (FileDevice bytes = FileDevice.open(candidate, OpenMode.READ)) {
                    if (ImageFile.open(bytes).commit().partialImage().isPresent()) {
                        return Optional.of(candidate);
                    }
                } catch (io.platter.block.CorruptImageException e) {
                    if (candidate.equals(image)) {
                        throw e;
                    }
                    // Killed before its first checkpoint: nothing to go on with.
                }
            }
        }
        return Optional.empty();
    }

    /** Returns the file, by the name that it has while it is written. */
    public Path file() {
        return file;
    }

    /** Returns the name that the file has when it is finished. */
    public Path finalName() {
        return finalName;
    }

    /** Returns the file's bytes as a channel for writing, which stays this object's. */
    public FileChannel channel() {
        return channel;
    }

    /** Returns the file's bytes as a place to write to, which is closed with this object. */
    public Storage storage() {
        FileStorage opened = storage.orElseGet(() -> new FileStorage(file, channel));
        storage = Optional.of(opened);
        return opened;
    }

    private void closeStorage() throws IOException {
        if (storage.isPresent()) {
            storage.get().close();
        }
    }

    /** Cuts the file off behind its last commit; a file without one is emptied. */
    public void truncate(Commit lastCommit) throws IOException {
        channel.truncate(lastCommit.sequence() == 0 ? 0 : lastCommit.end());
    }

    /** Gives the finished file its name, durably. */
    public void publish() throws IOException {
        close();
        if (!file.equals(finalName)) {
            Files.move(file, finalName, StandardCopyOption.ATOMIC_MOVE);
            forceDirectory(finalName.toAbsolutePath().getParent());
        }
    }

    private static void forceDirectory(@org.jspecify.annotations.Nullable Path directory) throws IOException {
        if (directory == null || java.io.File.separatorChar != '/') {
            return; // Windows has no such operation, and does not need it.
        }
        try (FileChannel opened = FileChannel.open(directory, StandardOpenOption.READ)) {
            opened.force(true);
        }
    }

    /** Leaves what can be resumed from or was there before, and deletes a new file without a checkpoint. */
    public void abandon(Commit lastCommit) throws IOException {
        if (!channel.isOpen()) {
            closeStorage();
            return;
        }
        // The flag of an interrupted thread would close the file before it is cut off.
        boolean interrupted = Thread.interrupted();
        try (channel) {
            closeStorage();
            truncate(lastCommit);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        if (lastCommit.sequence() == 0) {
            Files.deleteIfExists(file);
        }
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            closeStorage();
        }
    }
}

package io.platter.engine.pack;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.FileDevice;
import io.platter.block.LockedFile;
import io.platter.block.OpenMode;
import io.platter.engine.line.Threads;
import io.platter.engine.read.ChannelDevice;
import io.platter.engine.read.EndSearch;
import io.platter.engine.read.ImageFile;
import io.platter.image.codec.Commit;
import io.platter.job.JobControl;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The file to which an image is written, and what is left of it when the writing ends early: all up to a commit.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class ImageTarget implements Pack {
    private final PublishedFile file;
    private final JobControl control;
    private Optional<FileStorage> storage = Optional.empty();

    private ImageTarget(PublishedFile file, JobControl control) {
        this.file = file;
        this.control = control;
    }

    /** Creates the file for a new image: see {@link PublishedFile#create} and {@link PublishedFile#replace}. */
    public static ImageTarget create(Path image, boolean replacing, JobControl control) throws IOException {
        return new ImageTarget(replacing ? PublishedFile.replace(image) : PublishedFile.create(image), control);
    }

    /** Opens a file that holds images. */
    public static ImageTarget append(Path image, JobControl control) throws IOException {
        return new ImageTarget(PublishedFile.open(image, image, NameLock.take(image)), control);
    }

    /**
     * Opens the file that holds an unfinished image.
     *
     * @throws NoSuchFileException if there is none
     */
    public static ImageTarget resume(Path image, JobControl control) throws IOException {
        NameLock lock = NameLock.take(image);
        Path found;
        try {
            found = findUnfinished(image)
                    .orElseThrow(() ->
                            new NoSuchFileException(image.toString(), null, "no unfinished image with a checkpoint"));
        } catch (IOException | RuntimeException | Error e) {
            PublishedFile.closeAfter(lock, e);
            throw e;
        }
        return new ImageTarget(PublishedFile.open(found, image, lock), control);
    }

    /** Returns the file that holds an unfinished image of this name, if there is one. */
    public static Optional<Path> findUnfinished(Path image) throws IOException {
        Path partial = PublishedFile.partialName(image);
        if (Files.isRegularFile(partial, LinkOption.NOFOLLOW_LINKS)) {
            try {
                if (holdsUnfinished(partial)) {
                    return Optional.of(partial);
                }
            } catch (CorruptImageException e) {
                // Killed before its first checkpoint: nothing to go on with.
            }
        }
        return Files.isRegularFile(image) && holdsUnfinished(image) ? Optional.of(image) : Optional.empty();
    }

    private static boolean holdsUnfinished(Path file) throws IOException {
        try (FileDevice bytes = FileDevice.open(file, OpenMode.READ)) {
            return ImageFile.open(bytes).commit().contents().partialImage().isPresent();
        }
    }

    /**
     * Gives a finished image the name that it did not get, because the program was killed or the name taken.
     *
     * @return whether there was one
     * @throws FileAlreadyExistsException if the name is taken
     */
    public static boolean publishFinished(Path image) throws IOException {
        Path partial = PublishedFile.partialName(image);
        NameLock lock = NameLock.take(image);
        try (lock) {
            if (!Files.exists(partial, LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
            try (LockedFile opened = Leftover.open(partial)) {
                if (Leftover.of(partial, opened.channel()).state() != Leftover.State.FINISHED) {
                    return false;
                }
                repair(opened.channel(), ImageFile.open(new ChannelDevice(partial.toString(), opened.channel())));
                opened.channel().force(true);
            }
            PublishedFile.giveName(partial, image, false);
            return true;
        }
    }

    /**
     * Deletes what an earlier job has left as {@code NAME.partial}.
     *
     * @return whether there was something
     */
    public static boolean discardUnfinished(Path image) throws IOException {
        Path partial = PublishedFile.partialName(image);
        NameLock lock = NameLock.take(image);
        try (lock) {
            if (!Files.exists(partial, LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
            LockedFile opened = Leftover.open(partial);
            try (opened) {
                Files.delete(partial);
                return true;
            }
        }
    }

    @Override
    public Optional<Path> file() {
        return Optional.of(file.file());
    }

    @Override
    public Optional<Path> finalName() {
        return Optional.of(file.name());
    }

    @Override
    public boolean keepsCommits() {
        return true;
    }

    /**
     * Returns the bytes that are in the file now, for reading. They come through the channel that writes it: opening and
     * closing the file once more would end its lock.
     */
    @Override
    public BlockDevice bytes() throws IOException {
        return new ChannelDevice(file.file().toString(), file.channel());
    }

    /** Returns the file's bytes as a place to write to, which is closed with this object. */
    @Override
    public Storage storage() {
        FileStorage opened = storage.orElseGet(() -> new FileStorage(control, file.file(), file.channel()));
        storage = Optional.of(opened);
        return opened;
    }

    private void closeStorage() throws IOException {
        if (storage.isPresent()) {
            storage.get().close();
        }
    }

    /** Cuts off what does not count of a file, and writes again what stands there twice and is damaged once. */
    @Override
    public void goOnAfter(ImageFile existing) throws IOException {
        if (existing.countedEnd() < file.channel().size()) {
            file.channel().truncate(existing.countedEnd());
            // Nothing of it may come back after what is written next.
            file.channel().force(true);
        }
        repair(file.channel(), existing);
    }

    private static void repair(FileChannel channel, ImageFile damaged) throws IOException {
        for (EndSearch.Repair repair : damaged.repairs()) {
            ByteBuffer bytes = repair.bytes().duplicate();
            long position = repair.packOffset();
            while (bytes.hasRemaining()) {
                position += channel.write(bytes, position);
            }
        }
    }

    /** Cuts the file off after its last commit. */
    public void truncate(Commit lastCommit) throws IOException {
        file.channel().truncate(lastCommit.end());
    }

    /** Gives the finished file its name, durably; see {@link PublishedFile#publish}. */
    @Override
    public void publish() throws IOException {
        try (file) {
            file.keep();
            closeStorage();
            file.publish();
        }
    }

    /** Leaves what can be resumed from or was there before, and deletes a new file without a checkpoint. */
    @Override
    public void abandon(Commit lastCommit) throws IOException {
        try (file) {
            closeStorage();
            if (lastCommit.sequence() > 0) {
                file.keep();
                if (file.channel().isOpen()) {
                    // The flag of an interrupted thread would close the file before it is cut off.
                    Threads.uninterrupted(() -> truncate(lastCommit));
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        try (file) {
            closeStorage();
        }
    }
}

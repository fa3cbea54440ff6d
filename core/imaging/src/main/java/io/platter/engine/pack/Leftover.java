package io.platter.engine.pack;

import io.platter.block.BlockDevices;
import io.platter.block.CorruptImageException;
import io.platter.block.LockedFile;
import io.platter.block.UnsupportedImageException;
import io.platter.engine.read.ChannelDevice;
import io.platter.engine.read.ImageFile;
import io.platter.image.UnfinishedImageException;
import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.RecordHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * What an earlier job has left as {@code NAME.partial}. An image in it, even an unfinished one, is worth hours; anything
 * else is worth nothing.
 */
final class Leftover {
    /** A file of images that is shorter, and that can't be read, was killed before it held anything. */
    private static final int WORTH_KEEPING = 64 << 10;

    enum State {
        WORTHLESS,
        UNFINISHED,
        FINISHED,
        UNREADABLE
    }

    private final State state;
    private final String detail;

    private Leftover(State state, String detail) {
        this.state = state;
        this.detail = detail;
    }

    /** Looks at an open file, which stays open. */
    static Leftover of(Path file, FileChannel channel) throws IOException {
        ByteBuffer magic = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        if (channel.read(magic, 0) < Integer.BYTES || magic.getInt(0) != RecordHeader.MAGIC) {
            return new Leftover(State.WORTHLESS, "");
        }
        try {
            ImageFile image = ImageFile.open(new ChannelDevice(file.toString(), channel));
            Optional<ImageRoot> unfinished = image.partialRoot();
            if (unfinished.isPresent() && unfinished.get().coveredLength() > 0) {
                return new Leftover(
                        State.UNFINISHED,
                        "holds an unfinished capture up to disk offset "
                                + unfinished.get().coveredLength() + "; resume it, or discard it");
            }
            return image.commit().contents().imageCount() > 0
                    ? new Leftover(
                            State.FINISHED,
                            "holds a finished image that did not get its name; publish it, or discard it")
                    : new Leftover(State.WORTHLESS, "");
        } catch (UnsupportedImageException | CorruptImageException e) {
            return e instanceof CorruptImageException && channel.size() < WORTH_KEEPING
                    ? new Leftover(State.WORTHLESS, "")
                    : new Leftover(
                            State.UNREADABLE,
                            "may hold an unfinished capture, but can't be read (" + e.getMessage()
                                    + "); discard it if it is of no use");
        }
    }

    State state() {
        return state;
    }

    /**
     * Deletes a file that is worthless, or that is the finished file under its other name.
     *
     * @throws UnfinishedImageException if it holds an image
     */
    static void delete(Path file, Path name) throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (LockedFile opened = open(file)) {
            if (!isOtherNameOf(file, name)) {
                Leftover leftover = of(file, opened.channel());
                if (leftover.state != State.WORTHLESS) {
                    throw new UnfinishedImageException(file, leftover.detail);
                }
            }
            Files.delete(file);
        }
    }

    /** Opens a file that an earlier job has left, and locks it. */
    static LockedFile open(Path file) throws IOException {
        BlockDevices.refuseUsed(file);
        return LockedFile.open(
                file, file, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    }

    /** Tells whether a file was given its name, and the program killed before the other one was deleted. */
    static boolean isOtherNameOf(Path file, Path name) throws IOException {
        return Files.exists(name) && Files.isSameFile(file, name);
    }
}

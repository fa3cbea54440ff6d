package io.platter.engine.guard;

import io.platter.block.Backed;
import io.platter.block.Backing;
import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.DeviceException;
import io.platter.engine.pack.PublishedFile;
import io.platter.engine.read.ChannelDevice;
import io.platter.engine.read.ImageFile;
import io.platter.engine.write.ImageSession;
import io.platter.job.TargetRefusedException;
import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a job asks of its target before it writes the first byte. */
public final class Targets {
    private Targets() {}

    /** Refuses a disk that stands for what is read. */
    public static void refuseSame(BlockDevice target, BlockDevice source) throws IOException {
        refuseSame(target.name(), target.backing(), source.name(), source.backing());
    }

    /** Refuses a disk that has bytes in common with another one that is written at the same time. */
    public static void refuseAmong(BlockDevice target, List<? extends BlockDevice> others) throws IOException {
        for (BlockDevice other : others) {
            if (target.equals(other)
                    || Backing.overwritten(target.backing(), other.backing()).isPresent()
                    || Backing.overwritten(other.backing(), target.backing()).isPresent()) {
                throw new TargetRefusedException(
                        target.name(),
                        null,
                        target.name() + " has bytes in common with " + other.name() + ", which is a target, too");
            }
        }
    }

    /** Refuses a disk that stands for the file which a channel reads, if the channel knows it. */
    public static void refuseSame(BlockDevice target, Channel source) throws IOException {
        refuseSame(target.name(), target.backing(), name(source), backing(source));
    }

    /** Refuses an image file that stands for the disk which is read. */
    public static void refuseSame(ImageSession target, BlockDevice source) throws IOException {
        refuseSame(target, source.name(), source.backing());
    }

    /** Refuses an image file that stands for the file which a channel reads, if the channel knows it. */
    public static void refuseSame(ImageSession target, Channel source) throws IOException {
        refuseSame(target, name(source), backing(source));
    }

    private static void refuseSame(ImageSession target, String source, List<Backing> read) throws IOException {
        // By the name that it has meanwhile, and by the one that it gets: what stands there is replaced.
        for (Optional<Path> file : List.of(target.file(), target.finishedFile())) {
            if (file.isPresent() && Files.exists(file.get())) {
                refuseSame(file.get().toString(), BlockDevices.backing(file.get()), source, read);
            }
        }
    }

    /**
     * Refuses a file that is to be replaced if it stands for what is read, or holds an image.
     *
     * @param overImage whether an image is replaced, too
     */
    public static void refuseReplaced(PublishedFile target, BlockDevice source, boolean overImage) throws IOException {
        Optional<FileChannel> old = target.replaced();
        if (old.isEmpty()) {
            return;
        }
        String name = target.name().toString();
        refuseSame(name, BlockDevices.backing(target.name()), source.name(), source.backing());
        if (!overImage) {
            refuseImage(new ChannelDevice(name, old.get()));
        }
    }

    /** Returns what messages call a channel: one that knows its file knows what it is, too. */
    public static String name(Channel channel) {
        return channel instanceof Backed ? channel.toString() : "the channel";
    }

    private static List<Backing> backing(Channel channel) throws IOException {
        return channel instanceof Backed known ? known.backing() : List.of();
    }

    private static void refuseSame(String target, List<Backing> written, String source, List<Backing> read)
            throws IOException {
        Optional<Backing> overwritten = Backing.overwritten(written, read);
        if (overwritten.isPresent()) {
            Backing storage = overwritten.get();
            String relation =
                    switch (storage.relation()) {
                        case SAME -> "has the same bytes as ";
                        case INSIDE -> "is the disk of ";
                        case STORED_ON -> "is the disk that holds ";
                    };
            throw new TargetRefusedException(
                    target,
                    source,
                    target + " can't be written: it " + relation + source
                            + ", which would be destroyed while it is read (" + storage.storage() + ")");
        }
    }

    /**
     * Refuses a disk or file that is an image itself: where an image comes from a pipe, nothing tells whether it is the
     * very one. A disk whose start can't be read holds none.
     */
    public static void refuseImage(BlockDevice target) throws IOException {
        boolean isImage;
        try {
            isImage = ImageFile.matches(target);
        } catch (DeviceException e) {
            isImage = false;
        }
        if (isImage) {
            throw new TargetRefusedException(
                    target.name(),
                    null,
                    target.name() + " holds a Platter image, which would be destroyed; remove it first");
        }
    }
}

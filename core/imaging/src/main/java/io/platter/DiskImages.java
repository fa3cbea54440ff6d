package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.DeviceView;
import io.platter.block.Extent;
import io.platter.block.OpenMode;
import io.platter.block.UnsupportedImageException;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Opens the disk that a file holds, in whatever form.
 *
 * <p>Safe for use by several threads.
 */
public final class DiskImages {
    private DiskImages() {}

    /**
     * Opens a disk; files that the file names, such as a parent, are refused.
     *
     * @see #open(Path, VirtualDiskOptions)
     * @throws IOException as there
     */
    public static BlockDevice open(Path file) throws IOException {
        return open(file, VirtualDiskOptions.defaults());
    }

    /**
     * Opens the disk in a file for reading: the newest image of a Platter file, or the disk of one of the
     * {@link VirtualDisks#formats()}, as the file's magic tells. A raw disk has none: it is opened by
     * {@link BlockDevices#open}.
     *
     * @param options how a disk file of another format is read, and who decides about files that it names:
     *     {@link io.platter.virtualdisk.FileResolver#inDirectory} looks beside it
     * @return the open disk; closing it closes all that was opened for it, and what reads after
     *     that throws {@link ClosedChannelException}
     * @throws UnsupportedImageException if the file has the magic of no format, or of two
     * @throws io.platter.block.ImageFormatException if it is damaged, or needs what this version lacks
     * @throws io.platter.image.NoSuchImageException if it is a Platter file without a complete image
     * @throws IOException if it can't be read
     */
    public static BlockDevice open(Path file, VirtualDiskOptions options) throws IOException {
        Objects.requireNonNull(options, "options");
        BlockDevice bytes = BlockDevices.open(file, OpenMode.READ);
        try {
            if (ImageReader.matches(bytes)) {
                ImageReader reader = ImageReader.open(bytes);
                return new OwningDisk(reader.newestImage().asDevice(), reader, bytes);
            }
            VirtualDiskFormat format = VirtualDisks.recognise(bytes, VirtualDisks.formats())
                    .orElseThrow(() -> new UnsupportedImageException(
                            bytes.name(),
                            "to be opened as a raw disk, or in a format that is named: it has the magic of none"));
            BlockDevice disk = format.open(bytes, options);
            return new OwningDisk(disk, disk, bytes);
        } catch (IOException | RuntimeException | Error e) {
            bytes.close();
            throw e;
        }
    }

    /** A disk that is closed with the file that it is in. */
    private static final class OwningDisk extends DeviceView {
        private final Closeable opened;
        private final Closeable file;
        private volatile boolean closed;

        OwningDisk(BlockDevice disk, Closeable opened, Closeable file) {
            super(disk);
            this.opened = opened;
            this.file = file;
        }

        private void check() throws ClosedChannelException {
            if (closed) {
                throw new ClosedChannelException();
            }
        }

        @Override
        public void read(ByteBuffer target, long diskOffset) throws IOException {
            check();
            super.read(target, diskOffset);
        }

        @Override
        public Extent extentAt(long diskOffset) throws IOException {
            check();
            return device().extentAt(diskOffset);
        }

        @Override
        public void close() throws IOException {
            closed = true;
            try (file) {
                opened.close();
            }
        }
    }
}

package io.platter.cli;

import io.platter.Convert;
import io.platter.Image;
import io.platter.ImageReader;
import io.platter.block.BlockDevice;
import io.platter.virtualdisk.FileResolver;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskInfo;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A disk that a command names, in whatever form it is.
 *
 * @param format the name of the form
 * @param disk the disk itself
 * @param image the disk's image, if the form is Platter's own
 * @param info what the file says besides
 * @param file what is closed with the disk
 */
record OpenDisk(String format, BlockDevice disk, Optional<Image> image, VirtualDiskInfo info, Closeable file)
        implements Closeable {
    /**
     * Opens a disk.
     *
     * @param from the name of the form; if it is not given, the file's magic tells
     * @param snapshot which state of it: a snapshot of a foreign format, or an image by its number or id
     * @param resolve the directory of the files that the file names, if they may be opened
     */
    static OpenDisk open(
            Path path, Optional<String> from, Optional<String> snapshot, Optional<Path> resolve, Session session)
            throws IOException {
        String format = from.isPresent() ? from.get() : recognise(path);
        if (format.equals(DiskFormats.PLATTER)) {
            return openImage(path, snapshot, session);
        }
        VirtualDiskFormat foreign = DiskFormats.foreign(format);
        VirtualDiskOptions.Builder options = VirtualDiskOptions.builder();
        snapshot.ifPresent(options::snapshot);
        resolve.map(FileResolver::inDirectory).ifPresent(options::resolver);
        BlockDevice file = Disks.openForReading(path);
        try {
            VirtualDiskInfo info = foreign.info(file);
            // A raw disk is the device itself, which knows more than a part of it does.
            BlockDevice disk = format.equals(DiskFormats.RAW) ? file : foreign.open(file, options.build());
            return new OpenDisk(format, disk, Optional.empty(), info, file);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Returns the form that a file has by its magic; so never raw.
     *
     * @throws UsageException if it has none, or that of two
     */
    static String recognise(Path path) throws IOException {
        try (BlockDevice file = Disks.openForReading(path)) {
            List<String> forms = recognise(file);
            if (forms.size() != 1) {
                throw new UsageException(path + " has the magic of "
                        + (forms.isEmpty() ? "no format; is it raw?" : String.join(" and ", forms) + ";")
                        + " --from names its format");
            }
            return forms.get(0);
        }
    }

    /** Returns the forms that a file has by its magic. */
    static List<String> recognise(BlockDevice file) throws IOException {
        List<String> forms = new ArrayList<>();
        if (ImageReader.matches(file)) {
            forms.add(DiskFormats.PLATTER);
        }
        VirtualDisks.recognise(file, VirtualDisks.formats())
                .map(VirtualDiskFormat::name)
                .ifPresent(forms::add);
        return forms;
    }

    private static OpenDisk openImage(Path path, Optional<String> number, Session session) throws IOException {
        ImageReader reader = Images.open(path, session);
        try {
            Image image = Images.of(reader, number);
            VirtualDiskInfo info = new VirtualDiskInfo(0, List.of());
            return new OpenDisk(DiskFormats.PLATTER, image.asDevice(), Optional.of(image), info, reader);
        } catch (IOException | RuntimeException e) {
            reader.close();
            throw e;
        }
    }

    /** Returns the job that converts this disk. */
    Convert convert() {
        return image.isPresent() ? Convert.of(image.get()) : Convert.of(disk);
    }

    @Override
    public void close() throws IOException {
        try (file) {
            disk.close();
        }
    }
}

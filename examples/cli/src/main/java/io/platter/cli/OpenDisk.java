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
import org.apache.commons.cli.Option;

/**
 * A disk that a command names, in whatever form it is.
 *
 * @param name by which messages call it
 * @param format the name of the form
 * @param disk the disk itself
 * @param image the disk's image, if the form is Platter's own
 * @param info what the file says besides
 * @param file what is closed with the disk
 */
record OpenDisk(
        String name, String format, BlockDevice disk, Optional<Image> image, VirtualDiskInfo info, Closeable file)
        implements Closeable {
    /**
     * Opens a disk.
     *
     * @param place the parameter that names it
     * @param from the option with the name of the form; if it is not given, the file's magic tells
     * @param snapshot the option that says which state of it: a snapshot of a foreign format, or an image
     * @param resolve the option with the directory of the files that the file names, if they may be opened
     */
    static OpenDisk open(
            Arguments given, Parameter place, Option from, Option snapshot, Option resolve, Session session)
            throws IOException {
        String format = format(given, place, from);
        if (format.equals(DiskFormats.PLATTER)) {
            return ofImage(OpenImages.open(given, place, snapshot, session));
        }
        Repositories.refuseOptions(given, place);
        return ofForeign(given.path(place), format, given.text(snapshot), given.path(resolve));
    }

    /** Returns the form of what a parameter names. */
    static String format(Arguments given, Parameter place, Option from) throws IOException {
        if (Repositories.isOne(given, place)) {
            if (!given.text(from).orElse(DiskFormats.PLATTER).equals(DiskFormats.PLATTER)) {
                throw new UsageException("an image of a repository is none of format "
                        + given.text(from).orElseThrow());
            }
            return DiskFormats.PLATTER;
        }
        return given.has(from) ? given.text(from).orElseThrow() : recognise(given.path(place));
    }

    /** Opens a disk of a format that is not Platter's own. */
    static OpenDisk ofForeign(Path path, String format, Optional<String> snapshot, Optional<Path> resolve)
            throws IOException {
        VirtualDiskFormat foreign = DiskFormats.foreign(format);
        VirtualDiskOptions.Builder options = VirtualDiskOptions.builder();
        snapshot.ifPresent(options::snapshot);
        resolve.map(FileResolver::inDirectory).ifPresent(options::resolver);
        BlockDevice file = Disks.openForReading(path);
        try {
            VirtualDiskInfo info = foreign.info(file);
            // A raw disk is the device itself, which knows more than a part of it does.
            BlockDevice disk = format.equals(DiskFormats.RAW) ? file : foreign.open(file, options.build());
            return new OpenDisk(path.toString(), format, disk, Optional.empty(), info, file);
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

    private static OpenDisk ofImage(OpenImages images) throws IOException {
        try {
            Image image = images.image();
            VirtualDiskInfo info = new VirtualDiskInfo(0, List.of());
            return new OpenDisk(images.name(), DiskFormats.PLATTER, image.asDevice(), Optional.of(image), info, images);
        } catch (IOException | RuntimeException e) {
            images.close();
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

package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.ExtentSet;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.engine.convert.Conversion;
import io.platter.engine.convert.DiskTarget;
import io.platter.engine.convert.ImageWriterTarget;
import io.platter.engine.convert.WriterTarget;
import io.platter.engine.guard.Targets;
import io.platter.engine.line.OrderedLine;
import io.platter.engine.pack.DirectChannel;
import io.platter.engine.pack.PublishedFile;
import io.platter.engine.restore.Announcement;
import io.platter.engine.restore.DiskLayout;
import io.platter.engine.restore.RestorePlan;
import io.platter.engine.restore.RestoreTarget;
import io.platter.filesystem.DiskAllocation;
import io.platter.image.ImageInfo;
import io.platter.image.UnfinishedImageException;
import io.platter.job.ConvertOptions;
import io.platter.job.ConvertReport;
import io.platter.job.JobControl;
import io.platter.job.TargetRefusedException;
import io.platter.job.TargetRules;
import io.platter.partition.Finding;
import io.platter.partition.Finding.Severity;
import io.platter.partition.Gpt;
import io.platter.partition.PartitionTable;
import io.platter.partition.PartitionTables;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

/**
 * Converts a disk from any form that can be read to any that can be written, in one pass: workers read, find zeros and
 * compress, and one thread writes in the order of the disk. What is written does not depend on the number of workers.
 *
 * <pre>{@code
 * VirtualDiskFormat qcow2 = VirtualDisks.named("qcow2").orElseThrow();
 * try (ImageReader images = ImageReader.open(Path.of("disk.platter"))) {
 *     Convert.of(images.newestImage())
 *             .options(options -> options.verify(true))
 *             .toNewFile(Path.of("disk.qcow2"), qcow2, VirtualDiskOptions.defaults());
 * }
 * }</pre>
 *
 * <p>What the source does not have is zeros in the result, and takes no room there if the format can do that.
 *
 * <p>Memory: {@link #memory} bytes, and what the target takes.
 *
 * <p>Immutable: {@code options} and {@code control} return another object. It may be run any number of times, also at the same
 * time; each run is independent of the others.
 */
public final class Convert {
    /** The unit in which a disk is spared to be written with zeros one by one. */
    private static final int DISK_BLOCK = 4096;

    private final BlockDevice source;
    private final Optional<Image> image;
    private final ConvertOptions options;
    private final JobControl control;

    private Convert(BlockDevice source, Optional<Image> image, ConvertOptions options, JobControl control) {
        this.source = source;
        this.image = image;
        this.options = options;
        this.control = control;
    }

    /** Converts the disk of an image; its reader stays open. */
    public static Convert of(Image image) {
        return new Convert(image.asDevice(), Optional.of(image), ConvertOptions.defaults(), JobControl.defaults());
    }

    /**
     * Converts a device: a disk, a file of one, or the disk that a {@link VirtualDiskFormat} opened. It stays open, and
     * does not change as long as the conversion runs.
     */
    public static Convert of(BlockDevice disk) {
        return new Convert(
                Objects.requireNonNull(disk, "disk"),
                Optional.empty(),
                ConvertOptions.defaults(),
                JobControl.defaults());
    }

    /** Returns how many bytes of memory a conversion takes with so many workers, but for its target. */
    public static long memory(int threads) {
        return Conversion.memory(threads);
    }

    /** Returns this conversion with other options. */
    public Convert options(ConvertOptions newOptions) {
        return new Convert(source, image, Objects.requireNonNull(newOptions, "newOptions"), control);
    }

    /** Returns this conversion with some options changed. */
    public Convert options(Consumer<ConvertOptions.Builder> changes) {
        return options(options.with(changes));
    }

    /** Returns this conversion under another control. */
    public Convert control(JobControl newControl) {
        return new Convert(source, image, options, Objects.requireNonNull(newControl, "newControl"));
    }

    /** Returns this conversion with some of its control changed. */
    public Convert control(Consumer<JobControl.Builder> changes) {
        return control(control.with(changes));
    }

    /**
     * Converts to a new file, which is written as {@code NAME.partial} and gets its name when it is complete. If the
     * conversion fails before, nothing is left of it.
     *
     * @param formatOptions how the format is written
     * @throws java.nio.file.FileAlreadyExistsException if the file exists, unless {@link ConvertOptions.Builder#replaceExisting}; or if
     *     something else has taken the name meanwhile, and the complete file then stays as {@code NAME.partial}
     * @throws TargetRefusedException if the file that would be replaced is what is read, or has its bytes, under whatever name; or
     *     if it holds an image, unless {@link TargetRules#overImage(boolean)}
     * @throws java.nio.file.NoSuchFileException if only a device can have this name, such as under {@code /dev}
     * @throws UnfinishedImageException if {@code NAME.partial} holds an unfinished image
     * @throws io.platter.block.DiskInUseException if the file that would be replaced is used, such as by a loop device
     *     over it or for swapping
     * @throws java.nio.file.FileSystemException if the file is being written, or it or {@code NAME.partial} is no regular
     *     file
     * @throws IllegalArgumentException if the format can't hold the disk, or not with these options
     * @throws UnsupportedOperationException if the format can't be written
     * @throws io.platter.block.ImageFormatException if the source is damaged
     * @throws CancellationException if the conversion was cancelled or the thread interrupted; the file is there only if
     *     it was complete and being verified
     * @throws IOException if the source can't be read or the file not be written
     */
    public ConvertReport toNewFile(Path file, VirtualDiskFormat format, VirtualDiskOptions formatOptions)
            throws IOException {
        Conversion conversion = start();
        if (image.isPresent() && format.isFlat()) {
            reportOtherSectors(conversion, format, format.logicalSectorSize(formatOptions));
            try (PublishedFile target = newFile(file);
                    FileDevice disk = FileDevice.over(target.file(), target.channel())) {
                disk.endAt(source.size());
                RestoreTarget written = new RestoreTarget(disk, false, true, ExtentSet.EMPTY, ExtentSet.EMPTY);
                conversion.copyFrames(image.get().stored(), written, () -> {}, target::publish);
            }
        } else {
            convert(conversion, file, format, formatOptions);
        }
        if (options.verify()) {
            try (BlockDevice written = BlockDevices.open(file, OpenMode.READ);
                    BlockDevice disk = format.open(written, VirtualDiskOptions.defaults())) {
                conversion.compareWith(disk);
            }
        }
        return conversion.end();
    }

    private PublishedFile newFile(Path file) throws IOException {
        if (!options.replacesExisting()) {
            return PublishedFile.create(file);
        }
        PublishedFile target = PublishedFile.replace(file);
        try {
            Targets.refuseReplaced(target, source, options.target().overImage());
            return target;
        } catch (IOException | RuntimeException | Error e) {
            target.close();
            throw e;
        }
    }

    private void convert(Conversion conversion, Path file, VirtualDiskFormat format, VirtualDiskOptions formatOptions)
            throws IOException {
        try (PublishedFile target = newFile(file);
                DirectChannel output = new DirectChannel(target.file(), target.channel())) {
            copy(conversion, output, format, formatOptions, () -> {
                output.finish();
                target.publish();
            });
        }
    }

    /**
     * Converts to a channel, such as a pipe, in one pass.
     *
     * @param output where the file's bytes go; stays open
     * @param formatOptions how the format is written
     * @throws IllegalArgumentException if the format can't hold the disk, or not with these options, or needs a channel
     *     that can seek: see {@link VirtualDiskFormat#createsInOnePass}
     * @throws IllegalStateException if the conversion is to be verified: a channel can't be read back
     * @throws UnsupportedOperationException if the format can't be written
     * @throws io.platter.block.ImageFormatException if the source is damaged
     * @throws CancellationException if the conversion was cancelled or the thread interrupted
     * @throws IOException if the source can't be read or the channel not be written
     */
    public ConvertReport to(WritableByteChannel output, VirtualDiskFormat format, VirtualDiskOptions formatOptions)
            throws IOException {
        if (options.verify()) {
            throw new IllegalStateException("what goes to a channel can't be read back to verify it");
        }
        Conversion conversion = start();
        copy(conversion, output, format, formatOptions, () -> {});
        return conversion.end();
    }

    /**
     * Converts to an image, and finishes the image: the same that a capture of all of the source's disk gives. Of an
     * image, partitions, properties and what was unused or unreadable are taken over.
     *
     * @param writer where the disk goes, at its start; stays open
     * @throws IllegalStateException if the image was resumed; or if the conversion is to be verified and the image goes
     *     to a channel
     * @throws TargetRefusedException if the image's file stands for the source; nothing is written then
     * @throws io.platter.block.ImageFormatException if the source is damaged
     * @throws CancellationException if the conversion was cancelled or the thread interrupted; the image is there only if
     *     it was complete and being verified
     * @throws IOException if the source can't be read or the image not be written
     */
    public ConvertReport to(ImageWriter writer) throws IOException {
        if (writer.position() > 0) {
            throw new IllegalStateException("a conversion can't resume an unfinished image");
        }
        if (options.verify() && writer.session().finishedFile().isEmpty()) {
            throw new IllegalStateException("an image that goes to a channel can't be read back to verify it");
        }
        Targets.refuseSame(writer.session(), source);
        Conversion conversion = start();
        if (image.isPresent()) {
            ImageInfo info = image.get().info();
            info.properties().forEach(writer::property);
            writer.partitions(info.partitions());
            writer.contentSectorSize(info.contentSectorSize());
        } else {
            writer.session().describe(options.description(), Optional.of(source));
            PartitionTable table = PartitionTables.read(source);
            writer.partitions(DiskAllocation.summaries(table));
            writer.contentSectorSize(PartitionTables.contentSectorSize(source, table));
        }
        ImageWriterTarget target = new ImageWriterTarget(writer.session(), image.isPresent());
        conversion.copy(target, Conversion.ANY_BLOCKS, Optional::empty, () -> {}, () -> {});
        if (options.verify()) {
            try (ImageReader reader =
                    ImageReader.open(writer.session().finishedFile().orElseThrow())) {
                conversion.compareWith(reader.newestImage().asDevice());
            }
        }
        return conversion.end();
    }

    /**
     * Converts to a disk, over what is there: afterwards its bytes are equal to the source's, up to the source's size.
     * Its first and last MiB and the partition table are wiped first and written last; on a larger disk, the backup of a
     * GPT is moved to the end, and marks by which systems would know what the disk was before become zeros.
     *
     * @param disk a writable device of at least the source's size, and with the logical sectors in which the source's
     *     content counts, unless {@link TargetRules#anySectorSize(boolean)}; stays open
     * @throws IllegalArgumentException if the disk is too small or has other sectors; nothing is written then
     * @throws TargetRefusedException if the disk stands for the source, or holds its file, under whatever name; or if it
     *     holds an image, unless {@link TargetRules#overImage(boolean)}; nothing is written then
     * @throws io.platter.block.ImageFormatException if the source is damaged; the disk is half written then
     * @throws CancellationException if the conversion was cancelled or the thread interrupted; the disk is half written
     *     then
     * @throws IOException if the source can't be read or the disk not be written; the disk is half written then
     */
    public ConvertReport to(BlockDevice disk) throws IOException {
        Targets.refuseSame(disk, source);
        if (!options.target().overImage()) {
            Targets.refuseImage(disk);
        }
        DiskLayout layout = DiskLayout.of(source);
        RestorePlan.checkDisk(disk, layout.sectorSize(), options.target().anySectorSize());
        RestorePlan.checkSize(disk, source.size());
        List<Finding> findings = new ArrayList<>();
        Optional<Gpt> table = layout.movedTo(disk, findings);
        ExtentSet past = RestorePlan.past(layout.marks(disk.size()), source.size(), disk.size());
        Conversion conversion = start();
        findings.forEach(conversion::add);
        RestoreTarget target = new RestoreTarget(disk, false, false, layout.writtenLast(), ExtentSet.EMPTY);
        OrderedLine.Action first = () -> RestorePlan.erase(disk, past, false);
        if (image.isPresent()) {
            conversion.copyFrames(image.get().stored(), target, first, () -> {});
        } else {
            conversion.copy(new DiskTarget(target), DISK_BLOCK, Optional::empty, first, () -> {});
        }
        if (options.verify()) {
            conversion.compareWith(disk);
        }
        if (table.isPresent()) {
            PartitionTables.write(table.get(), disk);
        }
        Announcement.of(disk).ifPresent(conversion::add);
        return conversion.end();
    }

    private Conversion start() {
        return new Conversion(source, image.map(Image::stored), options.verify(), control);
    }

    private void copy(
            Conversion conversion,
            WritableByteChannel output,
            VirtualDiskFormat format,
            VirtualDiskOptions options,
            OrderedLine.Action last)
            throws IOException {
        reportOtherSectors(conversion, format, format.logicalSectorSize(options));
        try (VirtualDiskWriter writer = format.create(output, conversion.diskSize(), options)) {
            conversion.copy(new WriterTarget(writer), writer.blockSize(), writer::newEncoder, () -> {}, last);
        }
    }

    /**
     * Says so if whoever opens the file will see other sectors than those in which the content counts.
     *
     * @param written the size of the sectors that the file says, or 0 if it says none
     */
    private void reportOtherSectors(Conversion conversion, VirtualDiskFormat format, int written) throws IOException {
        int counted = written == 0 ? 0 : DiskLayout.of(source).sectorSize();
        if (written != counted) {
            conversion.add(new Finding(
                    Severity.WARNING,
                    0,
                    "the disk's content counts in sectors of " + counted + " bytes, the file of format " + format.name()
                            + " says " + written
                            + ": its partition table will only be understood where the disk is shown with sectors of "
                            + counted));
        }
    }

    @Override
    public String toString() {
        return "Convert[" + source.name() + ", " + options + ", " + control + "]";
    }
}

package io.platter;

import io.platter.block.CorruptImageException;
import io.platter.engine.check.RecordCheck;
import io.platter.engine.check.RecordOnTrial;
import io.platter.engine.check.ReferenceCheck;
import io.platter.engine.line.Allotment;
import io.platter.engine.line.Counts;
import io.platter.engine.line.OrderedLine;
import io.platter.engine.line.ProgressMeter;
import io.platter.engine.read.FrameDecoder;
import io.platter.engine.read.ImageFile;
import io.platter.image.FileEnd;
import io.platter.image.codec.RecordHeader;
import io.platter.image.codec.RecordLocation;
import io.platter.job.JobControl;
import io.platter.job.Phase;
import io.platter.job.VerifyReport;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Checks an image file, or a disk against an image.
 *
 * <pre>{@code
 * VerifyReport report = Verify.of(images).full();
 * List<Extent> wrong = Verify.of(images.newestImage()).differences(disk);
 * }</pre>
 *
 * <p>Immutable: {@code control} returns another object. It may be run any number of times, also at the same time; each run is
 * independent of the others.
 */
public final class Verify {
    /** What a verification saw. */
    private record Report(
            int images,
            long records,
            OptionalLong blocks,
            long bytesRead,
            long tornBytes,
            FileEnd end,
            Duration elapsed)
            implements VerifyReport {}

    private final ImageReader image;
    private final JobControl control;

    private Verify(ImageReader image, JobControl control) {
        this.image = image;
        this.control = control;
    }

    /** Checks a file; its reader stays open. */
    public static Verify of(ImageReader image) {
        return new Verify(Objects.requireNonNull(image, "image"), JobControl.defaults());
    }

    /** Compares disks with an image; its reader stays open. */
    public static Comparison of(Image image) {
        return new Comparison(Objects.requireNonNull(image, "image"), JobControl.defaults());
    }

    /** Returns how many bytes of direct memory a verification takes at most with so many workers. */
    public static long memory(int threads) {
        return RecordOnTrial.memory(threads);
    }

    /** Returns this verification under another control. */
    public Verify control(JobControl newControl) {
        return new Verify(image, Objects.requireNonNull(newControl, "newControl"));
    }

    /** Returns this verification with some of its control changed. */
    public Verify control(Consumer<JobControl.Builder> changes) {
        return control(control.with(changes));
    }

    /**
     * Checks all records that count, as far as frames need not be decompressed for it: their checksums, that they follow
     * each other as they must, and the pages of all indexes. Finds what happens to a file on a medium or on its way.
     *
     * @throws CorruptImageException if anything is damaged, for the first damage; also if the file's end is, see {@link
     *     ImageReader#end()}
     * @throws io.platter.block.UnsupportedImageException if an image has features, or the file records, that this version
     *     lacks
     * @throws IOException if the file can't be read
     */
    public VerifyReport quick() throws IOException {
        return run(false);
    }

    /**
     * Does what {@link #quick} does, and checks the hash of every block, that each index refers to the blocks that it
     * means, and the root of each image's hash tree.
     *
     * @return what was seen; look at its {@link VerifyReport#end()}, which tells of a file that was cut off
     * @throws CorruptImageException if anything is damaged, for the first damage
     * @throws io.platter.block.UnsupportedImageException if an image has features, or the file records, that this version
     *     lacks
     * @throws IOException if the file can't be read
     */
    public VerifyReport full() throws IOException {
        return run(true);
    }

    private VerifyReport run(boolean blocks) throws IOException {
        ImageFile file = image.file();
        OptionalLong total = OptionalLong.of(file.readableEnd());
        RecordCheck check = RecordCheck.withoutDisk(file.name());
        ReferenceCheck references = new ReferenceCheck(file);
        Walk walk = new Walk(file);
        ProgressMeter meter = new ProgressMeter(control);
        try (Allotment allotment = Allotment.take(control, Verify::memory);
                OrderedLine<FrameDecoder, RecordOnTrial> line = new OrderedLine<>(
                        control,
                        "verify",
                        allotment.threads(),
                        1,
                        blocks ? FrameDecoder::forChecking : FrameDecoder::new,
                        () -> new RecordOnTrial(file.records(), blocks))) {
            line.run(
                    record -> {
                        meter.tick(() -> counts(walk, total));
                        return walk.next(record);
                    },
                    (decoder, record) -> record.read(decoder),
                    record -> record.follow(check, references));
        }
        if (file.end().state() == FileEnd.State.DAMAGED) {
            throw new CorruptImageException(
                    file.name(), file.end().offset(), file.end().detail());
        }
        if (blocks) {
            references.checkCatalog(check, control.cancellation());
        }
        meter.end(() -> counts(walk, total));
        return new Report(
                check.images(),
                walk.records,
                blocks ? OptionalLong.of(references.blocks()) : OptionalLong.empty(),
                walk.position,
                file.end().bytes(),
                file.end(),
                meter.elapsed());
    }

    private static Counts counts(Walk walk, OptionalLong total) {
        return Counts.of(Phase.VERIFY, walk.position, total, walk.position, 0);
    }

    /** Goes from record to record, up to what counts. */
    private static final class Walk {
        private final ImageFile file;
        private final long end;
        private long position;
        private long records;

        Walk(ImageFile file) {
            this.file = file;
            this.end = file.readableEnd();
        }

        /** Prepares the next record, if there is one. */
        boolean next(RecordOnTrial record) throws IOException {
            if (position >= end) {
                return false;
            }
            RecordHeader header = file.records().readHeader(position);
            if (header.recordLength() > end - position) {
                throw new CorruptImageException(
                        file.name(),
                        position,
                        "record of " + header.recordLength() + " bytes, but what was committed ends at " + end);
            }
            record.start(header, RecordLocation.of(position, header.recordLength()));
            position = record.end();
            records++;
            return true;
        }
    }

    @Override
    public String toString() {
        return "Verify[" + image + ", " + control + "]";
    }
}

package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.engine.check.RecordCheck;
import io.platter.engine.check.RecordOnTrial;
import io.platter.engine.check.ReferenceCheck;
import io.platter.engine.line.OrderedLine;
import io.platter.engine.read.FrameDecoder;
import io.platter.engine.read.ImageFile;
import io.platter.image.FileEnd;
import io.platter.image.codec.RecordHeader;
import io.platter.image.codec.RecordLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Checks an image file, or a disk against an image.
 *
 * <p>The same object may be run any number of times; each run is independent of the others. Setting an option is not
 * thread-safe; once all are set, runs may go on at the same time.
 */
public final class Verify {
    private static final int COMPARE_PIECE = 1 << 20;

    /** How far one run is. */
    private final class Course {
        private final ProgressMeter meter = new ProgressMeter(listener, nanoClock);
        private final long total;
        private long done;

        Course(long total) {
            this.total = total;
        }

        void reached(long position) {
            done = position;
            meter.tick(this::progress);
        }

        void end() {
            meter.end(this::progress);
        }

        private Progress progress(Duration elapsed) {
            return new Progress(Phase.VERIFY, done, total, done, 0, 0, 0, 0, 0, elapsed);
        }
    }

    private int threads = Math.min(Runtime.getRuntime().availableProcessors(), 64);
    private ProgressListener listener = ProgressListener.NONE;
    private CancellationToken cancellation = new CancellationToken();
    private LongSupplier nanoClock = System::nanoTime;

    private Verify() {}

    /** Returns a job with the usual options. */
    public static Verify create() {
        return new Verify();
    }

    /**
     * Sets the number of workers: one for each processor unless said otherwise.
     *
     * @param count 1 to 64
     */
    public Verify threads(int count) {
        if (count < 1 || count > 64) {
            throw new IllegalArgumentException("threads " + count + ", expected 1 to 64");
        }
        threads = count;
        return this;
    }

    /** Sets who is told how far the verification is. */
    public Verify progress(ProgressListener newListener) {
        listener = Objects.requireNonNull(newListener, "newListener");
        return this;
    }

    /** Sets who can ask the verification to stop. */
    public Verify cancellation(CancellationToken token) {
        cancellation = Objects.requireNonNull(token, "token");
        return this;
    }

    Verify clock(LongSupplier newNanoClock) {
        nanoClock = newNanoClock;
        return this;
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
    public VerifyReport quick(ImageReader image) throws IOException {
        return run(image, false);
    }

    /**
     * Does what {@link #quick} does, and checks the hash of every block, that each index refers to the blocks that it
     * means, and the root of each image's hash tree.
     *
     * @throws CorruptImageException if anything is damaged, for the first damage
     * @throws io.platter.block.UnsupportedImageException if an image has features, or the file records, that this version
     *     lacks
     * @throws IOException if the file can't be read
     */
    public VerifyReport full(ImageReader image) throws IOException {
        return run(image, true);
    }

    private VerifyReport run(ImageReader image, boolean blocks) throws IOException {
        ImageFile file = image.file();
        Course course = new Course(file.readableEnd());
        RecordCheck check = RecordCheck.withoutDisk(file.name());
        ReferenceCheck references = new ReferenceCheck(file);
        Walk walk = new Walk(file);
        try (OrderedLine<FrameDecoder, RecordOnTrial> line = new OrderedLine<>(
                "verify",
                threads,
                1,
                blocks ? FrameDecoder::forChecking : FrameDecoder::new,
                () -> new RecordOnTrial(file.records(), blocks))) {
            line.run(
                    record -> {
                        cancellation.check();
                        course.reached(walk.position);
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
            references.checkCatalog(check, cancellation);
        }
        course.reached(walk.position);
        course.end();
        return new VerifyReport(
                check.images(),
                walk.records,
                references.blocks(),
                course.done,
                file.end().bytes(),
                course.meter.elapsed());
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

    /**
     * Compares a disk with an image.
     *
     * @param disk stays open
     * @return the runs that differ, in the order of the disk and to the byte, at most 16,384: where
     *     there would be more, runs that are near to each other are given as one, with what is equal between them. A disk
     *     that is shorter differs where it ends, unless all that the image uses fits on it. What the image does not have,
     *     since it was unused or unreadable, is not compared; and on a disk of another size, a GPT may be as a restore
     *     writes it there
     * @throws CorruptImageException if the image is damaged
     * @throws IOException if the image or the disk can't be read
     */
    public List<Extent> differences(Image image, BlockDevice disk) throws IOException {
        return new Differences(image, disk).run();
    }

    /** One comparison. */
    private final class Differences {
        private final ProgressMeter meter = new ProgressMeter(listener, nanoClock);
        private final DifferenceList differences = new DifferenceList();
        private final ByteBuffer expected = ByteBuffer.allocateDirect(COMPARE_PIECE);
        private final ByteBuffer found = ByteBuffer.allocateDirect(COMPARE_PIECE);
        private final Image image;
        private final BlockDevice disk;
        private final ExpectedTable table;
        private long position;
        private long bytesRead;

        Differences(Image image, BlockDevice disk) throws IOException {
            this.image = image;
            this.disk = disk;
            this.table = ExpectedTable.of(image, disk);
        }

        List<Extent> run() throws IOException {
            for (Iterator<Extent> extents = image.extents().iterator(); extents.hasNext(); ) {
                Extent extent = extents.next();
                if (extent.kind() != ExtentKind.UNUSED && extent.kind() != ExtentKind.UNREADABLE) {
                    compare(extent);
                }
                position = extent.end();
            }
            if (disk.size() < table.requiredSize()) {
                differences.add(disk.size(), image.size() - disk.size());
            }
            meter.end(this::progress);
            return differences.list();
        }

        private void compare(Extent extent) throws IOException {
            long end = Math.min(extent.end(), disk.size());
            for (position = extent.offset(); position < end; ) {
                cancellation.check();
                Extent known = disk.extentAt(position);
                if (extent.kind() == ExtentKind.ZERO && known.kind() != ExtentKind.DATA) {
                    position = Math.min(end, known.end());
                    continue;
                }
                int count = (int) Math.min(COMPARE_PIECE, end - position);
                image.read(expected.clear().limit(count), position);
                disk.read(found.clear().limit(count), position);
                table.accept(expected.flip(), found.flip(), position);
                differences.compare(expected, found, position);
                position += count;
                bytesRead += count;
                meter.tick(this::progress);
            }
        }

        private Progress progress(Duration elapsed) {
            return new Progress(Phase.VERIFY, position, image.size(), bytesRead, 0, 0, 0, 0, 0, elapsed);
        }
    }
}

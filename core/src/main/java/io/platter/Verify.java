package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.format.FileHeader;
import io.platter.format.RecordHeader;
import io.platter.format.RecordLocation;
import io.platter.format.RecordType;
import io.platter.pipeline.Extents;
import io.platter.pipeline.FrameDecoder;
import io.platter.pipeline.ImageFile;
import io.platter.pipeline.InFlight;
import io.platter.pipeline.ReferenceCheck;
import io.platter.pipeline.ReusedBuffer;
import io.platter.pipeline.Workers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
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
     * Checks the checksums of all records up to the last commit, and the pages of all indexes; decompresses nothing
     * else. Finds what happens to a file on a medium or on its way.
     *
     * @throws CorruptImageException if anything is damaged, for the first damage
     * @throws IOException if the file can't be read
     */
    public VerifyReport quick(ImageReader image) throws IOException {
        ImageFile file = image.file();
        Course course = new Course(file.commit().end());
        ReusedBuffer buffer = new ReusedBuffer(ByteBuffer::allocateDirect);
        long records = walk(file, course, (header, location) -> file.records()
                .readForeign(location, buffer.forLength(location.length()))
                .checkedPayload());
        new ReferenceCheck(file).pagesOnly(cancellation);
        course.end();
        return new VerifyReport(image.images().size(), records, 0, course.done, tornBytes(file), course.meter.elapsed());
    }

    /**
     * Does what {@link #quick} does, and checks the hash of every block, that each index refers to the blocks that it
     * means, and the root of each image's hash tree.
     *
     * @throws CorruptImageException if anything is damaged, for the first damage
     * @throws IOException if the file can't be read
     */
    public VerifyReport full(ImageReader image) throws IOException {
        ImageFile file = image.file();
        Course course = new Course(file.commit().end());
        ReferenceCheck references = new ReferenceCheck(file);
        long[] records = new long[1];
        ReusedBuffer buffer = new ReusedBuffer(ByteBuffer::allocateDirect);
        try (Workers<FrameDecoder> workers = new Workers<>("verify", threads, FrameDecoder::forChecking)) {
            InFlight<FrameDecoder> inFlight = new InFlight<>(workers, 2 * threads + 2);
            inFlight.all(() -> records[0] = walk(file, course, (header, location) -> {
                if (header.is(RecordType.FRAME)) {
                    ReferenceCheck.Frame frame = references.add(location);
                    inFlight.start(decoder -> frame.check(file.records(), decoder));
                } else {
                    file.records()
                            .readForeign(location, buffer.forLength(location.length()))
                            .checkedPayload();
                }
            }));
        }
        references.all(cancellation);
        course.end();
        return new VerifyReport(
                image.images().size(), records[0], references.blocks(), course.done, tornBytes(file), course.meter.elapsed());
    }

    private static long tornBytes(ImageFile file) {
        return file.records().size() - file.commit().end();
    }

    private interface Visitor {
        void visit(RecordHeader header, RecordLocation location) throws IOException;
    }

    private long walk(ImageFile file, Course course, Visitor visitor) throws IOException {
        long records = 1; // The header, which was checked when the file was opened.
        long position = FileHeader.LENGTH;
        long end = file.commit().end();
        while (position < end) {
            cancellation.check();
            RecordHeader header = file.records().readHeader(position);
            if (header.recordLength() > end - position) {
                throw new CorruptImageException(
                        file.name(),
                        position,
                        "record of " + header.recordLength() + " bytes, but the last commit ends at " + end);
            }
            if (!RecordType.isKnown(header.type()) && header.type() < RecordType.FIRST_FOREIGN_CODE) {
                throw new CorruptImageException(file.name(), position, "record of unknown type " + header.type());
            }
            visitor.visit(header, new RecordLocation(position, (int) header.recordLength()));
            position += header.recordLength();
            records++;
            course.reached(position);
        }
        return records;
    }

    /**
     * Compares a disk with an image.
     *
     * @param disk stays open
     * @return the runs that differ, in the order of the disk and to the byte; a disk that is shorter differs where it
     *     ends. What the image does not have, since it was unused or unreadable, is not compared
     * @throws CorruptImageException if the image is damaged
     * @throws IOException if the image or the disk can't be read
     */
    public List<Extent> differences(Image image, BlockDevice disk) throws IOException {
        Course course = new Course(image.file().commit().end());
        DifferenceList differences = new DifferenceList();
        ByteBuffer expected = ByteBuffer.allocateDirect(COMPARE_PIECE);
        ByteBuffer found = ByteBuffer.allocateDirect(COMPARE_PIECE);
        for (Iterator<Extent> extents = image.extents().iterator(); extents.hasNext(); ) {
            Extent extent = extents.next();
            if (extent.kind() != ExtentKind.UNUSED && extent.kind() != ExtentKind.UNREADABLE) {
                compare(image, disk, extent, expected, found, differences, course);
            }
        }
        if (disk.size() < image.size()) {
            differences.add(disk.size(), image.size() - disk.size());
        }
        return differences.list();
    }

    private void compare(
            Image image,
            BlockDevice disk,
            Extent extent,
            ByteBuffer expected,
            ByteBuffer found,
            DifferenceList differences,
            Course course)
            throws IOException {
        long end = Math.min(extent.end(), disk.size());
        for (long position = extent.offset(); position < end; ) {
            cancellation.check();
            Extent known = disk.extentAt(position);
            if (extent.kind() == ExtentKind.ZERO && known.kind() != ExtentKind.DATA) {
                position = Math.min(end, known.end());
                continue;
            }
            int count = (int) Math.min(COMPARE_PIECE, end - position);
            image.read(expected.clear().limit(count), position);
            disk.read(found.clear().limit(count), position);
            differences.compare(expected.flip(), found.flip(), position);
            position += count;
            course.reached(position);
        }
    }

    private static final class DifferenceList {
        private final List<Extent> list = new ArrayList<>();

        void compare(ByteBuffer expected, ByteBuffer found, long diskOffset) {
            for (int at = 0; at < expected.limit(); ) {
                int same = expected.position(at).mismatch(found.position(at));
                if (same < 0) {
                    return;
                }
                int start = at + same;
                at = start;
                while (at < expected.limit() && expected.get(at) != found.get(at)) {
                    at++;
                }
                add(diskOffset + start, at - start);
            }
        }

        void add(long diskOffset, long length) {
            Extents.append(list, new Extent(diskOffset, length, ExtentKind.DATA));
        }

        List<Extent> list() {
            return List.copyOf(list);
        }
    }
}

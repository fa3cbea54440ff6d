package io.platter.engine.write;

import io.platter.engine.line.Threads;
import io.platter.engine.line.Workers;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import io.platter.image.Sha256;
import io.platter.image.codec.LeafPage;
import io.platter.image.codec.LeafPageBuilder;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The part of the copy path that follows the caller's thread: hashing, deduplication, compression, writing, index.
 *
 * <p>Methods are for the caller's thread, unless they say otherwise.
 */
final class ImagePipeline implements AutoCloseable {
    /** So many leaves may wait for the open frame; then it is closed though it is not full. */
    private static final int MAX_WAITING_LEAVES = 64;

    /** So many leaves of an earlier image may wait for the writer thread. */
    private static final int MAX_KEPT_LEAVES = 64;

    /** What the writer thread gets, in the order of the disk. */
    private sealed interface Job {}

    private record Hashed(Segment segment, Future<?> ready) implements Job {}

    private record Kept(LeafPage leaf) implements Job {}

    private record Action(FutureTask<?> task) implements Job {}

    private record End() implements Job {}

    private final Destination destination;
    private final FrameDirectory frames;
    private final KnownBlocks blocks;
    private final IndexWriter index;
    private final Counters counters;
    private final int frameSize;
    private final int maxFramesInFlight;
    private final Workers<Worker> workers;
    private final ArrayBlockingQueue<Job> jobs;
    private final Semaphore roomForKept = new Semaphore(MAX_KEPT_LEAVES);
    private final Thread writer;
    private volatile @Nullable Throwable failure;
    private boolean closed;

    // Writer thread only, from here on.
    private final ArrayDeque<Frame> spareFrames = new ArrayDeque<>();

    /** Frames that are being compressed, and leaves after the frames that they need, in the order of the file. */
    private final ArrayDeque<Object> inFlight = new ArrayDeque<>();

    private final byte[] keptHash = new byte[Sha256.LENGTH];
    private final List<LeafPageBuilder> waitingLeaves = new ArrayList<>();
    private int framesInFlight;
    private Frame frame;
    private long frameNumber;

    ImagePipeline(
            Destination destination,
            FrameDirectory frames,
            KnownBlocks blocks,
            IndexWriter index,
            Counters counters,
            ImageBuilder.Crew crew,
            int frameSize) {
        this.destination = destination;
        this.frames = frames;
        this.blocks = blocks;
        this.index = index;
        this.counters = counters;
        this.frameSize = frameSize;
        this.maxFramesInFlight = framesFor(crew.threads());
        this.jobs = new ArrayBlockingQueue<>(segmentsFor(crew.threads()) + MAX_KEPT_LEAVES + 2);
        this.frame = new Frame(frameSize);
        this.frameNumber = frames.count();
        this.writer = crew.control().newThread("platter-writer", this::write);
        // From here on there are threads, which nobody but this would end.
        this.workers = Workers.start(crew.control(), "worker", crew.threads(), crew.tools());
        try {
            this.writer.start();
        } catch (RuntimeException | Error e) {
            workers.close();
            throw e;
        }
    }

    private static int framesFor(int threads) {
        return 2 * threads + 2;
    }

    /** Returns how many bytes of memory frames take, plain and compressed. */
    static long memory(int threads, int frameSize) {
        return 2L * frameSize * framesFor(threads);
    }

    static int segmentsFor(int threads) {
        return 2 * threads + 4;
    }

    /** Takes a filled segment on its way; if it throws, the segment is still the caller's. */
    void submit(Segment segment) throws IOException {
        checkFailure();
        // There is room for all segments, so this never waits, and an interrupt can't part a segment from its place.
        jobs.add(new Hashed(segment, workers.submit(worker -> worker.hash(segment))));
    }

    /** Takes a leaf of an earlier image as it is, after what was submitted. */
    void keep(LeafPage leaf) throws IOException, InterruptedException {
        checkFailure();
        roomForKept.acquire();
        jobs.add(new Kept(leaf));
    }

    private void checkFailure() throws IOException {
        Throwable cause = failure;
        if (cause != null) {
            throw Threads.rethrow(cause);
        }
    }

    /** Waits until all that was submitted is written, then runs an action on the writer thread. */
    <T> T whenWritten(Callable<T> action) throws IOException {
        checkFailure();
        FutureTask<T> task = new FutureTask<>(() -> {
            try {
                closeFrame();
                while (!inFlight.isEmpty()) {
                    writeNext();
                }
                return action.call();
            } catch (Throwable e) {
                fail(e);
                dropAll();
                throw e;
            }
        });
        jobs.add(new Action(task));
        try {
            return Threads.get(task);
        } catch (java.util.concurrent.CancellationException e) {
            checkFailure();
            throw e;
        }
    }

    /** Drops what was not written, and ends the threads. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        jobs.add(new End());
        try (workers) {
            Threads.joinUninterrupted(writer);
        }
    }

    // writer thread only
    private void write() {
        while (true) {
            Job job;
            try {
                job = jobs.take();
            } catch (InterruptedException e) {
                // Nobody interrupts this thread for a good reason.
                continue;
            }
            if (job instanceof End) {
                dropAllQuietly();
                return;
            }
            try {
                process(job);
            } catch (Throwable e) {
                fail(e);
                dropAllQuietly();
            }
        }
    }

    /** This thread must live as long as somebody may wait for it. Writer thread only. */
    private void dropAllQuietly() {
        try {
            dropAll();
        } catch (Throwable e) {
            fail(e);
        }
    }

    // writer thread only
    private void process(Job job) throws IOException {
        if (job instanceof Hashed hashed) {
            try {
                Threads.get(hashed.ready);
                if (failure == null) {
                    take(hashed.segment);
                }
            } finally {
                hashed.segment.release();
            }
        } else if (job instanceof Kept kept) {
            roomForKept.release();
            if (failure == null) {
                take(kept.leaf);
            }
        } else if (job instanceof Action action) {
            if (failure == null) {
                action.task.run();
            } else {
                action.task.cancel(false);
            }
        }
    }

    // writer thread only
    private void take(Segment segment) throws IOException {
        for (int item = 0; item < segment.count(); item++) {
            long length = segment.length(item);
            if (segment.isBlock(item)) {
                takeBlock(segment, item, (int) length);
            } else {
                takeRun(segment.kind(item), length, segment.detail(item));
            }
        }
        frame.leaveSegment();
        writeReady();
    }

    // writer thread only
    private void take(LeafPage kept) throws IOException {
        blocks.keep(kept);
        for (int extent = 0; extent < kept.extentCount(); extent++) {
            ImageExtent run = kept.extent(extent);
            if (run.kind() == ImageExtentKind.DATA) {
                takeBlocks(kept, kept.firstBlock(extent), kept.firstBlock(extent + 1));
            } else {
                takeRun(run.kind(), run.length(), run.detail());
            }
        }
        writeReady();
    }

    // writer thread only
    private void takeBlocks(LeafPage kept, int from, int to) throws IOException {
        for (int block = from; block < to; block++) {
            kept.hash(block, keptHash, 0);
            int length = kept.blockLength(block);
            long frameOfBlock = blocks.frameNumber(kept.frame(kept.frameNumber(block)));
            counters.addBlock(length, false);
            queue(index.closeBeforeBlock());
            index.leaf().addBlock(keptHash, 0, length, frameOfBlock, kept.slot(block));
        }
    }

    // writer thread only
    private void takeRun(ImageExtentKind kind, long length, long detail) throws IOException {
        queue(index.closeBefore(kind, detail));
        index.leaf().addExtent(kind, length, detail);
        counters.add(kind, length);
    }

    // writer thread only
    private void takeBlock(Segment segment, int item, int length) throws IOException {
        int hash = item * Sha256.LENGTH;
        long place = blocks.find(index.position(), segment.hashes, hash, length);
        boolean isNew = place == BlockIndex.NONE;
        if (isNew) {
            if (!frame.hasRoomFor(length)) {
                closeFrame();
            }
            place = FrameDirectory.place(frameNumber, frame.add(segment, item, index.position()));
            blocks.add(segment.hashes, hash, place);
        }
        counters.addBlock(length, isNew);
        queue(index.closeBeforeBlock());
        index.leaf()
                .addBlock(segment.hashes, hash, length, FrameDirectory.frameOf(place), FrameDirectory.slotOf(place));
    }

    /** Puts a closed leaf after the frames that it needs. Writer thread only. */
    private void queue(@Nullable LeafPageBuilder leaf) throws IOException {
        if (leaf == null) {
            return;
        }
        if (waitingLeaves.isEmpty()
                && (frame.isEmpty() || leaf.highestFrameBelow(FrameDirectory.KNOWN) < frameNumber)) {
            inFlight.add(leaf);
        } else {
            waitingLeaves.add(leaf);
            if (waitingLeaves.size() == MAX_WAITING_LEAVES) {
                closeFrame();
            }
        }
    }

    // writer thread only
    private void closeFrame() throws IOException {
        if (!frame.isEmpty()) {
            while (framesInFlight >= maxFramesInFlight) {
                writeNext();
            }
            Frame full = frame;
            frame = spareFrames.isEmpty() ? new Frame(frameSize) : spareFrames.pop();
            full.ready = workers.submitFirst(full::encode);
            inFlight.add(full);
            framesInFlight++;
            frameNumber++;
        }
        inFlight.addAll(waitingLeaves);
        waitingLeaves.clear();
    }

    // writer thread only
    private void writeReady() throws IOException {
        while (!inFlight.isEmpty()
                && !(inFlight.peek() instanceof Frame head && head.ready != null && !head.ready.isDone())) {
            writeNext();
        }
    }

    // writer thread only
    private void writeNext() throws IOException {
        Object next = inFlight.remove();
        if (next instanceof LeafPageBuilder leaf) {
            index.write(leaf);
        } else if (next instanceof Frame done && done.ready != null) {
            framesInFlight--;
            awaitEncoded(done, done.ready);
            frames.add(destination.addFrame(done.record(), done.blocks(), done.table()));
            counters.written(destination.written());
            done.reset();
            spareFrames.push(done);
        }
    }

    private static void awaitEncoded(Frame frame, Future<?> ready) throws IOException {
        try {
            Threads.get(ready);
        } catch (IOException | RuntimeException | Error e) {
            frame.drop();
            throw e;
        }
    }

    /** Lets go of all segments, so that nobody waits for one. Writer thread only. */
    private void dropAll() {
        frame.drop();
        frame.reset();
        waitingLeaves.clear();
        for (Object next : inFlight) {
            if (next instanceof Frame dropped && dropped.ready != null) {
                try {
                    awaitEncoded(dropped, dropped.ready);
                } catch (IOException | RuntimeException | Error e) {
                    fail(e);
                }
            }
        }
        inFlight.clear();
    }

    private void fail(Throwable cause) {
        Throwable first = failure;
        if (first == null) {
            failure = cause;
        } else if (!first.equals(cause)) {
            first.addSuppressed(cause);
        }
    }
}

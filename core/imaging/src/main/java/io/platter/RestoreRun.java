package io.platter;

import io.platter.block.Extent;
import io.platter.block.UnsupportedImageException;
import io.platter.engine.line.Allotment;
import io.platter.engine.line.Counts;
import io.platter.engine.line.OrderedLine;
import io.platter.engine.line.ProgressMeter;
import io.platter.engine.read.FrameDecoder;
import io.platter.engine.read.FramePlan;
import io.platter.engine.read.FrameScatter;
import io.platter.engine.read.Leaves;
import io.platter.engine.restore.Announcement;
import io.platter.engine.restore.DiskWindow;
import io.platter.engine.restore.RestoreTarget;
import io.platter.image.Limits;
import io.platter.image.codec.LeafPage;
import io.platter.job.JobControl;
import io.platter.job.Phase;
import io.platter.job.RestoreReport;
import io.platter.partition.Finding;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One run of a {@link Restore}: each frame of the image is read and checked once, and given to all targets. A target that
 * fails is left alone from then on; the others go on.
 *
 * <p>Not thread-safe: one thread, once.
 */
final class RestoreRun {
    /** What a restore did. */
    record Report(
            long diskSize,
            long bytesRead,
            long bytesWritten,
            List<Extent> unreadable,
            List<Finding> findings,
            Duration elapsed)
            implements RestoreReport {}

    /** One of the targets. */
    static final class Branch {
        private final RestorePlan plan;
        private final boolean compare;
        private final RestoreTarget target;
        private final List<Finding> findings = new ArrayList<>();
        private volatile @Nullable Exception failure;

        /**
         * Takes a plan.
         *
         * @param isZero whether the device is known to be all zeros
         * @param compare whether only what differs is written
         */
        Branch(RestorePlan plan, boolean isZero, boolean compare) {
            this.plan = plan;
            this.compare = compare;
            this.target = new RestoreTarget(plan.target(), compare, isZero, plan.last(), plan.marks());
        }

        private void run(OrderedLine.Action action) {
            if (failure == null) {
                try {
                    action.run();
                } catch (IOException | RuntimeException e) {
                    fail(e);
                }
            }
        }

        private synchronized void fail(Exception cause) {
            if (failure == null) {
                failure = cause;
            } else if (!failure.equals(cause)) {
                failure.addSuppressed(cause);
            }
        }

        private boolean wants(long diskOffset, int length) {
            return failure == null
                    && (plan.window().isEmpty() || plan.window().get().shows(diskOffset, length));
        }

        /** Returns why this target is not complete, if it is not. */
        Optional<Exception> failure() {
            return Optional.ofNullable(failure);
        }
    }

    private final Image image;
    private final List<Branch> branches;
    private final JobControl control;
    private final ProgressMeter meter;
    private final AtomicLong bytesRead = new AtomicLong();
    private final AtomicLong bytesDone = new AtomicLong();
    private final List<Extent> unreadable = new ArrayList<>();
    private long zero;
    private long unused;

    RestoreRun(Image image, List<Branch> branches, JobControl control) {
        this.image = image;
        this.branches = branches;
        this.control = control;
        this.meter = new ProgressMeter(control);
    }

    /** Returns how many bytes of direct memory a run takes at most: a frame for each item on its line, and each worker's own. */
    static long memory(int threads) {
        return (2L * threads + 2L * takers(threads) + threads) * Limits.MAX_FRAME + (4 << 20);
    }

    private static int takers(int threads) {
        return 1 + threads / 2;
    }

    /** Restores to all targets that do not fail. Nothing is written before there is memory for all of it. */
    void run() throws IOException {
        try (Allotment allotment = Allotment.take(control, RestoreRun::memory)) {
            for (Branch branch : branches) {
                branch.run(() -> branch.plan.erasePast(branch.compare));
            }
            copy(allotment.threads());
        }
        for (Branch branch : branches) {
            branch.run(() -> {
                branch.plan.complete(branch.target);
                branch.target.finish();
                branch.findings.addAll(branch.plan.findings());
                Announcement.of(branch.plan.device()).ifPresent(branch.findings::add);
            });
        }
        meter.end(() -> counts(Phase.FINISH));
    }

    /** Returns what was done to a target that did not fail. */
    RestoreReport report(Branch branch) {
        return new Report(
                branch.plan.window().map(DiskWindow::length).orElse(image.size()),
                bytesRead.get(),
                branch.target.written(),
                List.copyOf(unreadable),
                List.copyOf(branch.findings),
                meter.elapsed());
    }

    private void copy(int threads) throws IOException {
        FramePlan frames = new FramePlan();
        try (OrderedLine<FrameDecoder, FrameScatter> line = new OrderedLine<>(
                control,
                "restore",
                threads,
                takers(threads),
                FrameDecoder::forWriting,
                () -> new FrameScatter(image.file().records(), frames))) {
            Leaves leaves = new Leaves(image.file(), image.root(), 0);
            for (Optional<LeafPage> leaf = leaves.next(); leaf.isPresent() && isWanted(); leaf = leaves.next()) {
                control.cancellation().throwIfCancelled();
                take(leaf.get(), frames);
                if (frames.isFull()) {
                    scatter(frames, line);
                }
            }
            scatter(frames, line);
        }
    }

    private boolean isWanted() {
        return branches.stream().anyMatch(branch -> branch.failure == null);
    }

    private void take(LeafPage leaf, FramePlan frames) throws IOException {
        for (int i = 0; i < leaf.extentCount(); i++) {
            Extent extent = leaf.extent(i);
            switch (extent.kind()) {
                case DATA -> {
                    takeBlocks(leaf, i, frames);
                    continue;
                }
                case ZERO, FILL -> zero += extent.length();
                case UNUSED -> unused += extent.length();
                case UNREADABLE -> unreadable.add(extent);
                case PARENT ->
                    throw new UnsupportedImageException(
                            image.file().name(), "the image's parent, which this version of Platter can't read");
            }
            for (Branch branch : branches) {
                branch.run(() -> branch.target.writeRun(extent));
            }
            bytesDone.addAndGet(extent.length());
        }
    }

    private void takeBlocks(LeafPage leaf, int extent, FramePlan frames) throws IOException {
        for (int block = leaf.firstBlock(extent); block < leaf.firstBlock(extent + 1); block++) {
            long position = leaf.blockOffset(block);
            int length = leaf.blockLength(block);
            if (branches.stream().anyMatch(branch -> branch.wants(position, length))) {
                frames.add(leaf, block, position);
            } else {
                bytesDone.addAndGet(length);
            }
        }
    }

    private void scatter(FramePlan frames, OrderedLine<FrameDecoder, FrameScatter> line) throws IOException {
        frames.group();
        line.run(
                frame -> {
                    meter.tick(() -> counts(Phase.COPY));
                    return isWanted() && frames.next(frame);
                },
                (decoder, frame) -> {
                    frame.read(decoder);
                    bytesRead.addAndGet(frame.recordLength());
                },
                frame -> bytesDone.addAndGet(frame.giveTo(this::write)));
        frames.clear();
    }

    private void write(ByteBuffer bytes, long diskOffset) {
        for (Branch branch : branches) {
            branch.run(() -> branch.target.write(bytes.duplicate(), diskOffset));
        }
        bytes.position(bytes.limit());
    }

    private Counts counts(Phase phase) {
        return new Counts(
                phase,
                bytesDone.get(),
                OptionalLong.of(image.size()),
                bytesRead.get(),
                branches.stream().mapToLong(branch -> branch.target.written()).sum(),
                OptionalLong.empty(),
                OptionalLong.of(zero),
                OptionalLong.of(unused),
                OptionalLong.of(unreadable.stream().mapToLong(Extent::length).sum()));
    }
}

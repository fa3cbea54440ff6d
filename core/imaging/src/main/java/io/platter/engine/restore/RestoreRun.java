package io.platter.engine.restore;

import io.platter.block.UnreadableRange;
import io.platter.engine.line.Allotment;
import io.platter.engine.line.OrderedLine;
import io.platter.engine.line.ProgressMeter;
import io.platter.engine.read.StoredImage;
import io.platter.image.ImageExtent;
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
import org.jspecify.annotations.Nullable;

/**
 * One run of a {@code Restore}: each frame of the image is read and checked once, and given to all targets. A target that
 * fails is left alone from then on; the others go on.
 *
 * <p>Not thread-safe: one thread, once.
 */
public final class RestoreRun {
    /** What a restore did. */
    record Report(
            long diskSize,
            long bytesRead,
            long bytesWritten,
            List<UnreadableRange> unreadable,
            List<Finding> findings,
            Duration elapsed)
            implements RestoreReport {}

    /** One of the targets. */
    public static final class Branch {
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
        public Branch(RestorePlan plan, boolean isZero, boolean compare) {
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
        public Optional<Exception> failure() {
            return Optional.ofNullable(failure);
        }
    }

    private final StoredImage image;
    private final List<Branch> branches;
    private final JobControl control;
    private final ProgressMeter meter;
    private final FrameCopy copy;

    /** Creates a run. */
    public RestoreRun(StoredImage image, List<Branch> branches, JobControl control) {
        this.image = image;
        this.branches = branches;
        this.control = control;
        this.meter = new ProgressMeter(control);
        this.copy = new FrameCopy(image, new ToBranches(), control);
    }

    /** Returns how many bytes of direct memory a run takes at most. */
    public static long memory(int threads) {
        return FrameCopy.memory(threads);
    }

    /** Restores to all targets that do not fail. Nothing is written before there is memory for all of it. */
    public void run() throws IOException {
        try (Allotment allotment = Allotment.take(control, RestoreRun::memory)) {
            for (Branch branch : branches) {
                branch.run(() -> branch.plan.erasePast(branch.compare));
            }
            copy.run(allotment.threads(), () -> meter.tick(() -> copy.counts(Phase.COPY, written())));
        }
        for (Branch branch : branches) {
            branch.run(() -> {
                branch.plan.complete(branch.target);
                branch.target.finish();
                branch.findings.addAll(branch.plan.findings());
                Announcement.of(branch.plan.device()).ifPresent(branch.findings::add);
            });
        }
        meter.end(() -> copy.counts(Phase.FINISH, written()));
    }

    private long written() {
        return branches.stream().mapToLong(branch -> branch.target.written()).sum();
    }

    /** Returns what was done to a target that did not fail. */
    public RestoreReport report(Branch branch) {
        return new Report(
                branch.plan.window().map(DiskWindow::length).orElse(image.size()),
                copy.bytesRead(),
                branch.target.written(),
                copy.unreadable(),
                List.copyOf(branch.findings),
                meter.elapsed());
    }

    /** Gives each target what it wants. */
    private final class ToBranches implements FrameCopy.Sink {
        @Override
        public boolean isWanted() {
            return branches.stream().anyMatch(branch -> branch.failure == null);
        }

        @Override
        public boolean wants(long diskOffset, int length) {
            return branches.stream().anyMatch(branch -> branch.wants(diskOffset, length));
        }

        @Override
        public void run(ImageExtent run) {
            for (Branch branch : branches) {
                branch.run(() -> branch.target.writeRun(run));
            }
        }

        @Override
        public void write(ByteBuffer bytes, long diskOffset) {
            for (Branch branch : branches) {
                branch.run(() -> branch.target.write(bytes.duplicate(), diskOffset));
            }
            bytes.position(bytes.limit());
        }
    }
}

package io.platter;

import io.platter.block.Extent;
import io.platter.block.UnsupportedImageException;
import io.platter.engine.line.OrderedLine;
import io.platter.engine.read.FrameDecoder;
import io.platter.engine.read.FramePlan;
import io.platter.engine.read.FrameScatter;
import io.platter.engine.read.Leaves;
import io.platter.engine.restore.DiskWindow;
import io.platter.engine.restore.RestoreTarget;
import io.platter.image.codec.LeafPage;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One run of a {@link Restore}.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class RestoreRun {
    private final Image image;
    private final RestorePlan plan;
    private final boolean compare;
    private final int threads;
    private final CancellationToken cancellation;
    private final ProgressMeter meter;

    private final RestoreTarget target;
    private final AtomicLong bytesRead = new AtomicLong();
    private final AtomicLong bytesDone = new AtomicLong();
    private final List<Extent> unreadable = new ArrayList<>();
    private long zero;
    private long unused;

    /**
     * Prepares the run.
     *
     * @param isZero whether the device is known to be all zeros
     */
    RestoreRun(
            Image image,
            RestorePlan plan,
            boolean isZero,
            boolean compare,
            int threads,
            CancellationToken cancellation,
            ProgressMeter meter) {
        this.image = image;
        this.plan = plan;
        this.compare = compare;
        this.threads = threads;
        this.cancellation = cancellation;
        this.meter = meter;
        this.target = new RestoreTarget(plan.target(), compare, isZero, plan.last(), plan.marks());
    }

    /** Restores, and returns what was done. */
    RestoreReport run() throws IOException {
        plan.erasePast(compare);
        copy();
        plan.complete(target);
        target.finish();
        meter.end(elapsed -> progress(Phase.FINISH, elapsed));
        return new RestoreReport(
                plan.window().map(DiskWindow::length).orElse(image.size()),
                bytesRead.get(),
                target.written(),
                unreadable,
                plan.findings(),
                meter.elapsed());
    }

    private void copy() throws IOException {
        FramePlan frames = new FramePlan();
        try (OrderedLine<FrameDecoder, FrameScatter> line = new OrderedLine<>(
                "restore",
                threads,
                1 + threads / 2,
                FrameDecoder::forWriting,
                () -> new FrameScatter(image.file().records(), frames))) {
            Leaves leaves = new Leaves(image.file(), image.root(), 0);
            for (Optional<LeafPage> leaf = leaves.next(); leaf.isPresent(); leaf = leaves.next()) {
                cancellation.check();
                take(leaf.get(), frames);
                if (frames.isFull()) {
                    scatter(frames, line);
                }
            }
            scatter(frames, line);
        }
    }

    private void take(LeafPage leaf, FramePlan frames) throws IOException {
        for (int i = 0; i < leaf.extentCount(); i++) {
            Extent extent = leaf.extent(i);
            switch (extent.kind()) {
                case DATA -> {
                    long position = extent.offset();
                    for (int block = leaf.firstBlock(i); block < leaf.firstBlock(i + 1); block++) {
                        int length = leaf.blockLength(block);
                        if (plan.window().isEmpty() || plan.window().get().shows(position, length)) {
                            frames.add(leaf, block, position);
                        } else {
                            bytesDone.addAndGet(length);
                        }
                        position += length;
                    }
                    continue;
                }
                case ZERO, FILL -> zero += extent.length();
                case UNUSED -> unused += extent.length();
                case UNREADABLE -> unreadable.add(extent);
                case PARENT ->
                    throw new UnsupportedImageException(
                            image.file().name(), "the image's parent, which this version of Platter can't read");
            }
            target.writeRun(extent);
            bytesDone.addAndGet(extent.length());
        }
    }

    private void scatter(FramePlan frames, OrderedLine<FrameDecoder, FrameScatter> line) throws IOException {
        frames.group();
        line.run(
                frame -> {
                    cancellation.check();
                    meter.tick(elapsed -> progress(Phase.COPY, elapsed));
                    return frames.next(frame);
                },
                (decoder, frame) -> {
                    frame.read(decoder);
                    bytesRead.addAndGet(frame.recordLength());
                },
                frame -> bytesDone.addAndGet(frame.giveTo(target::write)));
        frames.clear();
    }

    private Progress progress(Phase phase, Duration elapsed) {
        long unreadableBytes = unreadable.stream().mapToLong(Extent::length).sum();
        return new Progress(
                phase,
                bytesDone.get(),
                image.size(),
                bytesRead.get(),
                target.written(),
                0,
                zero,
                unused,
                unreadableBytes,
                elapsed);
    }
}

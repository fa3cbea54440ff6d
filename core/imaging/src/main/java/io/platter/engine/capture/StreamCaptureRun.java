package io.platter.engine.capture;

import io.platter.block.DeviceException;
import io.platter.engine.guard.Targets;
import io.platter.engine.line.ProgressMeter;
import io.platter.engine.write.ImageSession;
import io.platter.image.ImageDescription;
import io.platter.image.ImageInfo;
import io.platter.job.CaptureReport;
import io.platter.job.JobControl;
import io.platter.job.Phase;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/**
 * One run of a {@code StreamCapture}.
 *
 * <p>Not thread-safe: one thread, once.
 */
public final class StreamCaptureRun {
    private static final int PIECE = 1 << 20;

    private final ReadableByteChannel source;
    private final ImageDescription description;
    private final JobControl control;
    private final ImageSession image;
    private final ProgressMeter meter;
    private long bytesRead;
    private boolean isAllRead;

    public StreamCaptureRun(
            ReadableByteChannel source, ImageDescription description, JobControl control, ImageSession image) {
        this.source = source;
        this.description = description;
        this.control = control;
        this.image = image;
        this.meter = new ProgressMeter(control);
    }

    public CaptureReport run() throws IOException {
        try {
            return capture();
        } catch (DeviceException | RuntimeException e) {
            if (!isAllRead || e instanceof CancellationException) {
                CaptureRun.leaveCheckpoint(image, e);
            }
            throw e;
        }
    }

    private CaptureReport capture() throws IOException {
        image.describe(description, Optional.empty());
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
        while (canRead(piece.clear())) {
            bytesRead += piece.position();
            image.data(image.position(), piece.flip());
            meter.tick(() -> CaptureRun.counts(Phase.COPY, image, bytesRead, 0));
        }
        // What stops this job often stops the one that writes the channel, too: that is no end.
        control.cancellation().throwIfCancelled();
        isAllRead = true;
        ImageInfo info = image.finish();
        meter.end(() -> CaptureRun.counts(Phase.FINISH, image, bytesRead, 0));
        return new CaptureRun.Report(
                info,
                bytesRead,
                image.counters().written(),
                List.of(),
                0,
                "nothing: a channel does not tell its state",
                Optional.empty(),
                Optional.empty(),
                meter.elapsed());
    }

    private boolean canRead(ByteBuffer piece) throws IOException {
        try {
            control.cancellation().throwIfCancelled();
            return source.read(piece) >= 0;
        } catch (IOException e) {
            control.cancellation().throwIfCancelled();
            throw GuardedSource.failure(Targets.name(source), image.position(), e);
        }
    }
}

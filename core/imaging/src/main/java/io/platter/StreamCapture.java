package io.platter;

import io.platter.block.DeviceException;
import io.platter.engine.capture.StreamCaptureRun;
import io.platter.engine.guard.Targets;
import io.platter.image.ImageDescription;
import io.platter.job.CaptureReport;
import io.platter.job.JobControl;
import io.platter.job.TargetRefusedException;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

/**
 * Captures what a channel gives, such as a pipe, into an image: all of it, in one pass.
 *
 * <p>Immutable: {@code describedBy} and {@code control} return another object. A channel can be captured once; whether two
 * captures at the same time are possible is up to their channels.
 */
public final class StreamCapture {
    private final ReadableByteChannel source;
    private final ImageDescription description;
    private final JobControl control;

    private StreamCapture(ReadableByteChannel source, ImageDescription description, JobControl control) {
        this.source = source;
        this.description = description;
        this.control = control;
    }

    /** Captures the bytes that a channel gives, up to its end; it stays open. */
    public static StreamCapture of(ReadableByteChannel disk) {
        Objects.requireNonNull(disk, "disk");
        return new StreamCapture(disk, ImageDescription.standard(), JobControl.defaults());
    }

    /** Returns this capture with an image that says something else about its origin. */
    public StreamCapture describedBy(ImageDescription newDescription) {
        return new StreamCapture(source, Objects.requireNonNull(newDescription, "newDescription"), control);
    }

    /** Returns this capture under another control. */
    public StreamCapture control(JobControl newControl) {
        return new StreamCapture(source, description, Objects.requireNonNull(newControl, "newControl"));
    }

    /** Returns this capture with some of its control changed. */
    public StreamCapture control(Consumer<JobControl.Builder> changes) {
        return control(control.with(changes));
    }

    /**
     * Reads the channel to its end into an image, and finishes the image.
     *
     * @param image where the disk goes, with the writer's threads and memory; stays open
     * @throws IllegalStateException if the image was resumed: a channel starts at its start
     * @throws TargetRefusedException if the image's file stands for the channel's, as far as the channel knows it; nothing
     *     is written then
     * @throws DeviceException if the channel can't be read; the image then has a checkpoint
     * @throws CancellationException if the capture was cancelled or the thread interrupted; the image then has a
     *     checkpoint
     * @throws IOException if the image can't be written
     */
    public CaptureReport to(ImageWriter image) throws IOException {
        if (image.position() > 0) {
            throw new IllegalStateException("a capture from a channel can't resume an unfinished image");
        }
        Targets.refuseSame(image.session(), source);
        return new StreamCaptureRun(source, description, control, image.session()).run();
    }

    @Override
    public String toString() {
        return "StreamCapture[" + control + "]";
    }
}

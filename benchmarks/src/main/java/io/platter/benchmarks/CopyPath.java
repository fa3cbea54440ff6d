package io.platter.benchmarks;

import io.platter.Capture;
import io.platter.ImageReader;
import io.platter.ImageWriter;
import io.platter.Restore;
import io.platter.Verify;
import io.platter.block.BlockDevice;
import io.platter.block.MemoryDevice;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.job.CaptureOptions;
import io.platter.job.JobControl;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;

/**
 * The whole copy path, with a disk and an image in memory at its ends: what the engine costs without any I/O.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class CopyPath {
    static final WritableByteChannel NOWHERE = new WritableByteChannel() {
        @Override
        public int write(ByteBuffer source) {
            int count = source.remaining();
            source.position(source.limit());
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    };

    private final BlockDevice disk;
    private final BlockDevice target;
    private final int threads;
    private final byte[] image;

    /**
     * Captures a disk once, so that there is an image to restore.
     *
     * @param disk the disk's bytes
     * @param threads how many workers there are
     */
    CopyPath(byte[] disk, int threads) throws IOException {
        this.disk = MemoryDevice.over(disk);
        this.target = new NullDevice(disk.length);
        this.threads = threads;
        ByteArrayOutputStream out = new ByteArrayOutputStream(disk.length / 2);
        capture(Channels.newChannel(out));
        this.image = out.toByteArray();
    }

    /** Returns the bytes of the image file. */
    byte[] image() {
        return image;
    }

    /** Captures the disk to nowhere. */
    void capture() throws IOException {
        capture(NOWHERE);
    }

    private void capture(WritableByteChannel to) throws IOException {
        JobControl control = JobControl.defaults().with(builder -> builder.threads(threads));
        try (ImageWriter writer = ImageWriter.create(to, DiskGeometry.of(disk), ImageOptions.defaults(), control)) {
            Capture.of(disk).options(CaptureOptions.everything()).to(writer);
        }
    }

    /** Restores the image to nowhere. */
    void restore() throws IOException {
        try (ImageReader reader = ImageReader.open(new MemoryChannel(image))) {
            Restore.of(reader.newestImage())
                    .control(control -> control.threads(threads))
                    .to(target);
        }
    }

    /** Verifies every block of the image. */
    void verify() throws IOException {
        try (ImageReader reader = ImageReader.open(new MemoryChannel(image))) {
            Verify.of(reader).control(control -> control.threads(threads)).full();
        }
    }
}

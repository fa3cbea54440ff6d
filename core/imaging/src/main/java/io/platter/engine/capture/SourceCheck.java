package io.platter.engine.capture;

import io.platter.block.BlockDevice;
import io.platter.engine.read.FrameSource;
import io.platter.engine.read.ImageFile;
import io.platter.engine.read.OpenFile;
import io.platter.engine.read.PageCache;
import io.platter.engine.read.StoredImage;
import io.platter.engine.write.ImageSession;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import io.platter.image.codec.ImageRoot;
import io.platter.job.SourceChangedException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Looks whether a disk is still what an unfinished image says that it was: the geometry, and samples of the content,
 * among them the first and the last bytes that were captured.
 */
final class SourceCheck {
    private static final int SAMPLES = 256;
    private static final int SAMPLE = 16 << 10;

    /** Reads the disk as the policy for read errors says. */
    @FunctionalInterface
    interface SampleReader {
        /** Fills the buffer from 0 to its limit; returns false if the sample can't be read and is to be passed over. */
        boolean read(ByteBuffer target, long diskOffset) throws IOException;
    }

    private final BlockDevice disk;
    private final SampleReader samples;
    private final ImageSession image;

    SourceCheck(BlockDevice disk, SampleReader samples, ImageSession image) {
        this.disk = disk;
        this.samples = samples;
        this.image = image;
    }

    void run() throws IOException {
        DiskGeometry found = DiskGeometry.of(disk);
        if (!found.equals(image.disk())) {
            throw new SourceChangedException(
                    disk.name() + " has the geometry " + found + ", the image was begun on " + image.disk());
        }
        try (OpenFile bytes = OpenFile.closing(image.committed());
                FrameSource frames = new FrameSource(0)) {
            ImageFile file = ImageFile.open(bytes);
            ImageRoot root = file.partialRoot().orElseThrow();
            StoredImage unfinished = new StoredImage(bytes, file, root, new PageCache(), frames);
            long step = Math.max(SAMPLE, unfinished.size() / SAMPLES);
            for (long start = 0; start < unfinished.size(); start += step) {
                compare(unfinished, start);
            }
            compare(unfinished, Math.max(0, unfinished.size() - SAMPLE));
        }
    }

    private void compare(StoredImage unfinished, long start) throws IOException {
        ImageExtent extent = unfinished.extentAt(start);
        if (extent.kind() == ImageExtentKind.UNUSED || extent.kind() == ImageExtentKind.UNREADABLE) {
            return;
        }
        int length = (int) Math.min(SAMPLE, extent.length());
        ByteBuffer then = ByteBuffer.allocate(length);
        ByteBuffer now = ByteBuffer.allocate(length);
        unfinished.read(then, start);
        if (!samples.read(now, start)) {
            return;
        }
        int difference = then.flip().mismatch(now.rewind());
        if (difference >= 0) {
            throw new SourceChangedException(
                    disk.name() + " has changed at disk offset " + (start + difference) + " since the image was begun");
        }
    }
}

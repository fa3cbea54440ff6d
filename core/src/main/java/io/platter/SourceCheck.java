package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Looks whether a disk is still what an unfinished image says that it was: the geometry, the state that the caller gave,
 * and samples of the content, among them the first and the last bytes that were captured.
 */
final class SourceCheck {
    private static final int SAMPLES = 256;
    private static final int SAMPLE = 16 << 10;

    private final BlockDevice disk;
    private final ImageWriter image;

    SourceCheck(BlockDevice disk, ImageWriter image) {
        this.disk = disk;
        this.image = image;
    }

    /** Takes note of the source's state in a new image, and compares it with that of an unfinished one. */
    static void state(ImageWriter image, String now) throws SourceChangedException {
        String then =
                image.position() > 0 ? image.property(Capture.SOURCE_STATE).orElse(now) : now;
        if (!then.equals(now)) {
            throw new SourceChangedException(
                    "the source has changed since the image was begun: it was \"" + then + "\", it is \"" + now + "\"");
        }
        image.property(Capture.SOURCE_STATE, now);
    }

    void run() throws IOException {
        DiskGeometry found = DiskGeometry.of(disk);
        if (!found.equals(image.disk())) {
            throw new SourceChangedException(
                    disk.name() + " has the geometry " + found + ", the image was begun on " + image.disk());
        }
        try (ImageReader reader = image.reader()) {
            Image unfinished = reader.unfinishedImage().orElseThrow();
            long step = Math.max(SAMPLE, unfinished.size() / SAMPLES);
            for (long start = 0; start < unfinished.size(); start += step) {
                compare(unfinished, start);
            }
            compare(unfinished, Math.max(0, unfinished.size() - SAMPLE));
        }
    }

    private void compare(Image unfinished, long start) throws IOException {
        Extent extent = unfinished.extentAt(start);
        if (extent.kind() == ExtentKind.UNUSED || extent.kind() == ExtentKind.UNREADABLE) {
            return;
        }
        int length = (int) Math.min(SAMPLE, extent.length());
        ByteBuffer then = ByteBuffer.allocate(length);
        ByteBuffer now = ByteBuffer.allocate(length);
        unfinished.read(then, start);
        disk.read(now, start);
        int difference = then.flip().mismatch(now.flip());
        if (difference >= 0) {
            throw new SourceChangedException(
                    disk.name() + " has changed at disk offset " + (start + difference) + " since the image was begun");
        }
    }
}

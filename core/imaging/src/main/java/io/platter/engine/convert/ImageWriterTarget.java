package io.platter.engine.convert;

import io.platter.engine.write.ImageSession;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An image that a converted disk goes to. It is the same image as that of a capture: what is empty is given in whole
 * cells only, so that the image does not depend on what the source happens to know.
 */
public final class ImageWriterTarget implements PieceTarget {
    private final ImageSession image;
    private final boolean keepsKinds;

    /**
     * Takes a writer.
     *
     * @param keepsKinds whether the source is an image, whose kinds are taken over; of any other disk, a hole
     *     reads as zeros, and must be zeros when it is restored
     */
    public ImageWriterTarget(ImageSession image, boolean keepsKinds) {
        this.image = image;
        this.keepsKinds = keepsKinds;
    }

    @Override
    public void data(long diskOffset, ByteBuffer bytes) throws IOException {
        image.data(diskOffset, bytes);
    }

    @Override
    public void empty(ImageExtent run) throws IOException {
        if (!keepsKinds) {
            zeros(run.offset(), run.end());
        } else if (run.kind() == ImageExtentKind.UNUSED) {
            image.run(run.offset(), run.length(), ImageExtentKind.UNUSED, 0);
        } else if (run.kind() == ImageExtentKind.UNREADABLE) {
            image.run(run.offset(), run.length(), ImageExtentKind.UNREADABLE, run.detail());
        } else {
            image.run(run.offset(), run.length(), ImageExtentKind.ZERO, 0);
        }
    }

    private void zeros(long start, long end) throws IOException {
        long first = image.grid().ceiling(start);
        long last = end == image.disk().size() ? end : image.grid().floor(end);
        if (first < last) {
            zeroBytes(start, first);
            image.run(first, last - first, ImageExtentKind.ZERO, 0);
            zeroBytes(last, end);
        } else {
            zeroBytes(start, end);
        }
    }

    private void zeroBytes(long start, long end) throws IOException {
        image.data(start, ByteBuffer.allocate((int) (end - start)));
    }

    @Override
    public void finish() throws IOException {
        image.finish();
    }

    @Override
    public long written() {
        return image.counters().written();
    }
}

package io.platter;

import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.engine.convert.PieceTarget;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An image that a converted disk goes to. It is the same image as that of a capture: what is empty is given in whole
 * cells only, so that the image does not depend on what the source happens to know.
 */
final class ImageWriterTarget implements PieceTarget {
    private final ImageWriter image;
    private final boolean keepsKinds;

    /**
     * Takes a writer.
     *
     * @param keepsKinds whether the source is an image, whose kinds are taken over; of any other disk, what is UNUSED
     *     reads as zeros, and must be zeros when it is restored
     */
    ImageWriterTarget(ImageWriter image, boolean keepsKinds) {
        this.image = image;
        this.keepsKinds = keepsKinds;
    }

    @Override
    public void data(long diskOffset, ByteBuffer bytes) throws IOException {
        image.data(diskOffset, bytes);
    }

    @Override
    public void empty(Extent run) throws IOException {
        if (!keepsKinds) {
            zeros(run.offset(), run.end());
        } else if (run.kind() == ExtentKind.UNUSED) {
            image.unused(run.offset(), run.length());
        } else if (run.kind() == ExtentKind.UNREADABLE) {
            image.unreadable(run.offset(), run.length(), (int) run.detail());
        } else {
            image.zero(run.offset(), run.length());
        }
    }

    private void zeros(long start, long end) throws IOException {
        long first = image.cellCeiling(start);
        long last = end == image.disk().size() ? end : image.cellFloor(end);
        if (first < last) {
            zeroBytes(start, first);
            image.zero(first, last - first);
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

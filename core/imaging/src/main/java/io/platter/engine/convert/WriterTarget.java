package io.platter.engine.convert;

import io.platter.block.ExtentKind;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import io.platter.virtualdisk.VirtualDiskWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/** A new disk file of a third-party format. */
public final class WriterTarget implements PieceTarget {
    private final VirtualDiskWriter writer;
    private final AtomicLong written = new AtomicLong();

    /** Takes a writer, which the caller closes. */
    public WriterTarget(VirtualDiskWriter writer) {
        this.writer = writer;
    }

    @Override
    public void data(long diskOffset, ByteBuffer bytes) throws IOException {
        int length = bytes.remaining();
        writer.data(diskOffset, bytes);
        written.addAndGet(length);
    }

    @Override
    public void encoded(long diskOffset, ByteBuffer block) throws IOException {
        int length = block.remaining();
        writer.encoded(diskOffset, block);
        written.addAndGet(length);
    }

    @Override
    public void empty(ImageExtent run) throws IOException {
        ExtentKind kind = run.kind() == ImageExtentKind.ZERO ? ExtentKind.ZERO : ExtentKind.HOLE;
        writer.empty(run.offset(), run.length(), kind);
    }

    @Override
    public void finish() throws IOException {
        writer.finish();
    }

    @Override
    public long written() {
        return written.get();
    }
}

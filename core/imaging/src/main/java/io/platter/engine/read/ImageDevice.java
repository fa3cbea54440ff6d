package io.platter.engine.read;

import io.platter.block.Backing;
import io.platter.block.BlockDevice;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.image.ImageExtent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** The disk of an image as a device for reading. */
final class ImageDevice implements BlockDevice {
    private final StoredImage image;

    ImageDevice(StoredImage image) {
        this.image = image;
    }

    @Override
    public String name() {
        return image.file().name() + "#" + image.root().number();
    }

    @Override
    public long size() {
        return image.size();
    }

    @Override
    public int logicalSectorSize() {
        return image.root().statement().logicalSectorSize();
    }

    @Override
    public int physicalSectorSize() {
        return image.root().statement().physicalSectorSize();
    }

    @Override
    public boolean isWritable() {
        return false;
    }

    @Override
    public List<Backing> backing() throws IOException {
        return image.bytes().backing();
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        image.read(target, diskOffset);
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) throws IOException {
        image.bytes().check();
        throw new IllegalStateException(name() + " is open for reading only");
    }

    @Override
    public Extent extentAt(long diskOffset) throws IOException {
        ImageExtent extent = image.extentAt(diskOffset);
        ExtentKind kind =
                switch (extent.kind()) {
                    case DATA, FILL -> ExtentKind.DATA;
                    case ZERO -> ExtentKind.ZERO;
                    case UNUSED, UNREADABLE -> ExtentKind.HOLE;
                };
        return new Extent(extent.offset(), extent.length(), kind);
    }

    @Override
    public boolean discard(long diskOffset, long length) throws IOException {
        image.bytes().check();
        throw new IllegalStateException(name() + " is open for reading only");
    }

    @Override
    public void flush() throws IOException {
        image.bytes().check();
    }

    @Override
    public void close() {}
}

package io.platter.nbd;

import io.platter.Image;
import io.platter.block.DeviceException;
import io.platter.block.DeviceView;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The disk of an image that fails where the captured disk failed: zeros in place of lost bytes are a lie to a guest. */
final class FaithfulImage extends DeviceView {
    private final Image image;

    FaithfulImage(Image image) {
        super(image.asDevice());
        this.image = image;
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        long end = diskOffset + target.remaining();
        for (long position = diskOffset; position < end; ) {
            ImageExtent extent = image.extentAt(position);
            if (extent.kind() == ImageExtentKind.UNREADABLE) {
                throw new DeviceException(
                        name(),
                        "read",
                        position,
                        Protocol.EIO,
                        "the disk could not be read when it was captured",
                        null);
            }
            position = extent.end();
        }
        super.read(target, diskOffset);
    }

    @Override
    public Extent extentAt(long diskOffset) throws IOException {
        return image.extentAt(diskOffset).kind() == ImageExtentKind.UNREADABLE
                ? new Extent(diskOffset, image.extentAt(diskOffset).length(), ExtentKind.DATA)
                : device().extentAt(diskOffset);
    }
}

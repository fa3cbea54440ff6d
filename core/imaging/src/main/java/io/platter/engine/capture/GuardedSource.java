package io.platter.engine.capture;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.DeviceView;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;

/**
 * The border of a capture towards its source: whatever the source throws, a {@link DeviceException} with its name and
 * the place comes out. So a failure of the source is told from one of the image by where it arose, and not by what a
 * device that somebody else wrote happens to throw.
 *
 * <p>Does not close the source. Safe for use by several threads, as the source is.
 */
public final class GuardedSource extends DeviceView {
    /** For how much a source that could not say what it has is asked to be read instead, in bytes. */
    private static final long UNKNOWN = 1 << 20;

    public GuardedSource(BlockDevice source) {
        super(source);
    }

    /** Returns the exception for what a source threw. */
    public static DeviceException failure(String name, long diskOffset, IOException thrown) {
        if (thrown instanceof DeviceException e) {
            return e;
        }
        // What the JDK says of a file by its name, such as that a disk was pulled out, is no bad sector.
        String operation = thrown instanceof FileSystemException ? "access" : "read";
        String reason = thrown instanceof FileSystemException e && e.getReason() != null
                ? e.getReason()
                : thrown.getMessage() == null ? thrown.getClass().getSimpleName() : thrown.getMessage();
        return new DeviceException(name, operation, diskOffset, 0, reason, thrown);
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        try {
            super.read(target, diskOffset);
        } catch (IOException e) {
            throw failure(name(), diskOffset, e);
        }
    }

    /** Returns what the source knows. If it can't be asked, its bytes are read, which then fails or does not. */
    @Override
    public Extent extentAt(long diskOffset) {
        try {
            return device().extentAt(diskOffset);
        } catch (IOException e) {
            return new Extent(diskOffset, Math.min(UNKNOWN, size() - diskOffset), ExtentKind.DATA);
        }
    }

    @Override
    public boolean isWritable() {
        return false;
    }
}

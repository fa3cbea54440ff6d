package io.platter.cli;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceView;
import io.platter.block.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A disk that knows whether anything on it was changed, so that a failure can say what it left.
 *
 * <p>Safe for use by several threads, as the disk itself is.
 */
final class NotedDisk extends DeviceView {
    private volatile boolean touched;

    NotedDisk(BlockDevice disk) {
        super(disk);
    }

    /** Goes with the failure of a job that had begun to write. */
    static final class Incomplete extends Exception {
        private static final long serialVersionUID = 1;

        Incomplete(Path target) {
            super(target + " is incomplete now: it was being written");
        }
    }

    /** Tells whether a write was tried. */
    boolean isTouched() {
        return touched;
    }

    @Override
    public <T> Optional<T> unwrap(Class<T> type) {
        return type.isInstance(this) ? Optional.of(type.cast(this)) : device().unwrap(type);
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) throws IOException {
        touched = true;
        super.write(source, diskOffset);
    }

    @Override
    public void zero(long diskOffset, long length) throws IOException {
        touched = true;
        device().zero(diskOffset, length);
    }

    @Override
    public boolean discard(long diskOffset, long length) throws IOException {
        touched = true;
        return device().discard(diskOffset, length);
    }

    @Override
    public Extent extentAt(long diskOffset) throws IOException {
        return device().extentAt(diskOffset);
    }
}

package io.platter.engine.read;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceView;
import io.platter.block.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/**
 * The bytes of an image file, and whether it is open: the one place that knows. Whatever reads the file, its images or
 * what is cached of them asks here.
 *
 * <p>Safe for use by several threads.
 */
public final class OpenFile extends DeviceView {
    private final boolean owned;
    private volatile boolean closed;

    private OpenFile(BlockDevice bytes, boolean owned) {
        super(bytes);
        this.owned = owned;
    }

    /** Takes a file's bytes, which stay open. */
    public static OpenFile of(BlockDevice bytes) {
        return new OpenFile(bytes, false);
    }

    /** Takes a file's bytes, which are closed with the object. */
    public static OpenFile closing(BlockDevice bytes) {
        return new OpenFile(bytes, true);
    }

    /** Tells whether the file is open. */
    public boolean isOpen() {
        return !closed;
    }

    /**
     * Checks that the file is open.
     *
     * @throws ClosedChannelException if not
     */
    public void check() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public boolean isWritable() {
        return false;
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        check();
        super.read(target, diskOffset);
    }

    @Override
    public Extent extentAt(long diskOffset) throws IOException {
        check();
        return device().extentAt(diskOffset);
    }

    @Override
    public void close() throws IOException {
        closed = true;
        if (owned) {
            device().close();
        }
    }
}

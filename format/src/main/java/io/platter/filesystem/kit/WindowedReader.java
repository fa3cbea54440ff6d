package io.platter.filesystem.kit;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads small structures that lie side by side with few reads of the device.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class WindowedReader {
    private static final int WINDOW = 1 << 16;

    private final BlockDevice device;
    private final ByteOrder order;
    private ByteBuffer window = ByteBuffer.allocate(0);
    private long start;

    public WindowedReader(BlockDevice device, ByteOrder order) {
        this.device = device;
        this.order = order;
    }

    /**
     * Returns bytes of the device, as a buffer that starts at 0.
     *
     * @param length in bytes; the caller has checked it against a limit of its own
     * @throws CorruptImageException if they are not inside the device
     */
    public ByteBuffer read(long diskOffset, int length) throws IOException {
        if (diskOffset < 0 || diskOffset > device.size() - length) {
            throw new CorruptImageException(
                    device.name(), diskOffset, length + " bytes expected, the device has " + device.size());
        }
        if (diskOffset < start || diskOffset + length > start + window.limit()) {
            window = ByteBuffer.allocate((int) Math.min(Math.max(length, WINDOW), device.size() - diskOffset));
            device.read(window, diskOffset);
            window.flip();
            start = diskOffset;
        }
        return window.slice((int) (diskOffset - start), length).order(order);
    }
}

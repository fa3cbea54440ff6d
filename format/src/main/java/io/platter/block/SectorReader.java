package io.platter.block;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads a device that may have bad sectors, and finds out which they are.
 *
 * <p>A range is read at once; if that fails, it is halved at sector borders until each part either can be read or is one
 * sector, which is then tried again as often as was asked. Every good sector is read, and every bad one named. For
 * {@code b} bad sectors among {@code n} that costs at most {@code b · (2 · log₂ n + retries)} reads more.
 *
 * <p>Only a {@link DeviceException} is a bad sector; any other exception, such as that a disk was pulled out, goes to
 * the caller.
 *
 * <p>Safe for use by several threads.
 */
public final class SectorReader {
    private final BlockDevice device;
    private final int retries;

    /**
     * Creates a reader.
     *
     * @param device the device, which stays the caller's
     * @param retries how often a sector that failed is tried again, 0 or more
     */
    public SectorReader(BlockDevice device, int retries) {
        if (retries < 0) {
            throw new IllegalArgumentException("retries " + retries + ", expected 0 or more");
        }
        this.device = Objects.requireNonNull(device, "device");
        this.retries = retries;
    }

    /**
     * Fills {@code target} from its position to its limit with the bytes from {@code diskOffset} on, those of bad
     * sectors with zeros, and moves its position to its limit.
     *
     * @return the parts of the range that can't be read, in order, as {@link ExtentKind#UNREADABLE} with the error code;
     *     they neither overlap, nor do two of the same error touch
     * @throws IllegalArgumentException if the range is not inside the device
     * @throws IOException if the device failed in another way than by a bad sector
     */
    public List<Extent> read(ByteBuffer target, long diskOffset) throws IOException {
        List<Extent> unreadable = new ArrayList<>();
        int limit = target.limit();
        if (!target.hasRemaining()) {
            Ranges.check(device, diskOffset, 0);
            return unreadable;
        }
        read(target.slice(), diskOffset, unreadable);
        target.position(limit);
        return unreadable;
    }

    /** The position of {@code part} is 0, and its limit the length of the part. */
    private void read(ByteBuffer part, long diskOffset, List<Extent> unreadable) throws IOException {
        int length = part.limit();
        DeviceException failure = tryRead(part, diskOffset);
        if (failure == null) {
            return;
        }
        int half = half(diskOffset, length);
        if (half > 0) {
            read(part.slice(0, half), diskOffset, unreadable);
            read(part.slice(half, length - half), diskOffset + half, unreadable);
            return;
        }
        for (int retry = 0; retry < retries; retry++) {
            failure = tryRead(part, diskOffset);
            if (failure == null) {
                return;
            }
        }
        part.clear().put(new byte[length]);
        add(unreadable, new Extent(diskOffset, length, ExtentKind.UNREADABLE, failure.osError()));
    }

    private @Nullable DeviceException tryRead(ByteBuffer part, long diskOffset) throws IOException {
        try {
            device.read(part.clear(), diskOffset);
            return null;
        } catch (DeviceException e) {
            return e;
        }
    }

    /** Returns the length of the first half, up to a border of sectors, or 0 if the part lies in one sector. */
    private int half(long diskOffset, int length) {
        int sector = device.logicalSectorSize();
        long middle = (diskOffset + length / 2) / sector * sector;
        if (middle <= diskOffset) {
            middle = (diskOffset / sector + 1) * sector;
        }
        return middle < diskOffset + length ? (int) (middle - diskOffset) : 0;
    }

    private static void add(List<Extent> unreadable, Extent extent) {
        int last = unreadable.size() - 1;
        if (last >= 0
                && unreadable.get(last).end() == extent.offset()
                && unreadable.get(last).detail() == extent.detail()) {
            Extent before = unreadable.get(last);
            unreadable.set(
                    last,
                    new Extent(before.offset(), before.length() + extent.length(), before.kind(), before.detail()));
        } else {
            unreadable.add(extent);
        }
    }
}

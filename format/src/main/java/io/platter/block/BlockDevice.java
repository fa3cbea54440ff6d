package io.platter.block;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A disk, or anything that looks like one: a fixed number of bytes that are reached by their offset.
 *
 * <p>Any offset and length may be asked for; a device that moves whole sectors hides that. Reads and writes are
 * complete: all bytes or an exception. Safe for use by several threads, as far as they do not touch the same bytes;
 * {@link #close()} waits for nobody.
 */
public interface BlockDevice extends Backed, Closeable {
    /** The key in {@link #identity} of what the maker calls the device. */
    String MODEL = "model";

    /** The key in {@link #identity} of the maker's serial number. */
    String SERIAL = "serial";

    /** Returns the name by which messages call this device, such as its path. */
    String name();

    /** Returns the size in bytes; it need not be a multiple of a sector. */
    long size();

    /** Returns the size of the unit in which the device addresses its bytes, in bytes: 512 or 4096 as a rule. */
    int logicalSectorSize();

    /** Returns the size of the unit that the medium writes at once, in bytes. */
    default int physicalSectorSize() {
        return logicalSectorSize();
    }

    /** Tells whether {@link #write} and {@link #zero} are allowed. */
    boolean isWritable();

    /**
     * {@inheritDoc}
     *
     * <p>By default it is not known. Whatever stands for other devices, such as a part of one or a disk in a file,
     * returns theirs: else a job can't see that it would overwrite what it reads.
     */
    @Override
    default List<Backing> backing() throws IOException {
        return List.of();
    }

    /**
     * Returns what uses this device at this moment besides its opener, or used it when it was opened: a mounted
     * filesystem on it, swap space, another device over it. Others may write to it then.
     *
     * @return nothing if nobody is known to use it
     * @throws IOException if the system can't be asked
     */
    default List<DiskUse> uses() throws IOException {
        return List.of();
    }

    /**
     * Returns this device as something of a wider type, such as a disk of the machine: itself, if it is that. A view
     * that shows all of another device may hand the question on; one that shows a part of it, or other bytes, must not.
     *
     * @param type the type that is asked for
     */
    default <T> Optional<T> unwrap(Class<T> type) {
        return type.isInstance(this) ? Optional.of(type.cast(this)) : Optional.empty();
    }

    /**
     * Fills {@code target} from its position to its limit with the bytes from {@code diskOffset} on, and moves its
     * position to its limit.
     *
     * @throws IllegalArgumentException if the range is not inside the device
     * @throws DeviceException if the device can't read; {@link DeviceException#diskOffset()} then lies in the range,
     *     and the content and position of {@code target} are undefined
     * @throws IOException if it can't read for another reason, of which the caller is to think no better
     */
    void read(ByteBuffer target, long diskOffset) throws IOException;

    /**
     * Writes {@code source} from its position to its limit to {@code diskOffset}, and moves its position to its limit.
     *
     * @throws IllegalArgumentException if the range is not inside the device
     * @throws IllegalStateException if the device is not writable
     * @throws DeviceException if the device can't write
     */
    void write(ByteBuffer source, long diskOffset) throws IOException;

    /**
     * Makes a range read as zeros, in the cheapest way that the device has.
     *
     * @throws IllegalArgumentException if the range is not inside the device
     * @throws IllegalStateException if the device is not writable
     * @throws DeviceException if the device can't write
     */
    default void zero(long diskOffset, long length) throws IOException {
        Ranges.check(this, diskOffset, length);
        Ranges.checkWritable(this);
        ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(length, 1 << 20));
        for (long done = 0; done < length; done += zeros.limit()) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), length - done));
            write(zeros, diskOffset + done);
        }
    }

    /**
     * Says that nobody needs the bytes of a range any more. What they read as afterwards is undefined.
     *
     * @return whether the device did anything
     * @throws IllegalArgumentException if the range is not inside the device
     * @throws IllegalStateException if the device is not writable
     * @throws DeviceException if the device failed in doing it
     */
    default boolean discard(long diskOffset, long length) throws IOException {
        Ranges.check(this, diskOffset, length);
        Ranges.checkWritable(this);
        return false;
    }

    /**
     * Returns the run of bytes of one kind that starts at {@code diskOffset}: what the device knows without reading.
     *
     * <p>{@link ExtentKind#ZERO} reads as zeros; {@link ExtentKind#HOLE} has nothing stored, and reads as zeros too;
     * all else is {@link ExtentKind#DATA}. The run need not be the longest possible; a device that knows nothing
     * answers DATA up to its end.
     *
     * @param diskOffset in bytes, 0 to {@code size() - 1}
     * @throws IllegalArgumentException if {@code diskOffset} is not inside the device
     */
    default Extent extentAt(long diskOffset) throws IOException {
        Ranges.check(this, diskOffset, 1);
        return new Extent(diskOffset, size() - diskOffset, ExtentKind.DATA);
    }

    /**
     * Returns a short text that is another one when the content may have changed, such as a file's size and times.
     * Reading the device does not change it. A device that can't tell, or that never changes, answers nothing.
     *
     * @return names and values for people to read, such as {@code size 4096, modified 2026-01-31T10:00:00Z}
     * @throws IOException if the system can't be asked
     */
    default Optional<String> state() throws IOException {
        return Optional.empty();
    }

    /**
     * Returns what tells this device from others of its kind, as far as it is known: texts for the keys
     * {@link #MODEL} and {@link #SERIAL}.
     */
    default Map<String, String> identity() {
        return Map.of();
    }

    /**
     * Waits until all that was written is on the medium.
     *
     * @throws DeviceException if the device failed in writing it
     */
    void flush() throws IOException;

    /**
     * Returns a part of this device as a device of its own. Closing the part does not close this device.
     *
     * @param diskOffset where the part starts on this device, in bytes
     * @param length the size of the part, in bytes
     * @throws IllegalArgumentException if the part is not inside this device
     */
    default BlockDevice slice(long diskOffset, long length) {
        return new SliceDevice(this, diskOffset, length);
    }

    /**
     * Returns this device as one whose logical sectors have another size: for a file, which has none, that holds the disk
     * of a machine with such sectors. Closing the view does not close this device.
     *
     * @param size in bytes, a power of two from 512 to 65,536
     * @throws IllegalArgumentException if the size is none
     */
    default BlockDevice withLogicalSectorSize(int size) {
        return new SectorView(this, size);
    }
}

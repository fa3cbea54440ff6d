package io.platter.nativeio.platform;

import io.platter.device.SystemPartition;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The calls that an operating system offers on an open disk. Every offset and length is a multiple of the logical
 * sector size, and so is the size of the disk; every range lies inside the disk; every buffer is direct and its first
 * byte aligned to a sector. Only the hints take any range.
 *
 * <p>Safe for use by several threads. {@link #close} waits for the calls that are under way.
 */
public interface DiskChannel extends Closeable {
    /** Fills the buffer from position to limit. */
    void read(ByteBuffer target, long diskOffset) throws IOException;

    /** Writes the buffer from position to limit. */
    void write(ByteBuffer source, long diskOffset) throws IOException;

    /** Orders the device to make a range read as zeros; returns false if it takes no such order. */
    boolean zero(long diskOffset, long length) throws IOException;

    /** Orders the device to forget a range; returns false if it takes no such order. */
    boolean discard(long diskOffset, long length) throws IOException;

    /** Waits until all is on the medium. */
    void flush() throws IOException;

    /** Returns a text that changes when the disk is written, as {@link io.platter.block.BlockDevice#state} has it. */
    default Optional<String> state() throws IOException {
        return Optional.empty();
    }

    /** Hints that a range will be read. */
    void willRead(long diskOffset, long length);

    /** Hints that a range will not be read again. */
    void dropCache(long diskOffset, long length);

    /** Makes the system see these partitions and no others. */
    List<SystemPartition> announce(List<SystemPartition> partitions, Duration timeout) throws IOException;
}

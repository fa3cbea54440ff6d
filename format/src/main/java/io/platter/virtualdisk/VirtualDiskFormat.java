package io.platter.virtualdisk;

import io.platter.block.BlockDevice;
import io.platter.block.ImageFormatException;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * One format in which others keep a disk in a file.
 *
 * <p>Found by {@link VirtualDisks}, which knows the built-in ones and those that others provide as services.
 * Implementations are without state and safe for use by several threads.
 */
public interface VirtualDiskFormat {
    /** Returns the name by which callers ask for this format, in lower case: {@code qcow2}. */
    String name();

    /**
     * Tells whether a file says of itself that it is of this format, by its magic. A format without a magic answers no.
     *
     * @throws IOException if the file can't be read
     */
    boolean matches(BlockDevice file) throws IOException;

    /**
     * Opens a file as the disk that it holds, for reading.
     *
     * <p>This reads the header and checks it; tables are read when they are touched, and a bounded number of them is
     * kept. So bad bytes may be found by a later {@link BlockDevice#read} or {@link BlockDevice#extentAt} too. The disk
     * answers {@code extentAt} with {@link io.platter.block.ExtentKind#HOLE} where nothing is stored, with
     * {@link io.platter.block.ExtentKind#ZERO} where zeros are recorded, else with
     * {@link io.platter.block.ExtentKind#DATA}.
     *
     * <p>Closing the disk closes what the options' resolver gave for it, but not the file. It is safe for use by several
     * threads.
     *
     * @param file the file, which stays open and does not change as long as the disk is in use
     * @param options how it is read
     * @return the open disk, which the caller closes
     * @throws ImageFormatException if the file is not of this format, or damaged, or needs what this version lacks
     * @throws IOException if the file can't be read
     */
    BlockDevice open(BlockDevice file, VirtualDiskOptions options) throws IOException;

    /**
     * Returns what a file says of itself besides the disk's bytes.
     *
     * @param file the file, which stays open
     * @return by default that nothing is known
     * @throws ImageFormatException if the file is not of this format, or damaged, or needs what this version lacks
     * @throws IOException if the file can't be read
     */
    default VirtualDiskInfo info(BlockDevice file) throws IOException {
        return VirtualDiskInfo.ofBlocks(0);
    }

    /** Tells whether this format can be written; by default it can't, and what writes needs no implementation. */
    default boolean canCreate() {
        return false;
    }

    /**
     * Tells whether a file is the disk's bytes and nothing else, so that they may be written in any order; by default it is
     * not.
     */
    default boolean isFlat() {
        return false;
    }

    /**
     * Tells whether, with these options, a new file's bytes are written strictly in order, so that they may go to a pipe.
     */
    default boolean createsInOnePass(VirtualDiskOptions options) {
        return false;
    }

    /**
     * Returns the size of the logical sectors of the disk that a new file holds, as whoever opens it is told, or 0 if the
     * format leaves that open.
     *
     * @return in bytes; by default 512
     */
    default int logicalSectorSize(VirtualDiskOptions options) {
        return 512;
    }

    /**
     * Starts a new file.
     *
     * <p>A format that can't hold the size exactly takes the next larger one that it can hold, at most 4095 bytes more;
     * the added bytes read as zeros.
     *
     * @param output takes the file's bytes; empty, and a {@link SeekableByteChannel} unless
     *     {@link #createsInOnePass} holds. The writer does not close it.
     * @param diskSize the size of the disk in bytes, 0 or more
     * @param options how it is written
     * @return the writer, which the caller closes
     * @throws UnsupportedOperationException if this format can't be written
     * @throws IllegalArgumentException if this format can't hold a disk of this size, or not with these options, or
     *     needs a channel that can seek
     * @throws IOException if the output can't be written
     */
    default VirtualDiskWriter create(WritableByteChannel output, long diskSize, VirtualDiskOptions options)
            throws IOException {
        throw new UnsupportedOperationException("format " + name() + " can't be written");
    }
}

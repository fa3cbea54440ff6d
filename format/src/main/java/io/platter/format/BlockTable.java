package io.platter.format;

import io.platter.block.CorruptImageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The table of a frame: its blocks, in the order in which they stand in the frame.
 *
 * <pre>
 * each: 0  32  hash        SHA-256 of the block
 *      32   8  diskOffset  where the block stands on the disk of the image that brought it
 *      40   4  length      in bytes
 * </pre>
 *
 * <p>Immutable.
 */
public final class BlockTable {
    /** The length of one entry in bytes. */
    public static final int ENTRY_LENGTH = 44;

    private static final int DISK_OFFSET = 32;
    private static final int BLOCK_LENGTH = 40;

    private final ByteBuffer bytes;
    private final int[] plainOffsets;

    private BlockTable(ByteBuffer bytes, int[] plainOffsets) {
        this.bytes = bytes;
        this.plainOffsets = plainOffsets;
    }

    /** Writes one entry at the buffer's position; the buffer is little-endian. */
    public static void encodeEntry(ByteBuffer target, byte[] hashes, int hashIndex, long diskOffset, int length) {
        target.put(hashes, hashIndex, Sha256.LENGTH).putLong(diskOffset).putInt(length);
    }

    /**
     * Reads the table of a frame.
     *
     * @param table the table, whose checksum is right; this object keeps it
     * @param header the frame's header
     * @param resource the name of the file
     * @param recordOffset where the frame starts
     * @throws CorruptImageException if it goes over the format's limits, or does not agree with the frame's length
     */
    public static BlockTable decode(ByteBuffer table, RecordHeader header, String resource, long recordOffset)
            throws CorruptImageException {
        int count = table.remaining() / ENTRY_LENGTH;
        if (count == 0 || count > Limits.MAX_FRAME_BLOCKS || count * ENTRY_LENGTH != table.remaining()) {
            throw new CorruptImageException(
                    resource,
                    recordOffset,
                    "frame table of " + table.remaining() + " bytes, expected 1 to " + Limits.MAX_FRAME_BLOCKS
                            + " entries of " + ENTRY_LENGTH);
        }
        ByteBuffer bytes = table.slice().order(ByteOrder.LITTLE_ENDIAN);
        int[] plainOffsets = new int[count + 1];
        for (int slot = 0; slot < count; slot++) {
            int length = bytes.getInt(slot * ENTRY_LENGTH + BLOCK_LENGTH);
            long diskOffset = bytes.getLong(slot * ENTRY_LENGTH + DISK_OFFSET);
            if (length < 1 || length > Limits.MAX_BLOCK) {
                throw new CorruptImageException(
                        resource,
                        recordOffset,
                        "block " + slot + " of " + Integer.toUnsignedString(length) + " bytes, expected 1 to "
                                + Limits.MAX_BLOCK);
            }
            if (diskOffset < 0 || diskOffset + length < 0) {
                throw new CorruptImageException(
                        resource,
                        recordOffset,
                        "block " + slot + " at disk offset " + Long.toUnsignedString(diskOffset)
                                + ", expected less than 2^63");
            }
            plainOffsets[slot + 1] = plainOffsets[slot] + length;
        }
        if (plainOffsets[count] != header.plainLength() || plainOffsets[count] > Limits.MAX_FRAME) {
            throw new CorruptImageException(
                    resource,
                    recordOffset,
                    "blocks of " + plainOffsets[count] + " bytes in a frame of " + header.plainLength()
                            + ", expected at most " + Limits.MAX_FRAME);
        }
        return new BlockTable(bytes, plainOffsets);
    }

    /** Returns the number of blocks. */
    public int count() {
        return plainOffsets.length - 1;
    }

    /** Returns where a block starts in the decoded frame, in bytes. */
    public int plainOffset(int slot) {
        return plainOffsets[slot];
    }

    /** Returns the length of a block in bytes. */
    public int length(int slot) {
        return plainOffsets[slot + 1] - plainOffsets[slot];
    }

    /** Returns where a block stands on the disk of the image that brought it. */
    public long diskOffset(int slot) {
        return bytes.getLong(slot * ENTRY_LENGTH + DISK_OFFSET);
    }

    /** Copies a block's hash to the start of {@code target}. */
    public void hash(int slot, byte[] target) {
        bytes.get(slot * ENTRY_LENGTH, target, 0, Sha256.LENGTH);
    }
}

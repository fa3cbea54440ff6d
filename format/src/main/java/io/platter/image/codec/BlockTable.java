package io.platter.image.codec;

import io.platter.block.CorruptImageException;
import io.platter.image.Limits;
import io.platter.image.Sha256;
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
     * @param record the frame; this object keeps its table
     * @throws CorruptImageException if it goes over the format's limits, or does not agree with the frame's length
     */
    public static BlockTable decode(StoredRecord record) throws CorruptImageException {
        ByteBuffer table = record.table();
        int count = table.remaining() / ENTRY_LENGTH;
        if (count == 0 || count > Limits.MAX_FRAME_BLOCKS || count * ENTRY_LENGTH != table.remaining()) {
            throw record.corrupt("frame table of " + table.remaining() + " bytes, expected 1 to "
                    + Limits.MAX_FRAME_BLOCKS + " entries of " + ENTRY_LENGTH);
        }
        ByteBuffer bytes = table.slice().order(ByteOrder.LITTLE_ENDIAN);
        int[] plainOffsets = new int[count + 1];
        for (int slot = 0; slot < count; slot++) {
            int length = bytes.getInt(slot * ENTRY_LENGTH + BLOCK_LENGTH);
            long diskOffset = bytes.getLong(slot * ENTRY_LENGTH + DISK_OFFSET);
            if (length < 1 || length > Limits.MAX_BLOCK) {
                throw record.corrupt("block " + slot + " of " + Integer.toUnsignedString(length)
                        + " bytes, expected 1 to " + Limits.MAX_BLOCK);
            }
            if (diskOffset < 0 || diskOffset + length < 0) {
                throw record.corrupt("block " + slot + " at disk offset " + Long.toUnsignedString(diskOffset)
                        + ", expected less than 2^63");
            }
            plainOffsets[slot + 1] = plainOffsets[slot] + length;
        }
        if (plainOffsets[count] != record.plainLength() || plainOffsets[count] > Limits.MAX_FRAME) {
            throw record.corrupt("blocks of " + plainOffsets[count] + " bytes in a frame of " + record.plainLength()
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

    /** Returns the same table in memory of its own. */
    public BlockTable copy() {
        ByteBuffer copied = ByteBuffer.allocate(bytes.capacity()).order(ByteOrder.LITTLE_ENDIAN);
        copied.put(0, bytes, 0, bytes.capacity());
        return new BlockTable(copied, plainOffsets);
    }

    /**
     * Tells whether a block is the one that somebody expects.
     *
     * @param slot any number
     * @param length the length that it must have
     * @param hashes holds the hash that it must have, from {@code index} on
     */
    public boolean holds(int slot, int length, byte[] hashes, int index) {
        if (slot >= count() || length(slot) != length) {
            return false;
        }
        for (int i = 0; i < Sha256.LENGTH; i++) {
            if (bytes.get(slot * ENTRY_LENGTH + i) != hashes[index + i]) {
                return false;
            }
        }
        return true;
    }

    /** Copies a block's hash to {@code target} from {@code index} on. */
    public void hash(int slot, byte[] target, int index) {
        bytes.get(slot * ENTRY_LENGTH, target, index, Sha256.LENGTH);
    }
}

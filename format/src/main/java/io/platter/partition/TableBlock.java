package io.platter.partition;

import io.platter.block.ExtentSet;
import java.util.List;

/**
 * Some whole sectors of a table, and where they stand.
 *
 * <p>Immutable by custom: nobody changes the bytes.
 */
final class TableBlock {
    private final long diskOffset;
    private final byte[] bytes;

    TableBlock(long diskOffset, byte[] bytes) {
        this.diskOffset = diskOffset;
        this.bytes = bytes;
    }

    long diskOffset() {
        return diskOffset;
    }

    byte[] bytes() {
        return bytes;
    }

    /** Returns the bytes that the blocks cover on a disk of {@code diskSize} bytes. */
    static ExtentSet extents(List<TableBlock> blocks, long diskSize) {
        ExtentSet.Builder extents = ExtentSet.builder();
        for (TableBlock block : blocks) {
            if (block.diskOffset < diskSize) {
                extents.add(block.diskOffset, Math.min(block.bytes.length, diskSize - block.diskOffset));
            }
        }
        return extents.build();
    }
}

package io.platter.filesystem.btrfs;

import io.platter.allocation.Reason;
import io.platter.block.ByteReader;
import io.platter.filesystem.btrfs.Chunks.Chunk;
import io.platter.filesystem.kit.FreeRuns;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Takes the items of the extent tree, and of the block group tree where there is one, and finds what is free between the
 * extents. In the end they must agree: each chunk has its block group, and the extents in it take just as many bytes as
 * the block group says.
 */
final class Allocation implements Tree.Visitor {
    private static final int EXTENT_ITEM = 168;
    private static final int METADATA_ITEM = 169;
    private static final int BLOCK_GROUP_ITEM = 192;
    private static final int BLOCK_GROUP_SIZE = 24;

    private final Superblock superblock;
    private final Chunks chunks;
    private final FreeRuns free;
    /** How many bytes of each chunk its extents take, by the chunk's address. */
    private final Map<Long, Long> used = new HashMap<>();
    /** The same, as the block groups say. */
    private final Map<Long, Long> expected = new HashMap<>();

    /** The end of the last extent, logical, in bytes. */
    private long end;

    Allocation(Superblock superblock, Chunks chunks, FreeRuns free) {
        this.superblock = superblock;
        this.chunks = chunks;
        this.free = free;
    }

    @Override
    public void item(Key key, ByteReader item, int size) throws IOException, UnprovenException {
        switch (key.type()) {
            case EXTENT_ITEM -> extent(key.objectId(), key.offset());
            case METADATA_ITEM -> extent(key.objectId(), superblock.nodeSize);
            case BLOCK_GROUP_ITEM -> blockGroup(key, item, size);
            default -> {
                // Back references: who uses an extent, not whether it is used.
            }
        }
    }

    private void extent(long address, long length) throws UnprovenException {
        Chunk chunk = chunks.at(address, length);
        if (address < end || address % superblock.sectorSize != 0 || length % superblock.sectorSize != 0) {
            throw new UnprovenException(
                    Reason.DAMAGED, "extent of %d bytes at %d in %s, after %d".formatted(length, address, chunk, end));
        }
        chunks.addFree(end, address, free);
        end = address + length;
        used.merge(chunk.address(), length, Long::sum);
    }

    private void blockGroup(Key key, ByteReader item, int size) throws IOException, UnprovenException {
        int start = item.position();
        if (size < BLOCK_GROUP_SIZE) {
            throw item.corrupt(start, "block group item of " + size + " bytes");
        }
        Chunk chunk = chunks.at(key.objectId(), key.offset());
        long bytes = item.readI64();
        long flags = item.seek(start + 16L).readI64();
        if (chunk.address() != key.objectId() || chunk.length() != key.offset() || chunk.type() != flags) {
            throw item.corrupt(start, "block group " + key + " of type " + flags + " for " + chunk);
        }
        expected.put(chunk.address(), bytes);
    }

    /**
     * Adds what is free after the last extent.
     *
     * @throws UnprovenException if the extents do not add up to what block groups and superblock say
     */
    void finish() throws UnprovenException {
        chunks.addFree(end, Long.MAX_VALUE, free);
        long sum = 0;
        for (Chunk chunk : chunks.all()) {
            long bytes = used.getOrDefault(chunk.address(), 0L);
            Long stated = expected.get(chunk.address());
            if (stated == null || stated != bytes) {
                throw new UnprovenException(
                        Reason.DAMAGED,
                        "extents of %d bytes in the block group at %d, which says %s"
                                .formatted(bytes, chunk.address(), stated));
            }
            sum += bytes;
        }
        if (sum != superblock.bytesUsed) {
            throw new UnprovenException(
                    Reason.DAMAGED, "extents of %d bytes, the superblock says %d".formatted(sum, superblock.bytesUsed));
        }
    }
}

package io.platter.filesystem.btrfs;

import io.platter.allocation.Reason;
import io.platter.block.ByteReader;
import io.platter.filesystem.kit.FreeRuns;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Which runs of Btrfs's logical addresses stand where on the device. A chunk is there once, or twice (DUP).
 *
 * <p>Source: Linux {@code include/uapi/linux/btrfs_tree.h}, {@code struct btrfs_chunk} and {@code btrfs_stripe}.
 */
final class Chunks {
    /** At the usual 1 GiB a chunk this is 256 TiB; it bounds what a hostile chunk tree can make us hold. */
    private static final int MAX_CHUNKS = 1 << 18;
    /** Chunks begin and end on this grid of addresses: {@code BTRFS_STRIPE_LEN}. */
    private static final long ALIGNMENT = 64 << 10;

    private static final long KINDS = 1 | 2 | 4;
    private static final long DUP = 1 << 5;
    private static final int HEADER = 48;
    private static final int STRIPE = 32;

    private final Superblock superblock;
    private final NavigableMap<Long, Chunk> byAddress = new TreeMap<>();

    Chunks(Superblock superblock) {
        this.superblock = superblock;
    }

    /**
     * A run of addresses.
     *
     * @param address where it starts, logical, in bytes
     * @param length in bytes
     * @param type kinds and profile, as in its block group
     * @param first where its first copy stands on the device, in bytes
     * @param second where its second copy stands; the same as {@code first} if there is none
     */
    record Chunk(long address, long length, long type, long first, long second) {
        long end() {
            return address + length;
        }

        boolean isDoubled() {
            return second != first;
        }
    }

    /** Adds the chunk of a chunk item, which stands at its first byte. */
    void add(Key key, ByteReader item, int size) throws IOException, UnprovenException {
        int start = item.position();
        long length = item.readI64();
        long type = item.seek(start + 24L).readI64();
        int stripes = item.seek(start + 44L).readU16();
        if (stripes < 1 || size < HEADER + stripes * STRIPE) {
            throw item.corrupt(start, "chunk with " + stripes + " stripes in " + size + " bytes");
        }
        long profile = type & ~KINDS;
        if (profile != (stripes == 1 ? 0 : DUP) || stripes > 2) {
            throw new UnprovenException(
                    Reason.UNKNOWN_FEATURE, "chunk of type 0x%x with %d stripes".formatted(type, stripes));
        }
        long[] places = new long[2];
        for (int i = 0; i < stripes; i++) {
            item.seek(start + HEADER + (long) i * STRIPE);
            places[i] = place(item, length);
        }
        long address = key.offset();
        if (address < 0
                || length <= 0
                || address > Long.MAX_VALUE - length
                || address % ALIGNMENT != 0
                || length % ALIGNMENT != 0
                || byAddress.size() >= MAX_CHUNKS) {
            throw item.corrupt(start, "chunk number %d, %d bytes at %d".formatted(byAddress.size(), length, address));
        }
        Map.Entry<Long, Chunk> before = byAddress.floorEntry(address + length - 1);
        if (before != null && before.getValue().end() > address) {
            throw item.corrupt(start, "chunk at " + address + " overlaps the one at " + before.getKey());
        }
        byAddress.put(address, new Chunk(address, length, type, places[0], places[stripes - 1]));
    }

    private long place(ByteReader in, long length) throws IOException, UnprovenException {
        int start = in.position();
        long device = in.readI64();
        long offset = in.readI64();
        byte[] uuid = in.readBytes(16);
        if (device != superblock.deviceId || !Arrays.equals(uuid, superblock.deviceUuid)) {
            throw new UnprovenException(Reason.MULTIPLE_DEVICES, "a chunk is on device " + device);
        }
        if (offset < 0 || length > superblock.deviceSize || offset > superblock.deviceSize - length) {
            throw in.corrupt(start, "stripe of " + length + " bytes at disk offset " + offset);
        }
        return offset;
    }

    Collection<Chunk> all() {
        return byAddress.values();
    }

    /** Tells whether a chunk of just these values is there. */
    boolean contains(Chunk chunk) {
        return chunk.equals(byAddress.get(chunk.address()));
    }

    /** Returns the chunk in which a run of addresses lies whole. */
    Chunk at(long address, long length) throws UnprovenException {
        Map.Entry<Long, Chunk> entry = byAddress.floorEntry(address);
        if (entry == null || length <= 0 || length > entry.getValue().end() - address) {
            throw new UnprovenException(Reason.DAMAGED, length + " bytes at address " + address + " are in no chunk");
        }
        return entry.getValue();
    }

    /** Returns where on the device the first copy of a run of addresses stands. */
    long physical(long address, int length) throws UnprovenException {
        Chunk chunk = at(address, length);
        return chunk.first() + (address - chunk.address());
    }

    /** Adds all copies of those addresses from {@code from} to {@code to}, not included, that are in a chunk. */
    void addFree(long from, long to, FreeRuns free) {
        Long first = byAddress.floorKey(from);
        for (Chunk chunk : byAddress.subMap(first == null ? from : first, to).values()) {
            long start = Math.max(from, chunk.address());
            long length = Math.min(to, chunk.end()) - start;
            if (length > 0) {
                free.add(chunk.first() + (start - chunk.address()), length);
                if (chunk.isDoubled()) {
                    free.add(chunk.second() + (start - chunk.address()), length);
                }
            }
        }
    }
}

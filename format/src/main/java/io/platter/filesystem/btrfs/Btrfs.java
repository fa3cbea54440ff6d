package io.platter.filesystem.btrfs;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentSet;
import io.platter.bytes.Uuids;
import io.platter.filesystem.btrfs.Chunks.Chunk;
import io.platter.filesystem.kit.Filesystem;
import io.platter.filesystem.kit.FreeRuns;
import io.platter.filesystem.kit.Proof;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Btrfs on one device, its chunks there once or twice.
 *
 * <p>Unused is what lies in no chunk, and in a chunk, what lies between the extents of the extent tree, which has an item
 * for each run of addresses that data or a node takes. It is believed only if it accounts for each block group to the
 * byte, if the chunk tree and the device tree agree on where the chunks are, and if no tree has a node that it leaves out. The first MiB and the room for the
 * superblock's copies are always used. Source: Linux {@code Documentation/filesystems/btrfs.rst} and {@code include/uapi/linux/btrfs_tree.h}.
 */
public final class Btrfs implements Filesystem {
    /** {@code BTRFS_DEVICE_RANGE_RESERVED}: left to boot loaders; the superblock stands in it. */
    private static final long RESERVED = 1 << 20;
    /** What the kernel leaves free around a copy of the superblock: {@code BTRFS_STRIPE_LEN}. */
    private static final long MIRROR_ROOM = 64 << 10;

    private static final long FIRST_CHUNK_TREE = 256;
    private static final int ROOT_ITEM = 132;
    /** Where in the item the address of the root node stands. */
    private static final long ROOT_ADDRESS = 176;

    private static final int DEV_EXTENT = 204;
    private static final int DEV_ITEM = 216;
    private static final int CHUNK_ITEM = 228;

    @Override
    public String name() {
        return "btrfs";
    }

    @Override
    public long sizeOf(BlockDevice volume) throws IOException {
        return Superblock.isPresent(volume, Superblock.PRIMARY)
                ? Superblock.read(volume, Superblock.PRIMARY).deviceSize
                : 0;
    }

    @Override
    public Optional<AllocationMap> map(BlockDevice volume) throws IOException {
        if (!Superblock.isPresent(volume, Superblock.PRIMARY)) {
            return Optional.empty();
        }
        Superblock superblock = Superblock.read(volume, Superblock.PRIMARY);
        AllocationMap map = new AllocationMap(
                name(),
                superblock.label,
                Uuids.text(superblock.fsid),
                volume.size(),
                superblock.sectorSize,
                VolumeState.UNKNOWN,
                Reason.NONE,
                "",
                ExtentSet.EMPTY);
        return Optional.of(Proof.apply(map, () -> used(volume, superblock)));
    }

    private static ExtentSet used(BlockDevice volume, Superblock superblock) throws IOException, UnprovenException {
        superblock.check(volume);
        ExtentSet.Builder nodes = ExtentSet.builder();
        Chunks chunks = chunks(volume, superblock, nodes);
        Tree trees = new Tree(volume, superblock, chunks, nodes);
        FreeRuns free = new FreeRuns();
        addUnallocated(trees, superblock, chunks, free);

        Allocation allocation = new Allocation(superblock, chunks, free);
        trees.walk(root(trees, superblock, Tree.EXTENT_TREE), allocation);
        if (superblock.hasBlockGroupTree()) {
            trees.walk(root(trees, superblock, Tree.BLOCK_GROUP_TREE), allocation);
        }
        allocation.finish();
        addRoots(trees, superblock, chunks, nodes);
        ExtentSet runs = free.free();
        checkNodes(volume, nodes.build(), runs);
        ExtentSet.Builder always = ExtentSet.builder().add(0, Math.min(RESERVED, volume.size()));
        for (long mirror : Superblock.MIRRORS) {
            if (mirror < volume.size()) {
                always.add(mirror, Math.min(MIRROR_ROOM, volume.size() - mirror));
            }
        }
        return runs.complement(0, volume.size()).union(always.build());
    }

    /** Reads the chunk tree through those of its chunks that the superblock carries. */
    private static Chunks chunks(BlockDevice volume, Superblock superblock, ExtentSet.Builder nodes)
            throws IOException, UnprovenException {
        Chunks bootstrap = new Chunks(superblock);
        ByteReader in = ByteReader.of(
                ByteBuffer.wrap(superblock.systemChunks), ByteOrder.LITTLE_ENDIAN, volume.name(), 0x1032B);
        while (in.remaining() > 0) {
            bootstrap.add(Key.read(in), in, in.remaining());
        }
        Chunks chunks = new Chunks(superblock);
        new Tree(volume, superblock, bootstrap, nodes).walk(superblock.chunkRoot, (key, item, size) -> {
            if (key.type() == CHUNK_ITEM && key.objectId() == FIRST_CHUNK_TREE) {
                chunks.add(key, item, size);
            } else if (key.type() != DEV_ITEM || key.offset() != superblock.deviceId) {
                throw new UnprovenException(Reason.MULTIPLE_DEVICES, "the chunk tree has an item " + key);
            }
        });
        for (Chunk chunk : bootstrap.all()) {
            if (!chunks.contains(chunk)) {
                throw new UnprovenException(Reason.DAMAGED, "the superblock and the chunk tree differ on " + chunk);
            }
        }
        return chunks;
    }

    /** Adds the root nodes of all trees that the root tree names: those of subvolumes, checksums and others. */
    private static void addRoots(Tree trees, Superblock superblock, Chunks chunks, ExtentSet.Builder nodes)
            throws IOException, UnprovenException {
        trees.walk(superblock.root, (key, item, size) -> {
            if (key.type() == ROOT_ITEM) {
                long address = item.seek(item.position() + ROOT_ADDRESS).readI64();
                if (address != 0) {
                    nodes.add(chunks.physical(address, superblock.nodeSize), superblock.nodeSize);
                }
            }
        });
    }

    /** Checks that no node is free: neither one that was read, nor the root of a tree. */
    private static void checkNodes(BlockDevice volume, ExtentSet nodes, ExtentSet free) throws CorruptImageException {
        for (int run = 0; run < nodes.count(); run++) {
            if (free.intersects(nodes.offset(run), nodes.end(run) - nodes.offset(run))) {
                throw new CorruptImageException(
                        volume.name(), nodes.offset(run), "a node of a tree is in no extent, and counts as free");
            }
        }
    }

    /** A copy of a chunk on the device. */
    private record DeviceExtent(long address, long place, long length) {}

    /** Adds what is in no chunk. The device tree must name the copies of all chunks, and no others. */
    private static void addUnallocated(Tree trees, Superblock superblock, Chunks chunks, FreeRuns free)
            throws IOException, UnprovenException {
        Set<DeviceExtent> expected = new HashSet<>();
        for (Chunk chunk : chunks.all()) {
            expected.add(new DeviceExtent(chunk.address(), chunk.first(), chunk.length()));
            expected.add(new DeviceExtent(chunk.address(), chunk.second(), chunk.length()));
        }
        long[] end = {0};
        Key from = new Key(superblock.deviceId, DEV_EXTENT, 0);
        Key to = new Key(superblock.deviceId, DEV_EXTENT, -1);
        trees.walk(root(trees, superblock, Tree.DEV_TREE), from, to, (key, item, size) -> {
            int start = item.position();
            long address = item.seek(start + 16L).readI64();
            DeviceExtent extent = new DeviceExtent(address, key.offset(), item.readI64());
            if (!expected.remove(extent) || extent.place() < end[0]) {
                throw item.corrupt(start, "no chunk for " + extent + ", or it overlaps the one before");
            }
            free.add(end[0], extent.place() - end[0]);
            end[0] = extent.place() + extent.length();
        });
        if (!expected.isEmpty()) {
            throw new UnprovenException(
                    Reason.DAMAGED, "the device tree lacks " + expected.size() + " copies of chunks");
        }
        free.add(end[0], superblock.deviceSize - end[0]);
    }

    private static Tree.Root root(Tree trees, Superblock superblock, long number)
            throws IOException, UnprovenException {
        List<Tree.Root> found = new ArrayList<>();
        Key key = new Key(number, ROOT_ITEM, 0);
        trees.walk(superblock.root, key, key, (itemKey, item, size) -> {
            int start = item.position();
            long generation = item.seek(start + 160L).readI64();
            long address = item.seek(start + ROOT_ADDRESS).readI64();
            found.add(new Tree.Root(number, address, item.seek(start + 238L).readU8(), generation));
        });
        if (found.isEmpty()) {
            throw new UnprovenException(Reason.DAMAGED, "the root tree lacks tree " + number);
        }
        return found.get(0);
    }
}

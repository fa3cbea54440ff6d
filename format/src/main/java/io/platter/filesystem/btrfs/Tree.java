package io.platter.filesystem.btrfs;

import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentSet;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Walks trees of Btrfs, checking each node before anything in it is followed: checksum, identity, address, owner, level,
 * generation, and that its keys ascend within the bounds that its parent sets. The latter makes it impossible to meet a
 * node twice in one tree, so that a walk costs no more than the device has room for nodes.
 *
 * <p>Source: Linux {@code include/uapi/linux/btrfs_tree.h}, {@code struct btrfs_header}, {@code btrfs_item} and
 * {@code btrfs_key_ptr}.
 */
final class Tree {
    static final long ROOT_TREE = 1;
    static final long EXTENT_TREE = 2;
    static final long CHUNK_TREE = 3;
    static final long DEV_TREE = 4;
    static final long BLOCK_GROUP_TREE = 11;

    private static final int HEADER = 101;
    private static final int ITEM = 25;
    private static final int KEY_POINTER = 33;
    private static final int MAX_LEVEL = 7;

    private final BlockDevice volume;
    private final Superblock superblock;
    private final Chunks chunks;
    private final ExtentSet.Builder nodes;

    /**
     * Prepares walks.
     *
     * @param chunks says where the nodes are
     * @param nodes takes the bytes of the device from which nodes are read
     */
    Tree(BlockDevice volume, Superblock superblock, Chunks chunks, ExtentSet.Builder nodes) {
        this.volume = volume;
        this.superblock = superblock;
        this.chunks = chunks;
        this.nodes = nodes;
    }

    /**
     * Where a tree begins.
     *
     * @param owner the tree's number
     * @param address of the root node, logical, in bytes
     * @param level of the root node; leaves have 0
     */
    record Root(long owner, long address, int level, long generation) {}

    /** Takes the items of a tree, in the order of their keys. */
    @FunctionalInterface
    interface Visitor {
        /**
         * Takes an item.
         *
         * @param item stands at its first byte; what lies after its size belongs to others
         */
        void item(Key key, ByteReader item, int size) throws IOException, UnprovenException;
    }

    /** Visits all items with a key from {@code from} to {@code to}, both included. */
    void walk(Root root, Key from, Key to, Visitor visitor) throws IOException, UnprovenException {
        if (root.level() > MAX_LEVEL) {
            throw new UnprovenException(Reason.DAMAGED, "tree " + root.owner() + " has level " + root.level());
        }
        new Walk(root.owner(), from, to, visitor).node(root, Key.LEAST, Key.GREATEST, true);
    }

    /** Visits all items. */
    void walk(Root root, Visitor visitor) throws IOException, UnprovenException {
        walk(root, Key.LEAST, Key.GREATEST, visitor);
    }

    private final class Walk {
        private final long owner;
        private final Key from;
        private final Key to;
        private final Visitor visitor;

        Walk(long owner, Key from, Key to, Visitor visitor) {
            this.owner = owner;
            this.from = from;
            this.to = to;
            this.visitor = visitor;
        }

        /** Visits a node, whose first key is {@code first} unless it is the root, and whose last is at most {@code last}. */
        void node(Root node, Key first, Key last, boolean isRoot) throws IOException, UnprovenException {
            ByteReader in = readNode(node);
            int count = in.seek(0x60).readI32();
            int entry = node.level() == 0 ? ITEM : KEY_POINTER;
            if (count < (isRoot ? 0 : 1) || count > (superblock.nodeSize - HEADER) / entry) {
                throw in.corrupt(0x60, "node with " + count + " entries");
            }
            Key[] keys = new Key[count];
            for (int i = 0; i < count; i++) {
                keys[i] = Key.read(in.seek(HEADER + (long) i * entry));
                boolean inOrder = i == 0
                        ? isRoot || keys[0].equals(first)
                        : keys[i].compareTo(keys[i - 1]) > 0 && keys[i].compareTo(last) <= 0;
                if (!inOrder) {
                    throw in.corrupt(HEADER + i * entry, "key " + keys[i] + " out of order");
                }
            }
            if (node.level() == 0) {
                leaf(in, keys);
            } else {
                children(in, keys, node.level() - 1, last);
            }
        }

        private void leaf(ByteReader in, Key[] keys) throws IOException, UnprovenException {
            int dataStart = HEADER + keys.length * ITEM;
            for (int i = 0; i < keys.length; i++) {
                in.seek(HEADER + (long) i * ITEM + Key.SIZE);
                long at = HEADER + in.readU32();
                long size = in.readU32();
                if (at < dataStart || at + size > superblock.nodeSize) {
                    throw in.corrupt(HEADER + i * ITEM, "item of " + size + " bytes at " + at + " of the node");
                }
                if (keys[i].compareTo(from) >= 0 && keys[i].compareTo(to) <= 0) {
                    visitor.item(keys[i], in.seek(at), (int) size);
                }
            }
        }

        private void children(ByteReader in, Key[] keys, int level, Key last) throws IOException, UnprovenException {
            for (int i = 0; i < keys.length && keys[i].compareTo(to) <= 0; i++) {
                Key childLast = i + 1 < keys.length ? keys[i + 1].predecessor() : last;
                if (childLast.compareTo(from) >= 0) {
                    in.seek(HEADER + (long) i * KEY_POINTER + Key.SIZE);
                    node(new Root(owner, in.readI64(), level, in.readI64()), keys[i], childLast, false);
                }
            }
        }
    }

    private ByteReader readNode(Root node) throws IOException, UnprovenException {
        long at = chunks.physical(node.address(), superblock.nodeSize);
        nodes.add(at, superblock.nodeSize);
        byte[] bytes = new byte[superblock.nodeSize];
        volume.read(ByteBuffer.wrap(bytes), at);
        if (!superblock.checksum.matches(bytes)) {
            throw new UnprovenException(
                    Reason.CHECKSUM,
                    "the %s of the node at disk offset %d, tree %d, does not match"
                            .formatted(superblock.checksum, at, node.owner()));
        }
        ByteReader in = ByteReader.of(ByteBuffer.wrap(bytes), ByteOrder.LITTLE_ENDIAN, volume.name(), at);
        checkHeader(node, in);
        return in;
    }

    private void checkHeader(Root node, ByteReader in) throws CorruptImageException {
        byte[] fsid = in.seek(0x20).readBytes(16);
        long address = in.readI64();
        long generation = in.seek(0x50).readI64();
        long owner = in.readI64();
        int level = in.seek(0x64).readU8();
        if (!Arrays.equals(fsid, superblock.nodeFsid())
                || address != node.address()
                || owner != node.owner()
                || level != node.level()
                || generation != node.generation()
                || Long.compareUnsigned(generation, superblock.generation) > 0) {
            throw in.corrupt(
                    0,
                    "node %d of tree %d, level %d, generation %d, expected node %d of tree %d, level %d, generation %d"
                            .formatted(
                                    address,
                                    owner,
                                    level,
                                    generation,
                                    node.address(),
                                    node.owner(),
                                    node.level(),
                                    node.generation()));
        }
    }
}

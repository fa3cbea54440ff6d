package io.platter.filesystem.hfsplus;

import io.platter.block.ByteReader;
import java.io.IOException;

/**
 * The leaves of a B-tree of HFS+, from the first to the last.
 *
 * <p>Source: Apple TN1150, "B-Trees".
 */
final class Tree {
    private static final int DESCRIPTOR = 14;
    private static final int HEADER_RECORD = 106;
    private static final int LEAF = 0xFF;
    private static final int MAX_NODE_SIZE = 32 << 10;

    private final Fork file;
    private final int nodeSize;
    private final long firstLeaf;

    /** Takes the records of a tree in their order. */
    @FunctionalInterface
    interface Visitor {
        /**
         * Takes a record.
         *
         * @param record stands at the first byte of its key
         * @return whether to go on
         */
        boolean record(ByteReader record) throws IOException;
    }

    Tree(Fork file) throws IOException {
        this.file = file;
        ByteReader in = file.read(0, DESCRIPTOR + HEADER_RECORD).skip(DESCRIPTOR + 10);
        firstLeaf = in.readU32();
        nodeSize = in.skip(4).readU16();
        if (nodeSize < 512 || nodeSize > MAX_NODE_SIZE || Integer.bitCount(nodeSize) != 1) {
            throw in.corrupt(DESCRIPTOR + 18, "nodes of " + nodeSize + " bytes");
        }
    }

    /** Visits the records of all leaves until the visitor has enough. */
    void records(Visitor visitor) throws IOException {
        long nodesLeft = file.knownBytes() / nodeSize;
        for (long node = firstLeaf; node != 0; nodesLeft--) {
            ByteReader in = file.read(node * nodeSize, nodeSize);
            long next = in.readU32();
            int kind = in.skip(4).readU8();
            int count = in.skip(1).readU16();
            if (kind != LEAF || nodesLeft == 0 || count > (nodeSize - DESCRIPTOR) / 2) {
                throw in.corrupt(
                        0,
                        "node %d of kind %d with %d records is no leaf, or one was met before"
                                .formatted(node, kind, count));
            }
            for (int i = 0; i < count; i++) {
                int start = in.seek(nodeSize - 2L * (i + 1)).readU16();
                if (!visitor.record(in.seek(start))) {
                    return;
                }
            }
            node = next;
        }
    }
}

package io.platter.filesystem.btrfs;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;

/**
 * The key of an item in a tree of Btrfs; all three parts are unsigned.
 *
 * @param objectId often an address or a number of a tree
 * @param type the kind of item
 * @param offset often a length
 */
record Key(long objectId, int type, long offset) implements Comparable<Key> {
    static final int SIZE = 17;
    static final Key LEAST = new Key(0, 0, 0);
    static final Key GREATEST = new Key(-1, 255, -1);

    static Key read(ByteReader in) throws CorruptImageException {
        return new Key(in.readI64(), in.readU8(), in.readI64());
    }

    /** Returns the greatest key that is less than this one, which is not {@link #LEAST}. */
    Key predecessor() {
        if (offset != 0) {
            return new Key(objectId, type, offset - 1);
        }
        return type != 0 ? new Key(objectId, type - 1, -1) : new Key(objectId - 1, 255, -1);
    }

    @Override
    public int compareTo(Key other) {
        int byObject = Long.compareUnsigned(objectId, other.objectId);
        int byType = byObject != 0 ? byObject : Integer.compare(type, other.type);
        return byType != 0 ? byType : Long.compareUnsigned(offset, other.offset);
    }

    @Override
    public String toString() {
        return "(" + Long.toUnsignedString(objectId) + " " + type + " " + Long.toUnsignedString(offset) + ")";
    }
}

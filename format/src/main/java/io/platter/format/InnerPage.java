package io.platter.format;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A page of pages.
 *
 * <pre>
 * map part, behind the header:
 *   children   each: diskOffset (8), length (8), hash (32)
 * location part:
 *   locations  one a child, see {@link RecordLocation}
 * </pre>
 *
 * <p>Immutable.
 */
public final class InnerPage extends IndexPage {
    private static final int MAP_ENTRY_LENGTH = 16 + Sha256.LENGTH;

    private final int level;
    private final List<Child> children;

    private InnerPage(int level, long diskOffset, long length, Sha256 hash, List<Child> children) {
        super(diskOffset, length, hash);
        this.level = level;
        this.children = children;
    }

    /**
     * A page below this one.
     *
     * <p>Immutable.
     *
     * @param diskOffset where its range starts on the disk, in bytes
     * @param length how long its range is, in bytes
     * @param hash the hash of its map part
     * @param location where it is
     */
    public record Child(long diskOffset, long length, Sha256 hash, RecordLocation location) {}

    /** Returns the most children that one page holds. */
    public static int capacity() {
        return (Limits.MAX_PAGE - HEADER_LENGTH) / (MAP_ENTRY_LENGTH + RecordLocation.LENGTH);
    }

    /**
     * Returns the bytes of a page.
     *
     * @param level 1 or more
     * @param children its children, at least one, without gaps
     */
    public static ByteBuffer encode(int level, List<Child> children) {
        Child first = children.get(0);
        Child last = children.get(children.size() - 1);
        ByteBuffer target = ByteBuffer.allocate(Limits.MAX_PAGE).order(ByteOrder.LITTLE_ENDIAN);
        long length = last.diskOffset() + last.length() - first.diskOffset();
        encodeHeader(target, level, children.size(), 0, first.diskOffset(), length);
        for (Child child : children) {
            target.putLong(child.diskOffset()).putLong(child.length());
            child.hash().encode(target);
        }
        for (Child child : children) {
            child.location().encode(target);
        }
        return target.flip();
    }

    static InnerPage decode(
            ByteReader in, ByteBuffer bytes, int level, int entryCount, int blockCount, long diskOffset, long length)
            throws CorruptImageException {
        checkCount(in, "children", entryCount, MAP_ENTRY_LENGTH + RecordLocation.LENGTH);
        if (entryCount == 0 || blockCount != 0) {
            throw in.corrupt(0, "inner page of " + entryCount + " children and " + blockCount + " blocks");
        }
        int mapLength = HEADER_LENGTH + entryCount * MAP_ENTRY_LENGTH;
        ByteReader locations = ByteReader.of(
                bytes.slice(mapLength, bytes.limit() - mapLength),
                ByteOrder.LITTLE_ENDIAN,
                in.resource(),
                in.offset() + (long) entryCount * MAP_ENTRY_LENGTH);
        Child[] children = new Child[entryCount];
        long position = diskOffset;
        for (int i = 0; i < entryCount; i++) {
            int start = in.position();
            children[i] = new Child(in.readI64(), in.readI64(), Sha256.decode(in), RecordLocation.decode(locations));
            if (children[i].diskOffset != position
                    || children[i].length <= 0
                    || children[i].length > diskOffset + length - position) {
                throw in.corrupt(
                        start,
                        "child " + i + " for " + children[i].length + " bytes at disk offset " + children[i].diskOffset
                                + ", expected at " + position);
            }
            position += children[i].length;
        }
        if (position != diskOffset + length) {
            throw in.corrupt(0, "children up to disk offset " + position + ", expected " + (diskOffset + length));
        }
        checkEnd(locations);
        return new InnerPage(level, diskOffset, length, Sha256.of(bytes.slice(0, mapLength)), List.of(children));
    }

    @Override
    public int level() {
        return level;
    }

    /** Returns the pages below, in the order of the disk. */
    public List<Child> children() {
        return children;
    }
}

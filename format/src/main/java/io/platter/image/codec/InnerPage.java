package io.platter.image.codec;

import io.platter.block.ByteReader;
import io.platter.image.Limits;
import io.platter.image.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A page of pages.
 *
 * <pre>
 * map, after its first fields:
 *   children   each: diskOffset (8), length (8), hash (32)
 * table:
 *   packCount  4
 *   reserved   4; 0
 *   packs      see {@link PackTable}
 *   locations  one a child, see {@link RecordLocation}
 * </pre>
 *
 * <p>Immutable.
 */
public final class InnerPage extends IndexPage {
    private static final int MAP_ENTRY_LENGTH = 16 + Sha256.LENGTH;
    private static final int TABLE_HEADER_LENGTH = 8;

    private final int level;
    private final List<Child> children;

    private InnerPage(Head head, Sha256 hash, List<Child> children) {
        super(head.diskOffset(), head.length(), hash);
        this.level = head.level();
        this.children = children;
    }

    /**
     * A page below this one.
     *
     * <p>Immutable.
     *
     * @param diskOffset where its range starts on the disk, in bytes
     * @param length how long its range is, in bytes
     * @param hash the hash of its map
     * @param location where it is
     */
    public record Child(long diskOffset, long length, Sha256 hash, RecordLocation location) {
        /** Returns where its range ends on the disk, in bytes. */
        public long end() {
            return diskOffset + length;
        }
    }

    /** Returns the most children that one page holds. */
    public static int capacity() {
        return (Limits.MAX_PAGE - HEADER_LENGTH) / MAP_ENTRY_LENGTH;
    }

    /**
     * Returns the map of a page.
     *
     * @param level 1 or more
     * @param children its children, at least one, without gaps
     */
    public static ByteBuffer encodeMap(int level, List<Child> children) {
        long start = children.get(0).diskOffset();
        long end = children.get(children.size() - 1).end();
        ByteBuffer map = ByteBuffer.allocate(HEADER_LENGTH + children.size() * MAP_ENTRY_LENGTH)
                .order(ByteOrder.LITTLE_ENDIAN);
        new Head(level, children.size(), 0, start, end - start).encode(map);
        for (Child child : children) {
            map.putLong(child.diskOffset()).putLong(child.length());
            child.hash().encode(map);
        }
        return map.flip();
    }

    /**
     * Returns the table of a page.
     *
     * @param names the packs in which its children are
     */
    public static ByteBuffer encodeTable(List<Child> children, PackTable.Names names) {
        PackTable.Builder packs = new PackTable.Builder(names);
        List<RecordLocation> locations =
                children.stream().map(child -> packs.inRecord(child.location())).toList();
        ByteBuffer table = ByteBuffer.allocate(
                        TABLE_HEADER_LENGTH + packs.length() + children.size() * RecordLocation.LENGTH)
                .order(ByteOrder.LITTLE_ENDIAN);
        table.putInt(packs.count()).putInt(0);
        packs.encode(table);
        locations.forEach(location -> location.encode(table));
        return table.flip();
    }

    static InnerPage decode(Head head, ByteReader in, ByteBuffer map, StoredRecord record, Packs packs)
            throws IOException {
        int count = checkCount(in, "children", head.entryCount(), MAP_ENTRY_LENGTH);
        if (count == 0 || head.blockCount() != 0) {
            throw in.corrupt(0, "inner page of " + count + " children and " + head.blockCount() + " blocks");
        }
        ByteReader table = record.tableReader();
        int packCount = table.readI32();
        table.skipZeros(4);
        PackTable named = PackTable.decode(table, packCount, record, packs, "page");
        Child[] children = new Child[count];
        long position = head.diskOffset();
        for (int i = 0; i < count; i++) {
            int start = in.position();
            Child child = new Child(in.readI64(), in.readI64(), Sha256.decode(in), named.present(table, "child " + i));
            if (child.diskOffset != position || child.length <= 0 || child.length > head.end() - position) {
                throw in.corrupt(
                        start,
                        "child " + i + " for " + child.length + " bytes at disk offset " + child.diskOffset
                                + ", expected at " + position);
            }
            children[i] = child;
            position += child.length;
        }
        if (position != head.end()) {
            throw in.corrupt(0, "children up to disk offset " + position + ", expected " + head.end());
        }
        Texts.checkEnd(in, "children");
        Texts.checkEnd(table, "locations");
        return new InnerPage(head, HashDomain.PAGE.hash(map), List.of(children));
    }

    @Override
    public int level() {
        return level;
    }

    /** Returns the pages below, in the order of the disk. */
    public List<Child> children() {
        return children;
    }

    /** Returns the number of the child that covers a place on the disk, which the page covers. */
    public int childAt(long position) {
        int low = 0;
        int high = children.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (children.get(middle).diskOffset <= position) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}

package io.platter;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.CRC32C;

/**
 * Makes image files by hand, from docs/format.md and nothing else, so that they can be wrong behind right checksums. All
 * that is written is right unless the caller says otherwise.
 */
@SuppressWarnings({"ArrayRecordComponent", "ByteBufferBackingArray"}) // Nobody changes them, and all are whole arrays.
final class CraftedFile {
    static final int DATA = 0;
    static final int ZERO = 1;
    static final int FILL = 2;
    static final int PARENT = 5;

    static final Place NONE = new Place(0, 0);

    private static final int FILE = 1;
    private static final int FRAME = 2;
    private static final int PAGE = 3;
    private static final int PROPERTIES = 4;
    private static final int IMAGE = 5;
    private static final int COMMIT = 6;
    static final int PADDING = 7;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private long sequence;
    private long previousCommit;

    /** Where a record is. */
    record Place(long offset, int length) {}

    /** A block that a frame brings; the hash is that of {@code named}. */
    record Block(long diskOffset, byte[] content, byte[] named) {
        Block(long diskOffset, byte[] content) {
            this(diskOffset, content, content);
        }
    }

    /** A block as a leaf refers to it. */
    record Reference(Place frame, int slot, byte[] content) {}

    /** An extent of a leaf. */
    record Run(int kind, long length, long detail, Reference... blocks) {}

    /** A page that was written. */
    record Page(Place place, byte[] hash, long diskOffset, long length) {}

    /** The fields of an IMAGE, to be changed. */
    static final class Root {
        int number = 1;
        boolean partial;
        long diskSize;
        long coveredLength;
        int logicalSectorSize = 512;
        int cut;
        Place previousImage = NONE;
        Place properties = NONE;
        byte[] propertiesHash = new byte[32];
        Page page;
        byte[] features = features(0, new byte[0]);

        Root(Page page) {
            this.page = page;
            this.coveredLength = page.diskOffset + page.length;
            this.diskSize = coveredLength;
        }

        static Root announcing(long diskSize, Page empty) {
            Root root = new Root(empty);
            root.partial = true;
            root.diskSize = diskSize;
            return root;
        }
    }

    /** Returns features with one compatible bit, and a name for it if there is one; {@code more} follows. */
    static byte[] features(int names, byte[] name, byte... more) {
        ByteBuffer result = little(26 + names * (3 + name.length) + more.length);
        result.putLong(0).putLong(0).putLong(1).putShort((short) names);
        for (int i = 0; i < names; i++) {
            result.put((byte) 2).put((byte) 0).put((byte) name.length).put(name);
        }
        return result.put(more).array();
    }

    private static ByteBuffer little(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    static byte[] sha256(byte[] content) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(content);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static int crc(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        return (int) crc.getValue();
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    long size() {
        return bytes.size();
    }

    Place record(int type, int codec, byte[] table, byte[] payload, int plainLength) {
        Place place = new Place(bytes.size(), 32 + table.length + payload.length);
        ByteBuffer header = little(32);
        header.put(new byte[] {(byte) 0x89, 0x50, 0x4C, 0x54, (byte) type, (byte) codec, 0, 0});
        header.putInt(table.length).putInt(payload.length).putInt(plainLength);
        header.putInt(crc(table)).putInt(crc(payload));
        header.putInt(28, crc(java.util.Arrays.copyOf(header.array(), 28)));
        bytes.writeBytes(header.array());
        bytes.writeBytes(table);
        bytes.writeBytes(payload);
        return place;
    }

    Place record(int type, byte[] table, byte[] payload) {
        return record(type, 0, table, payload, payload.length);
    }

    CraftedFile file(byte... afterFeatures) {
        byte[] features = features(0, new byte[0], afterFeatures);
        byte[] table = little(8 + features.length)
                .putInt(1 << 16)
                .putInt(0)
                .put(features)
                .array();
        record(FILE, table, new byte[4096 - 32 - table.length]);
        return this;
    }

    Place frame(Block... blocks) {
        ByteBuffer table = little(44 * blocks.length);
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        for (Block block : blocks) {
            table.put(sha256(block.named)).putLong(block.diskOffset).putInt(block.content.length);
            payload.writeBytes(block.content);
        }
        return record(FRAME, table.array(), payload.toByteArray());
    }

    private static void location(ByteBuffer target, Place place) {
        target.putLong(place.offset).putInt(place.length).putInt(0);
    }

    /** Returns the bytes of a leaf, and how many of them are its map part. */
    static byte[] leafBytes(long diskOffset, Run... runs) {
        int blocks = 0;
        long length = 0;
        for (Run run : runs) {
            blocks += run.blocks.length;
            length += run.length;
        }
        ByteBuffer page = little(mapLength(runs) + 8 + 20 * blocks);
        page.putInt(0)
                .putInt(runs.length)
                .putInt(blocks)
                .putInt(0)
                .putLong(diskOffset)
                .putLong(length);
        for (Run run : runs) {
            page.putInt(run.kind).putInt(run.blocks.length).putLong(run.length).putLong(run.detail);
        }
        for (Run run : runs) {
            for (Reference block : run.blocks) {
                page.put(sha256(block.content)).putInt(block.content.length);
            }
        }
        page.putInt(blocks).putInt(0);
        for (Run run : runs) {
            for (Reference block : run.blocks) {
                location(page, block.frame);
            }
        }
        int number = 0;
        for (Run run : runs) {
            for (Reference block : run.blocks) {
                page.putShort((short) number++).putShort((short) block.slot);
            }
        }
        return page.array();
    }

    private static int mapLength(Run... runs) {
        int length = 32 + 24 * runs.length;
        for (Run run : runs) {
            length += 36 * run.blocks.length;
        }
        return length;
    }

    Page leaf(long diskOffset, Run... runs) {
        byte[] page = leafBytes(diskOffset, runs);
        long length = 0;
        for (Run run : runs) {
            length += run.length;
        }
        byte[] hash = sha256(java.util.Arrays.copyOf(page, mapLength(runs)));
        return new Page(record(PAGE, new byte[0], page), hash, diskOffset, length);
    }

    Page inner(Page... children) {
        Page last = children[children.length - 1];
        long length = last.diskOffset + last.length;
        ByteBuffer page = little(32 + 64 * children.length);
        page.putInt(1).putInt(children.length).putInt(0).putInt(0).putLong(0).putLong(length);
        for (Page child : children) {
            page.putLong(child.diskOffset).putLong(child.length).put(child.hash);
        }
        byte[] hash = sha256(java.util.Arrays.copyOf(page.array(), page.position()));
        for (Page child : children) {
            location(page, child.place);
        }
        return new Page(record(PAGE, new byte[0], page.array()), hash, 0, length);
    }

    /** Returns properties without partitions. */
    static byte[] texts(byte[]... keysAndValues) {
        int length = 8;
        for (int i = 0; i < keysAndValues.length; i += 2) {
            length += 6 + keysAndValues[i].length + keysAndValues[i + 1].length;
        }
        ByteBuffer result = little(length).putInt(keysAndValues.length / 2);
        for (int i = 0; i < keysAndValues.length; i += 2) {
            result.putShort((short) keysAndValues[i].length).putInt(keysAndValues[i + 1].length);
            result.put(keysAndValues[i]).put(keysAndValues[i + 1]);
        }
        return result.putInt(0).array();
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Writes properties and lets a root refer to them. */
    void properties(Root root, byte[] plain) {
        root.properties = record(PROPERTIES, new byte[0], plain);
        root.propertiesHash = sha256(plain);
    }

    Place image(Root root) {
        ByteBuffer table = little(192);
        table.putInt(root.number)
                .putInt(root.partial ? 1 : 0)
                .putLong(root.diskSize)
                .putLong(root.coveredLength);
        table.putInt(root.logicalSectorSize).putInt(4096);
        location(table, root.previousImage);
        location(table, root.page.place);
        table.put(root.page.hash);
        location(table, root.properties);
        table.put(root.propertiesHash).putInt(root.cut);
        return record(IMAGE, table.array(), root.features);
    }

    /** Says of a disk of {@code diskSize} bytes that it will come, and commits that. */
    CraftedFile announce(long diskSize) {
        Place partial = image(Root.announcing(diskSize, leaf(0)));
        commit(NONE, partial, 0);
        return this;
    }

    void padding(byte fill) {
        int gap = (int) Math.floorMod(-(size() + 96), 4096L);
        gap = gap == 0 || gap >= 32 ? gap : gap + 4096;
        if (gap > 0) {
            byte[] payload = new byte[gap - 32];
            java.util.Arrays.fill(payload, fill);
            record(PADDING, new byte[0], payload);
        }
    }

    void commit(Place lastImage, Place partialImage, int count) {
        padding((byte) 0);
        commit(sequence + 1, previousCommit, lastImage, partialImage, count);
    }

    void commit(long number, long previous, Place lastImage, Place partialImage, int count) {
        ByteBuffer table = little(64);
        table.putLong(number).putLong(size()).putLong(previous);
        location(table, lastImage);
        location(table, partialImage);
        table.putInt(count);
        sequence = number;
        previousCommit = size();
        record(COMMIT, table.array(), new byte[0]);
    }

    long sequence() {
        return sequence;
    }

    long previousCommit() {
        return previousCommit;
    }

    /** Writes a complete root and its commit. */
    byte[] finish(Root root) {
        Place image = image(root);
        commit(image, NONE, root.number);
        return bytes();
    }

    byte[] finish(Page top) {
        return finish(new Root(top));
    }
}

package io.platter;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Makes image files by hand, from docs/format.md and nothing else, so that they can be wrong under right checksums. All
 * that is written is right unless the caller says otherwise.
 */
@SuppressWarnings({"ArrayRecordComponent", "ByteBufferBackingArray"}) // Nobody changes them, and all are whole arrays.
final class CraftedFile {
    static final int DATA = 0;
    static final int ZERO = 1;
    static final int FILL = 2;
    static final int UNKNOWN_KIND = 5;

    static final Place NONE = new Place(0, 0);

    private static final int FILE = 1;
    private static final int FRAME = 2;
    private static final int PAGE = 3;
    private static final int PROPERTIES = 4;
    private static final int IMAGE = 5;
    private static final int COMMIT = 6;
    static final int PADDING = 7;
    private static final int DIRECTORY = 8;
    static final int CATALOG = 9;

    /** What precedes the table of a record, and the length of an IMAGE without names of features. */
    static final int PREFIX = 48;

    static final int IMAGE_LENGTH = PREFIX + 176 + 26;
    private static final int COMMIT_LENGTH = 512;
    private static final byte[] NO_HASH = new byte[32];

    /** The id that all crafted files have. */
    static final byte[] FILE_ID = "a crafted file's".getBytes(StandardCharsets.US_ASCII);

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Map<Place, byte[]> ids = new HashMap<>();
    private final List<Place> images = new ArrayList<>();
    private long sequence;
    private long previousCommit;
    private byte[] previousHash = NO_HASH;

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

    /** Returns a hash of the kind that a first byte says. */
    static byte[] hash(int domain, byte[]... content) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update((byte) domain);
            for (byte[] part : content) {
                digest.update(part);
            }
            return digest.digest();
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
        return record(type, type == CATALOG ? 1 : 0, codec, table, payload, plainLength);
    }

    Place record(int type, int flags, int codec, byte[] table, byte[] payload, int plainLength) {
        Place place = new Place(bytes.size(), PREFIX + table.length + payload.length);
        ByteBuffer body = little(16 + table.length + payload.length);
        body.putInt(table.length).putInt(payload.length).putInt(plainLength).putInt(codec);
        body.put(table).put(payload);
        ByteBuffer header = little(32);
        header.put(new byte[] {(byte) 0x89, 0x50, 0x4C, 0x54, (byte) type, (byte) flags, 0, 0});
        header.putInt(body.capacity()).putInt(crc(body.array()));
        header.putInt(28, crc(Arrays.copyOf(header.array(), 28)));
        bytes.writeBytes(header.array());
        bytes.writeBytes(body.array());
        return place;
    }

    Place record(int type, byte[] table, byte[] payload) {
        return record(type, 0, table, payload, payload.length);
    }

    CraftedFile file(byte... afterFeatures) {
        return fileOnce(afterFeatures).fileOnce(afterFeatures);
    }

    CraftedFile fileOnce(byte... afterFeatures) {
        byte[] features = features(0, new byte[0], afterFeatures);
        byte[] table = little(24 + features.length)
                .putInt(2 << 16)
                .putInt(1)
                .put(FILE_ID)
                .put(features)
                .array();
        record(FILE, table, new byte[4096 - PREFIX - table.length]);
        return this;
    }

    Place frame(Block... blocks) {
        ByteBuffer table = little(44 * blocks.length);
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        for (Block block : blocks) {
            table.put(hash(0, block.named)).putLong(block.diskOffset).putInt(block.content.length);
            payload.writeBytes(block.content);
        }
        return record(FRAME, table.array(), payload.toByteArray());
    }

    private static void location(ByteBuffer target, Place place) {
        target.putLong(place.offset).putInt(place.length).putInt(0);
    }

    /** Returns the map of a leaf. */
    static byte[] leafMap(long diskOffset, Run... runs) {
        int blocks = 0;
        long length = 0;
        for (Run run : runs) {
            blocks += run.blocks.length;
            length += run.length;
        }
        ByteBuffer map = little(32 + 24 * runs.length + 36 * blocks);
        map.putInt(0)
                .putInt(runs.length)
                .putInt(blocks)
                .putInt(0)
                .putLong(diskOffset)
                .putLong(length);
        for (Run run : runs) {
            map.putInt(run.kind).putInt(run.blocks.length).putLong(run.length).putLong(run.detail);
        }
        for (Run run : runs) {
            for (Reference block : run.blocks) {
                map.put(hash(0, block.content)).putInt(block.content.length);
            }
        }
        return map.array();
    }

    /** Returns the table of a leaf: each block in a frame and a run of its own. */
    static byte[] leafTable(Run... runs) {
        List<Reference> blocks =
                Arrays.stream(runs).flatMap(run -> Arrays.stream(run.blocks)).toList();
        ByteBuffer table = little(16 + 22 * blocks.size());
        table.putInt(0).putInt(blocks.size()).putInt(blocks.size()).putInt(0);
        blocks.forEach(block -> location(table, block.frame));
        for (int number = 0; number < blocks.size(); number++) {
            table.putShort((short) number)
                    .putShort((short) blocks.get(number).slot)
                    .putShort((short) 1);
        }
        return table.array();
    }

    Page leaf(long diskOffset, Run... runs) {
        byte[] map = leafMap(diskOffset, runs);
        long length = 0;
        for (Run run : runs) {
            length += run.length;
        }
        return new Page(record(PAGE, leafTable(runs), map), hash(1, map), diskOffset, length);
    }

    Page inner(Page... children) {
        Page last = children[children.length - 1];
        long length = last.diskOffset + last.length;
        ByteBuffer map = little(32 + 48 * children.length);
        map.putInt(1).putInt(children.length).putInt(0).putInt(0).putLong(0).putLong(length);
        ByteBuffer table = little(8 + 16 * children.length).putLong(0);
        for (Page child : children) {
            map.putLong(child.diskOffset).putLong(child.length).put(child.hash);
            location(table, child.place);
        }
        return new Page(record(PAGE, table.array(), map.array()), hash(1, map.array()), 0, length);
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
        root.propertiesHash = hash(3, plain);
    }

    Place image(Root root) {
        ByteBuffer table = little(176);
        table.putInt(root.partial ? 1 : 0);
        table.putInt(root.logicalSectorSize).putInt(4096).putInt(512);
        table.putLong(root.diskSize).putLong(root.coveredLength);
        table.put(root.page.hash).put(root.propertiesHash);
        location(table, root.page.place);
        location(table, root.properties);
        table.putInt(root.number).putInt(root.cut);
        Place place = record(IMAGE, table.array(), root.features);
        ids.put(place, hash(2, Arrays.copyOf(table.array(), 96), root.features));
        if (!root.partial) {
            images.add(place);
        }
        return place;
    }

    /** Says of a disk of {@code diskSize} bytes that it will come, and commits that. */
    CraftedFile announce(long diskSize) {
        Place partial = image(Root.announcing(diskSize, leaf(0)));
        commit(NONE, partial, 0);
        return this;
    }

    void padding(byte fill) {
        int gap = (int) Math.floorMod(-(size() + COMMIT_LENGTH), 4096L);
        gap = gap == 0 || gap >= PREFIX ? gap : gap + 4096;
        if (gap > 0) {
            byte[] payload = new byte[gap - PREFIX];
            Arrays.fill(payload, fill);
            record(PADDING, new byte[0], payload);
        }
    }

    /** A page of the directory that was written, or nothing. */
    record Directory(Place place, byte[] hash) {
        static final Directory NONE = new Directory(CraftedFile.NONE, NO_HASH);
    }

    /** Writes the directory of the first images. */
    Directory directory(int count) {
        List<Directory> below = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Place place = images.get(Math.min(i, images.size() - 1));
            below.add(new Directory(place, ids.getOrDefault(place, NO_HASH)));
        }
        int span = 1;
        for (int level = 0; level == 0 || below.size() > 1; level++) {
            List<Directory> pages = new ArrayList<>();
            for (int first = 0; first < below.size(); first += 64) {
                List<Directory> entries = below.subList(first, Math.min(first + 64, below.size()));
                int firstImage = first * span;
                pages.add(directoryPage(level, firstImage + 1, Math.min(count - firstImage, 64 * span), entries));
            }
            below = pages;
            span *= 64;
            if (count == 0) {
                return Directory.NONE;
            }
        }
        return below.get(0);
    }

    Directory directoryPage(int level, int firstNumber, int imageCount, List<Directory> entries) {
        ByteBuffer map = little(16 + 32 * entries.size());
        map.putInt(level).putInt(firstNumber).putInt(imageCount).putInt(0);
        ByteBuffer table = little(16 * entries.size());
        for (Directory entry : entries) {
            map.put(entry.hash);
            location(table, entry.place);
        }
        return new Directory(record(DIRECTORY, table.array(), map.array()), hash(4, map.array()));
    }

    void commit(Place lastImage, Place partialImage, int count) {
        Directory directory = directory(count);
        padding((byte) 0);
        commit(sequence + 1, previousCommit, directory, lastImage, partialImage, count);
    }

    /** Writes both copies of a commit where the file ends. */
    void commit(long number, long previous, Directory directory, Place lastImage, Place partialImage, int count) {
        ByteBuffer table = little(COMMIT_LENGTH - PREFIX);
        table.put(FILE_ID).putLong(number).putLong(size() + COMMIT_LENGTH).putLong(previous);
        table.put(previousHash).putInt(count).putInt(0);
        location(table, directory.place);
        table.put(directory.hash);
        location(table, partialImage);
        table.put(ids.getOrDefault(partialImage, NO_HASH));
        location(table, NONE);
        location(table, lastImage);
        table.put(ids.getOrDefault(lastImage, NO_HASH));
        sequence = number;
        previousCommit = size() + COMMIT_LENGTH;
        previousHash = hash(5, table.array());
        record(COMMIT, table.array(), new byte[0]);
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

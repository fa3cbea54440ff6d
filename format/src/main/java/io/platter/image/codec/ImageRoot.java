package io.platter.image.codec;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import io.platter.image.CutRule;
import io.platter.image.DiskGeometry;
import io.platter.image.FileId;
import io.platter.image.ImageInfo;
import io.platter.image.ImageStatistics;
import io.platter.image.Limits;
import io.platter.image.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The root of an image: one disk at one moment.
 *
 * <pre>
 * table:
 *   0  4  flags               1: partial, written up to coveredLength only
 *   4  4  logicalSectorSize   bytes
 *   8  4  physicalSectorSize  bytes
 *  12  4  contentSectorSize   bytes
 *  16  8  diskSize            bytes; in a partial image the size that is expected, or 0 if not known
 *  24  8  coveredLength       bytes that the index covers; diskSize unless partial
 *  32 32  rootHash            the hash of the index's topmost page
 *  64 32  propertiesHash      the hash of the properties, or zeros
 *  96 16  rootPage            the index's topmost page
 * 112 16  properties          the image's properties, or nothing
 * 128  4  number              1 for a file's first image, and one more for each
 * 132  4  cut                 how blocks were cut: 0 by content, else fixed size in bytes; for information
 * 136 40  statistics          bytes of DATA; of ZERO and FILL; of UNUSED; of UNREADABLE; of blocks that are new in this image
 * 176     packs               see {@link PackTable}; none unless the file names other packs
 * payload: features of the image, see {@link Features}
 * </pre>
 *
 * <p>Its first 96 bytes and the payload are the image's <em>statement</em>: everything that it claims, and no place. Their hash
 * is the image's id.
 *
 * <p>Immutable.
 *
 * @param statement what the image claims
 * @param rootPage the index's topmost page
 * @param properties the image's properties
 * @param number which image of its file it is, from 1
 * @param cut how blocks were cut: 0 by content, else the fixed size in bytes
 * @param statistics how many bytes of each kind there are
 */
public record ImageRoot(
        Statement statement,
        RecordLocation rootPage,
        RecordLocation properties,
        int number,
        int cut,
        ImageStatistics statistics) {
    private static final int STATEMENT_LENGTH = 96;
    private static final int TABLE_LENGTH = 176;
    private static final int NUMBER_AT = 128;
    private static final int PARTIAL = 1;

    /** The index, and the properties. */
    private static final int MAX_PACKS = 2;

    /** The fewest bytes of the whole record. */
    static final int MIN_LENGTH = RecordSeal.TABLE_START + TABLE_LENGTH + Features.NONE.length();

    /** The most bytes of the whole record. */
    public static final int MAX_LENGTH =
            RecordSeal.TABLE_START + TABLE_LENGTH + MAX_PACKS * FileId.LENGTH + Limits.MAX_FEATURES;

    /**
     * Everything that an image claims.
     *
     * <p>Immutable.
     *
     * @param partial whether it is still being written
     * @param diskSize the size of the disk in bytes
     * @param coveredLength how much of the disk the index covers, in bytes
     * @param logicalSectorSize the device's, in bytes
     * @param physicalSectorSize the device's, in bytes
     * @param contentSectorSize in which the partition table and the filesystems count, in bytes
     * @param rootHash the hash of the index's topmost page
     * @param propertiesHash the hash of the properties, or zeros
     * @param features what the image needs
     */
    public record Statement(
            boolean partial,
            long diskSize,
            long coveredLength,
            int logicalSectorSize,
            int physicalSectorSize,
            int contentSectorSize,
            Sha256 rootHash,
            Sha256 propertiesHash,
            Features features) {

        private ByteBuffer encode() {
            ByteBuffer bytes = ByteBuffer.allocate(STATEMENT_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
            bytes.putInt(partial ? PARTIAL : 0).putInt(logicalSectorSize).putInt(physicalSectorSize);
            bytes.putInt(contentSectorSize).putLong(diskSize).putLong(coveredLength);
            rootHash.encode(bytes);
            propertiesHash.encode(bytes);
            return bytes.flip();
        }

        private ByteBuffer encodeFeatures() {
            ByteBuffer bytes = ByteBuffer.allocate(features.length()).order(ByteOrder.LITTLE_ENDIAN);
            features.encode(bytes);
            return bytes.flip();
        }

        private Statement with(boolean newPartial, Features newFeatures) {
            return new Statement(
                    newPartial,
                    diskSize,
                    coveredLength,
                    logicalSectorSize,
                    physicalSectorSize,
                    contentSectorSize,
                    rootHash,
                    propertiesHash,
                    newFeatures);
        }
    }

    /** Returns the image's id: the hash of its statement. */
    public Sha256 id() {
        return HashDomain.IMAGE.hash(statement.encode(), statement.encodeFeatures());
    }

    /** Returns what the image says about itself, given its properties. */
    public ImageInfo describe(ImageProperties read) {
        return new ImageInfo(
                number,
                id(),
                rootHash(),
                new DiskGeometry(diskSize(), statement.logicalSectorSize, statement.physicalSectorSize),
                statement.contentSectorSize,
                cut == 0 ? CutRule.byContent() : CutRule.fixed(cut),
                statistics,
                read.properties(),
                read.partitions());
    }

    /** Tells whether the image is still being written. */
    public boolean partial() {
        return statement.partial;
    }

    /** Returns the size of the disk in bytes; of a partial image the size that is expected, or 0 if not known. */
    public long diskSize() {
        return statement.diskSize;
    }

    /** Returns how much of the disk the index covers, in bytes. */
    public long coveredLength() {
        return statement.coveredLength;
    }

    /** Returns the hash of the index's topmost page. */
    public Sha256 rootHash() {
        return statement.rootHash;
    }

    /** Returns the whole record, in a file that names no other packs. */
    public ByteBuffer encode() {
        return encode(PackTable.Names.NONE);
    }

    /** Returns the whole record. */
    public ByteBuffer encode(PackTable.Names names) {
        PackTable.Builder packs = new PackTable.Builder(names);
        RecordLocation indexInRecord = packs.inRecord(rootPage);
        RecordLocation propertiesInRecord = packs.inRecord(properties);
        ByteBuffer table = ByteBuffer.allocate(TABLE_LENGTH + packs.length()).order(ByteOrder.LITTLE_ENDIAN);
        table.put(statement.encode());
        indexInRecord.encode(table);
        propertiesInRecord.encode(table);
        table.putInt(number).putInt(cut);
        table.putLong(statistics.dataBytes()).putLong(statistics.zeroBytes());
        table.putLong(statistics.unusedBytes()).putLong(statistics.unreadableBytes());
        table.putLong(statistics.newBytes());
        packs.encode(table);
        return new RecordSeal().seal(RecordType.IMAGE, table.flip(), statement.encodeFeatures());
    }

    /**
     * Reads a root.
     *
     * @param packs the packs that it may name
     * @throws CorruptImageException if it contradicts itself
     * @throws UnsupportedImageException if the image has features that this version can't read; a file's other images may be
     *     readable
     */
    public static ImageRoot decode(StoredRecord record, Packs packs) throws IOException {
        ByteReader in = record.tableReader();
        int packsLength = in.remaining() - TABLE_LENGTH;
        if (packsLength < 0
                || packsLength % FileId.LENGTH != 0
                || packsLength > MAX_PACKS * FileId.LENGTH
                || record.codec() != Codec.STORED) {
            throw record.corrupt("image table of " + in.remaining() + " bytes and payload of codec " + record.codec()
                    + ", expected " + TABLE_LENGTH + " and 0");
        }
        Features features = Features.decode(ByteReader.of(
                record.payload(),
                ByteOrder.LITTLE_ENDIAN,
                record.resource(),
                in.offset() + TABLE_LENGTH + packsLength));
        // Before anything else, which a feature may give another meaning.
        features.checkReadable(
                "image " + Integer.toUnsignedString(record.table().getInt(NUMBER_AT)) + " of " + record.resource());
        PackTable named = PackTable.decode(
                record.tableReader().skip(TABLE_LENGTH), packsLength / FileId.LENGTH, record, packs, "image");
        int flags = in.readI32();
        if ((flags & ~PARTIAL) != 0) {
            throw in.corrupt(0, String.format("image flags %08x, expected 0 or 1", flags));
        }
        int logicalSectorSize = in.readI32();
        int physicalSectorSize = in.readI32();
        int contentSectorSize = in.readI32();
        Statement statement = new Statement(
                flags == PARTIAL,
                in.readU63("disk size"),
                in.readU63("covered length"),
                logicalSectorSize,
                physicalSectorSize,
                contentSectorSize,
                Sha256.decode(in),
                Sha256.decode(in),
                features);
        ImageRoot root = new ImageRoot(
                statement,
                named.present(in, "index"),
                named.location(in),
                in.readI32(),
                in.readI32(),
                decodeStatistics(in));
        root.check(record);
        return root;
    }

    /** Returns the same image as one that is still being written, of which all is there. */
    public ImageRoot asPartial() {
        return new ImageRoot(statement.with(true, statement.features), rootPage, properties, number, cut, statistics);
    }

    private static ImageStatistics decodeStatistics(ByteReader in) throws CorruptImageException {
        return new ImageStatistics(
                in.readU63("data bytes"),
                in.readU63("zero bytes"),
                in.readU63("unused bytes"),
                in.readU63("unreadable bytes"),
                in.readU63("new bytes"));
    }

    private void check(StoredRecord record) throws CorruptImageException {
        if (number < 1) {
            throw record.corrupt(
                    "image number " + Integer.toUnsignedString(number) + ", expected 1 to " + Limits.MAX_IMAGES);
        }
        boolean sizeIsKnown = !partial() || diskSize() != 0;
        if (partial() ? sizeIsKnown && coveredLength() > diskSize() : coveredLength() != diskSize()) {
            throw record.corrupt("index of " + coveredLength() + " bytes for a disk of " + diskSize());
        }
        if (properties.isPresent() == statement.propertiesHash.equals(Sha256.NONE)) {
            throw record.corrupt("properties hash " + statement.propertiesHash
                    + (properties.isPresent() ? " with properties" : " without properties, expected zeros"));
        }
        if (!isSectorSize(statement.logicalSectorSize)
                || !isSectorSize(statement.physicalSectorSize)
                || !isSectorSize(statement.contentSectorSize)) {
            throw record.corrupt("sectors of " + statement.logicalSectorSize + ", " + statement.physicalSectorSize
                    + " and " + statement.contentSectorSize + " bytes, expected powers of two from 512 to 65536");
        }
        if (cut != 0 && (Integer.bitCount(cut) != 1 || cut < Limits.CLUSTER || cut > Limits.MAX_BLOCK)) {
            throw record.corrupt("blocks cut at each " + Integer.toUnsignedString(cut)
                    + " bytes, expected 0 or a power of two from " + Limits.CLUSTER + " to " + Limits.MAX_BLOCK);
        }
    }

    private static boolean isSectorSize(int size) {
        return size >= 512 && size <= 65_536 && Integer.bitCount(size) == 1;
    }
}

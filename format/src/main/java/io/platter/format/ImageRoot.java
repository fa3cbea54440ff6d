package io.platter.format;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The root of an image: one disk at one moment.
 *
 * <pre>
 * table:
 *   0  4  number              1 for a file's first image, and one more for each
 *   4  4  flags               1: partial, written up to coveredLength only
 *   8  8  diskSize            bytes; in a partial image the size that is expected, or 0 if not known
 *  16  8  coveredLength       bytes that the index covers; diskSize unless partial
 *  24  4  logicalSectorSize   bytes
 *  28  4  physicalSectorSize  bytes
 *  32 16  previousImage       the root of the image before, or nothing
 *  48 16  rootPage            the index's topmost page
 *  64 32  rootHash            its hash: the image's identity
 *  96 16  properties          the image's properties, or nothing
 * 112 32  propertiesHash      SHA-256 of the properties' payload, or zeros
 * 144  4  cut                 how blocks were cut: 0 by content, else fixed size in bytes; for information
 * 148  4  reserved            0
 * 152 40  statistics          bytes of DATA; of ZERO and FILL; of UNUSED; of UNREADABLE; of blocks that are new in this image
 * payload: features of the image, see {@link Features}
 * </pre>
 *
 * <p>Immutable.
 *
 * @param number which image of its file it is, from 1
 * @param partial whether it is still being written
 * @param diskSize the size of the disk in bytes
 * @param coveredLength how much of the disk the index covers, in bytes
 * @param logicalSectorSize in bytes
 * @param physicalSectorSize in bytes
 * @param previousImage the root of the image before
 * @param rootPage the index's topmost page
 * @param rootHash its hash
 * @param properties the image's properties
 * @param propertiesHash the hash of the properties' payload
 * @param cut how blocks were cut: 0 by content, else the fixed size in bytes
 * @param statistics how many bytes of each kind there are
 * @param features what the image needs
 */
public record ImageRoot(
        int number,
        boolean partial,
        long diskSize,
        long coveredLength,
        int logicalSectorSize,
        int physicalSectorSize,
        RecordLocation previousImage,
        RecordLocation rootPage,
        Sha256 rootHash,
        RecordLocation properties,
        Sha256 propertiesHash,
        int cut,
        Statistics statistics,
        Features features) {
    private static final int TABLE_LENGTH = 192;
    private static final int PARTIAL = 1;
    private static final Sha256 NO_PROPERTIES = Sha256.at(ByteBuffer.allocate(Sha256.LENGTH), 0);

    /** The most bytes of the whole record. */
    public static final int MAX_LENGTH = 64 << 10;

    /**
     * How many bytes of each kind an image has; for information.
     *
     * <p>Immutable.
     *
     * @param dataBytes bytes of DATA extents
     * @param zeroBytes bytes of ZERO and FILL extents
     * @param unusedBytes bytes of UNUSED extents
     * @param unreadableBytes bytes of UNREADABLE extents
     * @param newBytes bytes of the blocks that were not in the file before this image
     */
    public record Statistics(long dataBytes, long zeroBytes, long unusedBytes, long unreadableBytes, long newBytes) {
        /** Nothing yet. */
        public static final Statistics NONE = new Statistics(0, 0, 0, 0, 0);
    }

    /** Returns the whole record. */
    public ByteBuffer encode() {
        ByteBuffer record = ByteBuffer.allocate(RecordHeader.LENGTH + TABLE_LENGTH + features.length())
                .order(ByteOrder.LITTLE_ENDIAN);
        record.position(RecordHeader.LENGTH);
        record.putInt(number).putInt(partial ? PARTIAL : 0).putLong(diskSize).putLong(coveredLength);
        record.putInt(logicalSectorSize).putInt(physicalSectorSize);
        previousImage.encode(record);
        rootPage.encode(record);
        rootHash.encode(record);
        properties.encode(record);
        propertiesHash.encode(record);
        record.putInt(cut).putInt(0);
        record.putLong(statistics.dataBytes()).putLong(statistics.zeroBytes());
        record.putLong(statistics.unusedBytes()).putLong(statistics.unreadableBytes());
        record.putLong(statistics.newBytes());
        features.encode(record);
        ByteBuffer table = record.slice(RecordHeader.LENGTH, TABLE_LENGTH);
        ByteBuffer payload = record.slice(RecordHeader.LENGTH + TABLE_LENGTH, features.length());
        new RecordHeader(
                        RecordType.IMAGE.code(),
                        RecordHeader.STORED,
                        TABLE_LENGTH,
                        payload.remaining(),
                        payload.remaining(),
                        RecordHeader.crc(table),
                        RecordHeader.crc(payload))
                .encode(record.rewind());
        return record.rewind();
    }

    /**
     * Reads a root.
     *
     * @param table the record's table, whose checksum is right
     * @param payload the record's payload, whose checksum is right
     * @param resource the name of the file
     * @param recordOffset where the record starts
     * @throws CorruptImageException if it contradicts itself. Its features are not judged: see {@link #checkReadable}
     */
    public static ImageRoot decode(ByteBuffer table, ByteBuffer payload, String resource, long recordOffset)
            throws CorruptImageException {
        if (table.remaining() != TABLE_LENGTH) {
            throw new CorruptImageException(
                    resource, recordOffset, "image table of " + table.remaining() + " bytes, expected " + TABLE_LENGTH);
        }
        Features features = Features.decode(ByteReader.of(payload, ByteOrder.LITTLE_ENDIAN, resource, recordOffset));
        ByteReader in = ByteReader.of(table, ByteOrder.LITTLE_ENDIAN, resource, recordOffset);
        ImageRoot root = new ImageRoot(
                in.readI32(),
                (in.readI32() & PARTIAL) != 0,
                in.readU63("disk size"),
                in.readU63("covered length"),
                in.readI32(),
                in.readI32(),
                RecordLocation.decode(in),
                RecordLocation.decode(in),
                Sha256.decode(in),
                RecordLocation.decode(in),
                Sha256.decode(in),
                in.readI32(),
                decodeStatistics(in.skip(4)),
                features);
        root.check(in);
        return root;
    }

    /**
     * Checks that this version has the features that the image needs; a file's other images may be readable if not.
     *
     * @param resource the name of the file
     * @throws UnsupportedImageException if the image has features that this version can't read
     */
    public void checkReadable(String resource) throws UnsupportedImageException {
        features.checkReadable("image " + number + " of " + resource);
    }

    /** Returns the same image as one that is still being written, of which all is there. */
    public ImageRoot asPartial() {
        return with(true, features);
    }

    /** Returns the same root without the names of its features, for whoever keeps many. */
    public ImageRoot withoutNames() {
        return features.names().isEmpty() ? this : with(partial, features.withoutNames());
    }

    private ImageRoot with(boolean newPartial, Features newFeatures) {
        return new ImageRoot(
                number,
                newPartial,
                diskSize,
                coveredLength,
                logicalSectorSize,
                physicalSectorSize,
                previousImage,
                rootPage,
                rootHash,
                properties,
                propertiesHash,
                cut,
                statistics,
                newFeatures);
    }

    private static Statistics decodeStatistics(ByteReader in) throws CorruptImageException {
        return new Statistics(
                in.readU63("data bytes"),
                in.readU63("zero bytes"),
                in.readU63("unused bytes"),
                in.readU63("unreadable bytes"),
                in.readU63("new bytes"));
    }

    private void check(ByteReader in) throws CorruptImageException {
        if (number < 1 || number > Limits.MAX_IMAGES) {
            throw in.corrupt(
                    0, "image number " + Integer.toUnsignedString(number) + ", expected 1 to " + Limits.MAX_IMAGES);
        }
        if (!partial && coveredLength != diskSize) {
            throw in.corrupt(0, "index of " + coveredLength + " bytes for a disk of " + diskSize);
        }
        if (partial && diskSize != 0 && coveredLength > diskSize) {
            throw in.corrupt(0, "index of " + coveredLength + " bytes for a disk of " + diskSize);
        }
        if (previousImage.isPresent() != (number > 1)) {
            throw in.corrupt(
                    0, "image " + number + (previousImage.isPresent() ? " with" : " without") + " an image before it");
        }
        if (!properties.isPresent() && !propertiesHash.equals(NO_PROPERTIES)) {
            throw in.corrupt(0, "properties hash " + propertiesHash + " without properties, expected zeros");
        }
        if (!isSectorSize(logicalSectorSize) || !isSectorSize(physicalSectorSize)) {
            throw in.corrupt(
                    0,
                    "sectors of " + logicalSectorSize + " and " + physicalSectorSize
                            + " bytes, expected powers of two from 512 to 65536");
        }
        if (cut != 0 && (Integer.bitCount(cut) != 1 || cut < Limits.CLUSTER || cut > Limits.MAX_BLOCK)) {
            throw in.corrupt(
                    0,
                    "blocks cut at each " + cut + " bytes, expected 0 or a power of two from " + Limits.CLUSTER + " to "
                            + Limits.MAX_BLOCK);
        }
        if (!rootPage.isPresent()) {
            throw in.corrupt(0, "image without an index");
        }
    }

    private static boolean isSectorSize(int size) {
        return size >= 512 && size <= 65_536 && Integer.bitCount(size) == 1;
    }
}

package io.platter.image.codec;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import io.platter.image.FileId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The first record of a file, 4096 bytes, and the same again: the format's version, the file's id, and the features that it
 * needs. Never changed.
 *
 * <pre>
 * table:
 *  0  2  major     a reader must refuse a major version that it does not know
 *  2  2  minor     until version 1.0 likewise
 *  4  1  hash      1: SHA-256
 *  5  3  reserved  0
 *  8 16  fileId
 * 24     features  see {@link Features}
 * payload: zeros, up to the record's 4096 bytes
 * </pre>
 *
 * <p>Immutable.
 *
 * @param fileId the file's id
 * @param features what the file needs
 */
public record FileHeader(FileId fileId, Features features) {
    /** The length of the record in bytes. */
    public static final int LENGTH = 4096;

    /** How often the record stands at the start of a file. */
    public static final int COPIES = 2;

    /** Where the first other record starts, in bytes. */
    public static final int END = COPIES * LENGTH;

    private static final int MAJOR = 0;
    private static final int MINOR = 2;
    private static final int HASH = 1;
    private static final int RESERVED_AT = 5;
    private static final int RESERVED_LENGTH = 3;

    /** Where the version stands in all files since 0.2, and where it stood before, in bytes. */
    private static final int VERSION_AT = RecordSeal.TABLE_START;

    private static final int VERSION_WAS_AT = RecordHeader.LENGTH;

    /** Returns the record once. */
    public ByteBuffer encode() {
        ByteBuffer table = ByteBuffer.allocate(24 + features.length()).order(ByteOrder.LITTLE_ENDIAN);
        table.putShort((short) MAJOR).putShort((short) MINOR).putInt(HASH);
        fileId.encode(table);
        features.encode(table);
        table.flip();
        return new RecordSeal()
                .seal(RecordType.FILE, table, ByteBuffer.allocate(LENGTH - RecordSeal.TABLE_START - table.remaining()));
    }

    /**
     * Checks that a file is one of this version, as far as its first bytes tell: of other versions nothing else is known.
     *
     * @param start the first 64 bytes of the file or more
     * @param resource the name of the file
     * @throws CorruptImageException if it never was an image
     * @throws UnsupportedImageException if it is of another version of the format
     */
    public static void checkVersion(ByteBuffer start, String resource)
            throws CorruptImageException, UnsupportedImageException {
        ByteBuffer bytes = start.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.remaining() < Integer.BYTES || bytes.getInt(0) != RecordHeader.MAGIC) {
            throw new CorruptImageException(
                    resource,
                    0,
                    bytes.remaining() < Integer.BYTES
                            ? "file of " + bytes.remaining() + " bytes, too short for a Platter image"
                            : String.format(
                                    "not a Platter image: record magic %08x, expected %08x",
                                    bytes.getInt(0), RecordHeader.MAGIC));
        }
        boolean isSound = bytes.remaining() >= VERSION_AT + Integer.BYTES
                && bytes.getInt(28) == RecordHeader.crc(bytes.slice(0, 28))
                && bytes.get(4) == RecordType.FILE.code();
        if (isSound) {
            // Bytes 16 to 19 held a length then, and are reserved now.
            int at = bytes.getInt(16) != 0 ? VERSION_WAS_AT : VERSION_AT;
            int major = Short.toUnsignedInt(bytes.getShort(at));
            int minor = Short.toUnsignedInt(bytes.getShort(at + 2));
            if (major != MAJOR || minor != MINOR) {
                throw new UnsupportedImageException(
                        resource,
                        "format version " + major + "." + minor + ", this version of Platter reads " + MAJOR + "."
                                + MINOR);
            }
        }
    }

    /**
     * Reads a file's first record.
     *
     * @throws CorruptImageException if it is not one
     * @throws UnsupportedImageException if the file is of a version, or has features, that this version can't read
     */
    public static FileHeader decode(StoredRecord record) throws CorruptImageException, UnsupportedImageException {
        ByteReader in = record.tableReader();
        if (record.location().length() != LENGTH) {
            throw record.corrupt("file header of " + record.location().length() + " bytes, expected " + LENGTH);
        }
        int major = in.readU16();
        int minor = in.readU16();
        int hash = in.readU8();
        if (major != MAJOR || minor != MINOR || hash != HASH) {
            throw new UnsupportedImageException(
                    record.resource(),
                    "format version " + major + "." + minor + " with hash " + hash + ", this version of Platter reads "
                            + MAJOR + "." + MINOR + " with hash " + HASH);
        }
        ByteReader rest = record.tableReader().skip(RESERVED_AT + RESERVED_LENGTH);
        FileId fileId = FileId.decode(rest);
        Features features = Features.decode(rest);
        // Before anything else, which a feature may give another meaning.
        features.checkReadableFile(record.resource());
        in.skipZeros(RESERVED_LENGTH);
        Padding.check(record);
        return new FileHeader(fileId, features);
    }
}

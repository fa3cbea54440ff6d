package io.platter.format;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The first record of a file, 4096 bytes: the format's version and the features that the file needs. Never changed.
 *
 * <pre>
 * table:
 *  0  2  major     a reader must refuse a major version that it does not know
 *  2  2  minor     may be ignored
 *  4  4  reserved  0
 *  8     features  see {@link Features}
 * payload: zeros, up to the record's 4096 bytes
 * </pre>
 *
 * <p>Immutable.
 *
 * @param major the version that decides whether a reader understands the file
 * @param minor the version that says how new the writer was
 * @param features what the file needs
 */
public record FileHeader(int major, int minor, Features features) {
    /** The length of the record in bytes. */
    public static final int LENGTH = 4096;

    /** The version that this code writes. */
    public static final FileHeader CURRENT = new FileHeader(0, 1, Features.NONE);

    /** Returns the whole record. */
    public ByteBuffer encode() {
        ByteBuffer record = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        record.position(RecordHeader.LENGTH);
        record.putShort((short) major).putShort((short) minor).putInt(0);
        features.encode(record);
        int tableEnd = record.position();
        ByteBuffer table = record.duplicate().position(RecordHeader.LENGTH).limit(tableEnd);
        ByteBuffer payload = record.duplicate().position(tableEnd).limit(LENGTH);
        new RecordHeader(
                        RecordType.FILE.code(),
                        RecordHeader.STORED,
                        table.remaining(),
                        payload.remaining(),
                        payload.remaining(),
                        RecordHeader.crc(table),
                        RecordHeader.crc(payload))
                .encode(record.rewind());
        return record.rewind();
    }

    /**
     * Reads the table of a file's first record.
     *
     * @param in the table's bytes, whose checksum is right
     * @param resource the name of the file
     * @throws UnsupportedImageException if the file is of a version, or has features, that this version can't read
     */
    public static FileHeader decode(ByteReader in, String resource)
            throws CorruptImageException, UnsupportedImageException {
        int major = in.readU16();
        int minor = in.readU16();
        if (major != CURRENT.major) {
            throw new UnsupportedImageException(
                    resource,
                    "format version " + major + "." + minor + ", this version of Platter reads " + CURRENT.major
                            + ".x");
        }
        in.skip(4);
        Features features = Features.decode(in);
        features.checkReadable(resource);
        FileHeader header = new FileHeader(major, minor, features);
        return header;
    }
}

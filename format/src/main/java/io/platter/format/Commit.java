package io.platter.format;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The record that makes everything before it count. It ends at a multiple of 4096 bytes.
 *
 * <pre>
 * table:
 *  0  8  sequence        1 for a file's first commit, and one more for each
 *  8  8  imageOffset     where this record starts
 * 16  8  previousCommit  where the commit before starts, or 0
 * 24 16  lastImage       the root of the newest complete image, or nothing
 * 40 16  partialImage    the root of an image that is still being written, or nothing
 * 56  4  imageCount      how many complete images there are
 * 60  4  reserved        0
 * payload: none
 * </pre>
 *
 * <p>Immutable.
 *
 * @param sequence the number of this commit, from 1
 * @param imageOffset where this record starts
 * @param previousCommit where the commit before starts, or 0
 * @param lastImage the root of the newest complete image
 * @param partialImage the root of an image that is still being written
 * @param imageCount how many complete images there are, 0 to 65,535
 */
public record Commit(
        long sequence,
        long imageOffset,
        long previousCommit,
        RecordLocation lastImage,
        RecordLocation partialImage,
        int imageCount) {
    private static final int TABLE_LENGTH = 64;

    /** The length of the whole record in bytes. */
    public static final int LENGTH = RecordHeader.LENGTH + TABLE_LENGTH;

    /** What a new file counts as before its first commit. */
    public static final Commit NONE = new Commit(0, 0, 0, RecordLocation.NONE, RecordLocation.NONE, 0);

    /** Returns the first offset behind the record. */
    public long end() {
        return imageOffset + LENGTH;
    }

    /** Returns the whole record. */
    public ByteBuffer encode() {
        ByteBuffer record = ByteBuffer.allocate(LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        record.position(RecordHeader.LENGTH);
        record.putLong(sequence).putLong(imageOffset).putLong(previousCommit);
        lastImage.encode(record);
        partialImage.encode(record);
        record.putInt(imageCount).putInt(0);
        int tableCrc = RecordHeader.crc(record.flip().position(RecordHeader.LENGTH));
        new RecordHeader(RecordType.COMMIT.code(), RecordHeader.STORED, TABLE_LENGTH, 0, 0, tableCrc, 0)
                .encode(record.rewind());
        return record.rewind();
    }

    /**
     * Reads a whole record and checks it.
     *
     * @param record the record's 96 bytes
     * @param resource the name of the file
     * @param imageOffset where the record starts
     * @throws CorruptImageException if it is not a commit, or not the one of this place
     */
    public static Commit decode(ByteBuffer record, String resource, long imageOffset) throws CorruptImageException {
        ByteReader in = ByteReader.of(record, ByteOrder.LITTLE_ENDIAN, resource, imageOffset);
        RecordHeader header = RecordHeader.decode(in);
        if (!header.is(RecordType.COMMIT) || header.recordLength() != LENGTH || header.tableLength() != TABLE_LENGTH) {
            throw in.corrupt(
                    0,
                    "record of type " + header.type() + " and " + header.recordLength()
                            + " bytes, expected a commit of " + LENGTH);
        }
        ByteBuffer table = record.slice(record.position() + RecordHeader.LENGTH, TABLE_LENGTH);
        header.checkTable(table, resource, imageOffset);
        Commit commit = new Commit(
                in.readU63("sequence"),
                in.readU63("commit offset"),
                in.readU63("previous commit"),
                RecordLocation.decode(in),
                RecordLocation.decode(in),
                in.readI32());
        if (commit.imageOffset != imageOffset || commit.end() % Limits.COMMIT_ALIGNMENT != 0) {
            throw in.corrupt(
                    0,
                    "commit for offset " + commit.imageOffset + ", expected one for its own place, which ends at a"
                            + " multiple of " + Limits.COMMIT_ALIGNMENT);
        }
        commit.check(in);
        return commit;
    }

    /** Checks what a commit says of others, as far as it can be seen from the commit alone. */
    private void check(ByteReader in) throws CorruptImageException {
        if (imageCount < 0 || imageCount > Limits.MAX_IMAGES) {
            throw in.corrupt(
                    0,
                    "commit of " + Integer.toUnsignedString(imageCount) + " images, expected at most "
                            + Limits.MAX_IMAGES);
        }
        if (sequence < 1 || (sequence == 1) != (previousCommit == 0) || previousCommit >= imageOffset) {
            throw in.corrupt(0, "commit " + sequence + " after one at offset " + previousCommit);
        }
        if (lastImage.isPresent() != (imageCount > 0)) {
            throw in.corrupt(0, "commit of " + imageCount + " images, the newest at offset " + lastImage.imageOffset());
        }
        if (isAfter(lastImage) || isAfter(partialImage)) {
            throw in.corrupt(
                    0,
                    "commit of images at offsets " + lastImage.imageOffset() + " and " + partialImage.imageOffset()
                            + ", expected before it");
        }
    }

    private boolean isAfter(RecordLocation image) {
        return image.isPresent() && image.imageOffset() > imageOffset - image.length();
    }

    /** Returns how many bytes of padding go before a commit at {@code imageOffset}: 0, or enough for a record. */
    public static int paddingBefore(long imageOffset) {
        int gap = Math.floorMod(-(imageOffset + LENGTH), Limits.COMMIT_ALIGNMENT);
        return gap == 0 || gap >= RecordHeader.LENGTH ? gap : gap + Limits.COMMIT_ALIGNMENT;
    }
}

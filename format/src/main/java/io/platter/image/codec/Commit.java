package io.platter.image.codec;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import io.platter.image.FileId;
import io.platter.image.Limits;
import io.platter.image.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The record that makes everything before it count: 512 bytes, twice, one copy up to a multiple of 4096 and one from it on.
 *
 * <pre>
 * table:
 *   0 16  fileId
 *  16  8  sequence        1 for a file's first commit, and one more for each
 *  24  8  packOffset      where the second copy starts
 *  32  8  previousCommit  where the second copy of the commit before starts, or 0
 *  40 32  previousHash    the hash of the commit before, or zeros
 *  72  4  imageCount      how many complete images there are
 *  76  4  reserved        0
 *  80 16  directory       the directory's topmost page, or nothing
 *  96 32  directoryHash   its hash, or zeros
 * 128 16  partialImage    the root of an image that is still being written, or nothing
 * 144 32  partialId       its id, or zeros
 * 176 16  catalog         the newest catalog, or nothing
 * 192 16  lastImage       the root of the newest complete image, or nothing
 * 208 32  lastId          its id, or zeros
 * 240     reserved        zeros
 * payload: none
 * </pre>
 *
 * <p>Immutable.
 *
 * @param fileId the file's id
 * @param sequence the number of this commit, from 1
 * @param packOffset where the second copy starts
 * @param previousCommit where the second copy of the commit before starts, or 0
 * @param previousHash the hash of the commit before
 * @param contents what the file holds
 */
public record Commit(
        FileId fileId, long sequence, long packOffset, long previousCommit, Sha256 previousHash, Contents contents) {
    /** The length of one copy in bytes. */
    public static final int LENGTH = 512;

    private static final int TABLE_LENGTH = LENGTH - RecordSeal.TABLE_START;
    private static final int FIELDS_LENGTH = 240;
    private static final int FILE_ID_AT = RecordSeal.TABLE_START;
    private static final int PACK_OFFSET_AT = RecordSeal.TABLE_START + 24;

    /** The first four bytes of a commit, and its type. */
    private static final int TYPE_AT = 4;

    /**
     * What a file holds.
     *
     * <p>Immutable.
     *
     * @param imageCount how many complete images there are
     * @param directory the directory's topmost page, or nothing
     * @param directoryHash its hash, or zeros
     * @param partialImage the root of an image that is still being written, or nothing
     * @param partialId its id, or zeros
     * @param catalog the newest catalog, or nothing
     * @param lastImage the root of the newest complete image, or nothing
     * @param lastId its id, or zeros
     */
    public record Contents(
            int imageCount,
            RecordLocation directory,
            Sha256 directoryHash,
            RecordLocation partialImage,
            Sha256 partialId,
            RecordLocation catalog,
            RecordLocation lastImage,
            Sha256 lastId) {
        /** Returns nothing but a catalog. */
        public static Contents listed(RecordLocation catalog) {
            return new Contents(
                    0,
                    RecordLocation.NONE,
                    Sha256.NONE,
                    RecordLocation.NONE,
                    Sha256.NONE,
                    catalog,
                    RecordLocation.NONE,
                    Sha256.NONE);
        }

        /** Nothing. */
        public static final Contents NONE = listed(RecordLocation.NONE);
    }

    /** Returns what a new file counts as before its first commit. */
    public static Commit none(FileId fileId) {
        return new Commit(fileId, 0, 0, 0, Sha256.NONE, Contents.NONE);
    }

    /** Returns where the first copy starts. */
    public long start() {
        return packOffset - LENGTH;
    }

    /** Returns the first offset after the second copy; of no commit, after the file's header. */
    public long end() {
        return sequence == 0 ? FileHeader.END : packOffset + LENGTH;
    }

    /** Returns the hash of the commit, which stands for all that the file holds; zeros for no commit. */
    public Sha256 hash() {
        return sequence == 0 ? Sha256.NONE : HashDomain.COMMIT.hash(table());
    }

    /**
     * Returns the commit that follows this one.
     *
     * @param newContents what the file holds then
     * @param newPackOffset where the second copy starts
     */
    public Commit next(Contents newContents, long newPackOffset) {
        return new Commit(fileId, sequence + 1, newPackOffset, packOffset, hash(), newContents);
    }

    private ByteBuffer table() {
        ByteBuffer table = ByteBuffer.allocate(TABLE_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        fileId.encode(table);
        table.putLong(sequence).putLong(packOffset).putLong(previousCommit);
        previousHash.encode(table);
        table.putInt(contents.imageCount).putInt(0);
        contents.directory.encode(table);
        contents.directoryHash.encode(table);
        contents.partialImage.encode(table);
        contents.partialId.encode(table);
        contents.catalog.encode(table);
        contents.lastImage.encode(table);
        contents.lastId.encode(table);
        return table.rewind();
    }

    /** Returns one copy. */
    public ByteBuffer encode() {
        return new RecordSeal().seal(RecordType.COMMIT, table(), ByteBuffer.allocate(0));
    }

    /**
     * Reads one copy from bytes that may be anything, and checks it.
     *
     * @param copy 512 bytes
     * @param resource the name of the file
     * @param copyOffset where they stand
     * @throws CorruptImageException if it is not a commit
     */
    public static Commit decode(ByteBuffer copy, String resource, long copyOffset)
            throws CorruptImageException, UnsupportedImageException {
        ByteReader in = ByteReader.of(copy, ByteOrder.LITTLE_ENDIAN, resource, copyOffset);
        RecordHeader header = RecordHeader.decode(in);
        if (!header.is(RecordType.COMMIT) || header.recordLength() != LENGTH) {
            throw in.corrupt(
                    0,
                    "record of type " + header.type() + " and " + header.recordLength()
                            + " bytes, expected a commit of " + LENGTH);
        }
        ByteBuffer body = copy.slice(copy.position() + RecordHeader.LENGTH, header.bodyLength());
        return decode(StoredRecord.open(resource, RecordLocation.of(copyOffset, LENGTH), header, body));
    }

    /**
     * Reads one copy.
     *
     * @throws CorruptImageException if it is not a commit, or contradicts itself or its place
     */
    public static Commit decode(StoredRecord record) throws CorruptImageException {
        ByteReader in = record.tableReader();
        if (record.location().length() != LENGTH || in.remaining() != TABLE_LENGTH || record.codec() != Codec.STORED) {
            throw record.corrupt("commit of " + record.location().length() + " bytes with a table of " + in.remaining()
                    + ", expected " + LENGTH + " with " + TABLE_LENGTH);
        }
        FileId fileId = FileId.decode(in);
        long sequence = in.readU63("sequence");
        long packOffset = in.readU63("commit offset");
        long previousCommit = in.readU63("previous commit");
        Sha256 previousHash = Sha256.decode(in);
        int imageCount = in.readI32();
        in.skipZeros(4);
        Contents contents = new Contents(
                imageCount,
                RecordLocation.decode(in, packOffset - LENGTH),
                Sha256.decode(in),
                RecordLocation.decode(in, packOffset - LENGTH),
                Sha256.decode(in),
                RecordLocation.decode(in, packOffset - LENGTH),
                RecordLocation.decode(in, packOffset - LENGTH),
                Sha256.decode(in));
        in.skipZeros(TABLE_LENGTH - FIELDS_LENGTH);
        Commit commit = new Commit(fileId, sequence, packOffset, previousCommit, previousHash, contents);
        commit.check(record);
        return commit;
    }

    /** Checks what a commit says of others, as far as it can be seen from the commit alone. */
    private void check(StoredRecord record) throws CorruptImageException {
        long here = record.location().packOffset();
        if (packOffset < FileHeader.END + LENGTH
                || packOffset % Limits.COMMIT_ALIGNMENT != 0
                || (here != packOffset && here != start())) {
            throw record.corrupt("commit for offset " + packOffset + ", a multiple of " + Limits.COMMIT_ALIGNMENT
                    + ", expected one that starts or ends there");
        }
        boolean first = sequence == 1;
        if (sequence < 1
                || first != (previousCommit == 0)
                || first != previousHash.equals(Sha256.NONE)
                || previousCommit >= packOffset
                || previousCommit % Limits.COMMIT_ALIGNMENT != 0) {
            throw record.corrupt(
                    "commit " + sequence + " after one at offset " + previousCommit + " with hash " + previousHash);
        }
        boolean empty = contents.imageCount == 0;
        if (contents.imageCount < 0
                || empty == contents.directory.isPresent()
                || contents.imageCount > packOffset / ImageRoot.MIN_LENGTH
                || empty != contents.directoryHash.equals(Sha256.NONE)
                || empty == contents.lastImage.isPresent()
                || empty != contents.lastId.equals(Sha256.NONE)
                || contents.partialImage.isPresent() == contents.partialId.equals(Sha256.NONE)) {
            throw record.corrupt("commit of " + Integer.toUnsignedString(contents.imageCount)
                    + " images with a directory at offset " + contents.directory.packOffset() + ", the newest at "
                    + contents.lastImage.packOffset() + " with id " + contents.lastId + ", and a partial one at "
                    + contents.partialImage.packOffset() + " with id " + contents.partialId);
        }
    }

    /** Returns how many bytes of padding go before a commit at {@code packOffset}: 0, or enough for a record. */
    public static int paddingBefore(long packOffset) {
        int gap = Math.floorMod(-(packOffset + LENGTH), Limits.COMMIT_ALIGNMENT);
        return gap == 0 || gap >= RecordSeal.TABLE_START ? gap : gap + Limits.COMMIT_ALIGNMENT;
    }

    /**
     * Tells whether bytes inside of a record could be taken for a commit of a file, if they stood where one can stand.
     *
     * @param bytes the record, little-endian
     * @param index where they start
     */
    public static boolean looksLikeOne(ByteBuffer bytes, int index, FileId file) {
        return bytes.limit() - index > TYPE_AT
                && bytes.getInt(index) == RecordHeader.MAGIC
                && bytes.get(index + TYPE_AT) == RecordType.COMMIT.code()
                && (bytes.limit() - index < FILE_ID_AT + FileId.LENGTH || file.standsAt(bytes, index + FILE_ID_AT));
    }

    /**
     * Tells whether bytes are what is left of a copy of a commit of a file: at least two of its magic with the type, its
     * file's id and its place are right.
     *
     * @param copy 512 bytes, little-endian
     * @param commitOffset where the second copy of that commit starts
     */
    public static boolean wasOne(ByteBuffer copy, FileId file, long commitOffset) {
        int right = 0;
        right += copy.getInt(0) == RecordHeader.MAGIC && copy.get(TYPE_AT) == RecordType.COMMIT.code() ? 1 : 0;
        right += namesFile(copy, file) ? 1 : 0;
        right += copy.getLong(PACK_OFFSET_AT) == commitOffset ? 1 : 0;
        return right >= 2;
    }

    /**
     * Tells whether a file's id stands where a copy of a commit has it.
     *
     * @param copy 512 bytes
     */
    public static boolean namesFile(ByteBuffer copy, FileId file) {
        return file.standsAt(copy, FILE_ID_AT);
    }
}

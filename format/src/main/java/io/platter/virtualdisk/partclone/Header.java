package io.platter.virtualdisk.partclone;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import io.platter.bytes.SeededCrc;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The header of a partclone image. Source: partclone, {@code IMAGE_FORMATS.md} and {@code src/partclone.h}; all numbers
 * are little-endian.
 *
 * <p>After the header stands the bitmap of the partition's blocks, then the used blocks one after the other, with a
 * checksum after each so many of them: a strip. A checksum is a register of CRC-32 that starts at all ones, goes on
 * from strip to strip or starts anew, and is not inverted. That of version 1 has an error: instead of a block's bytes it
 * takes in the first of them again and again.
 *
 * @param version 1 or 2
 * @param diskSize the size of the partition, in bytes
 * @param blocks how many blocks the bitmap tells of; the partition may end in the last one, or after it
 * @param blockSize in bytes
 * @param bitmapMode one of {@code BITMAP_NONE}, {@code BITMAP_BIT} and {@code BITMAP_BYTE}
 * @param blocksPerChecksum how many blocks a strip has, or 0 if there are no checksums
 * @param reseeded whether each strip's checksum starts anew
 */
record Header(
        int version,
        long diskSize,
        long blocks,
        int blockSize,
        int bitmapMode,
        long blocksPerChecksum,
        boolean reseeded) {
    /** All blocks are used; there is no bitmap. */
    static final int BITMAP_NONE = 0;
    /** One bit a block, lowest first. */
    static final int BITMAP_BIT = 1;
    /** One byte a block: 1 is used, all else is not. */
    static final int BITMAP_BYTE = 8;

    private static final byte[] MAGIC = "partclone-image".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION_OFFSET = 30;
    private static final int LENGTH_1 = 4160;
    private static final int LENGTH_2 = 110;
    private static final int CRC_OFFSET = 106;
    private static final int LITTLE_ENDIAN_MARKER = 0xC0DE;
    private static final int FEATURE_LENGTH = 18;
    private static final int CHECKSUM_NONE = 0;
    private static final int CHECKSUM_CRC32 = 0x20;
    /** Source: {@code MAX_BLOCK_SIZE} in partclone's {@code src/partclone.h}. */
    private static final int MAX_BLOCK_SIZE = 1 << 26;

    /** Tells whether a file starts like one. */
    static boolean isThere(BlockDevice file) throws IOException {
        if (file.size() < MAGIC.length) {
            return false;
        }
        byte[] magic = new byte[MAGIC.length];
        file.read(ByteBuffer.wrap(magic), 0);
        return Arrays.equals(magic, MAGIC);
    }

    static Header read(BlockDevice file) throws IOException {
        ByteReader header = ByteReader.read(file, 0, LENGTH_2, ByteOrder.LITTLE_ENDIAN);
        if (!Arrays.equals(header.readBytes(MAGIC.length), MAGIC)) {
            throw header.corrupt(0, "magic \"partclone-image\" expected");
        }
        String version = header.seek(VERSION_OFFSET).readText(4, StandardCharsets.ISO_8859_1);
        return switch (version) {
            case "0001" -> readVersion1(header);
            case "0002" -> readVersion2(header);
            default -> throw new UnsupportedImageException(file.name(), "version " + version + " of partclone images");
        };
    }

    private static Header readVersion1(ByteReader header) throws CorruptImageException {
        int blockSize = readBlockSize(header.seek(36));
        // The size of the device, which is what stands here, was written wrong by some, and is used by none.
        long blocks = header.skip(8).readU63("total blocks");
        long diskSize = bytes(header, blocks, blockSize);
        return new Header(1, diskSize, blocks, blockSize, BITMAP_BYTE, 1, false);
    }

    private static Header readVersion2(ByteReader header) throws IOException {
        int marker = header.readU16();
        if (marker != LITTLE_ENDIAN_MARKER) {
            throw new UnsupportedImageException(header.resource(), "byte order " + Integer.toHexString(marker));
        }
        int computed =
                SeededCrc.crc32(-1).update(header.seek(0).readBytes(CRC_OFFSET)).value();
        int stored = header.readI32();
        if (stored != computed) {
            throw header.corrupt(CRC_OFFSET, mismatch("header", stored, computed));
        }
        long diskSize = header.seek(52).readU63("device size");
        long blocks = header.readU63("total blocks");
        int blockSize = readBlockSize(header.skip(16));
        long lastBlockEnd = bytes(header, blocks, blockSize);
        if (lastBlockEnd - diskSize >= blockSize) {
            throw header.corrupt(52, "device of " + diskSize + " bytes, its blocks end at " + lastBlockEnd);
        }
        long featureLength = header.readU32();
        int featureVersion = header.readU16();
        if (featureLength != FEATURE_LENGTH || featureVersion != 2) {
            throw new UnsupportedImageException(
                    header.resource(), "features of version " + featureVersion + " in " + featureLength + " bytes");
        }
        long blocksPerChecksum = readChecksumMode(header.skip(2));
        boolean reseeded = header.readU8() != 0;
        int bitmapMode = header.readU8();
        if (bitmapMode != BITMAP_NONE && bitmapMode != BITMAP_BIT && bitmapMode != BITMAP_BYTE) {
            throw new UnsupportedImageException(header.resource(), "bitmap mode " + bitmapMode);
        }
        return new Header(2, diskSize, blocks, blockSize, bitmapMode, blocksPerChecksum, reseeded);
    }

    private static int readBlockSize(ByteReader header) throws CorruptImageException {
        long blockSize = header.readU32();
        if (blockSize == 0 || blockSize > MAX_BLOCK_SIZE) {
            throw header.corrupt(header.position() - 4, "block size " + blockSize + ", expected 1 to 2^26");
        }
        return (int) blockSize;
    }

    private static long bytes(ByteReader header, long blocks, int blockSize) throws CorruptImageException {
        if (blocks > Long.MAX_VALUE / blockSize) {
            throw header.corrupt(header.position(), blocks + " blocks of " + blockSize + " bytes");
        }
        return blocks * blockSize;
    }

    /** Reads how strips are checked, and returns how many blocks they have. */
    private static long readChecksumMode(ByteReader header) throws IOException {
        int mode = header.readU16();
        if (mode != CHECKSUM_NONE && mode != CHECKSUM_CRC32) {
            throw new UnsupportedImageException(header.resource(), "checksum mode 0x" + Integer.toHexString(mode));
        }
        int length = header.readU16();
        int expected = mode == CHECKSUM_NONE ? 0 : Strips.CRC_LENGTH;
        if (length != expected) {
            throw header.corrupt(header.position() - 2, "checksums of " + length + " bytes, expected " + expected);
        }
        long blocks = header.readU32();
        return mode == CHECKSUM_NONE ? 0 : blocks;
    }

    static String mismatch(String what, int stored, int computed) {
        return what + " CRC-32 mismatch: stored " + Integer.toHexString(stored) + ", computed "
                + Integer.toHexString(computed);
    }

    /** Returns where the bitmap stands, in bytes from the start of the file. */
    int length() {
        return version == 1 ? LENGTH_1 : LENGTH_2;
    }
}

package io.platter.virtualdisk.partclone;

import io.platter.testkit.DiskModel;
import io.platter.testkit.SparseFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.zip.CRC32;

/**
 * Writes partclone images as their description says, in versions and variants that today's partclone only reads. A block
 * is used if it has a byte that is not zero.
 */
final class PartcloneImage {
    static final int BLOCK = 512;

    private final byte[] disk;
    private final int blocks;
    private final BitSet used = new BitSet();

    int version = 2;
    int bitmapMode = 1;
    /** 0 for no checksums. */
    int blocksPerChecksum = 7;

    boolean reseeded = true;
    /** The length of a checksum in version 1. */
    int checksumLength = 4;

    PartcloneImage(DiskModel model) {
        disk = model.bytes();
        blocks = (disk.length + BLOCK - 1) / BLOCK;
        for (int i = 0; i < disk.length; i++) {
            if (disk[i] != 0) {
                used.set(i / BLOCK);
            }
        }
    }

    SparseFile write() {
        if (bitmapMode == 0) {
            used.set(0, blocks);
        }
        SparseFile file = new SparseFile();
        file.write(version == 1 ? header1() : header2());
        file.write(bitmap());
        writeBlocks(file);
        return file;
    }

    private ByteBuffer header1() {
        ByteBuffer header = ByteBuffer.allocate(4160).order(ByteOrder.LITTLE_ENDIAN);
        header.put(ascii("partclone-image")).put(ascii("EXTFS")).position(30);
        header.put(ascii("0001")).position(36);
        header.putInt(BLOCK).putLong(77).putLong(blocks).putLong(used.cardinality());
        return header.clear();
    }

    private ByteBuffer header2() {
        ByteBuffer header = ByteBuffer.allocate(110).order(ByteOrder.LITTLE_ENDIAN);
        header.put(ascii("partclone-image")).position(16);
        header.put(ascii("0.3.23")).position(30);
        header.put(ascii("0002")).putShort((short) 0xC0DE).put(ascii("raw")).position(52);
        header.putLong(disk.length).putLong(blocks).putLong(used.cardinality()).putLong(used.cardinality());
        header.putInt(BLOCK).putInt(18).putShort((short) 2).putShort((short) 64);
        header.putShort((short) (blocksPerChecksum == 0 ? 0 : 0x20)).putShort((short) (blocksPerChecksum == 0 ? 0 : 4));
        header.putInt(blocksPerChecksum).put((byte) (reseeded ? 1 : 0)).put((byte) bitmapMode);
        return header.putInt(crc(header.array(), 106)).clear();
    }

    private ByteBuffer bitmap() {
        if (bitmapMode == 0) {
            return ByteBuffer.allocate(0);
        }
        boolean bitwise = bitmapMode == 1 && version == 2;
        int length = bitwise ? (blocks + 7) / 8 : blocks;
        ByteBuffer bitmap = ByteBuffer.allocate(length + 8).order(ByteOrder.LITTLE_ENDIAN);
        for (int block = 0; block < length * 8; block++) {
            if (bitwise && (used.get(block) || block >= blocks)) {
                // Bits after the last block may be set.
                bitmap.put(block / 8, (byte) (bitmap.get(block / 8) | 1 << block % 8));
            } else if (!bitwise && block < blocks) {
                // Old bitmaps had other values too, which count as unused.
                bitmap.put(block, (byte) (used.get(block) ? 1 : block % 3 * 2));
            }
        }
        bitmap.position(length);
        if (bitwise) {
            return bitmap.putInt(crc(bitmap.array(), length)).flip();
        }
        return bitmap.put(ascii("BiTmAgIc")).flip();
    }

    private void writeBlocks(SparseFile file) {
        int perChecksum = version == 1 ? 1 : blocksPerChecksum;
        int length = version == 1 ? checksumLength : 4;
        int register = -1;
        int inStrip = 0;
        for (int block = used.nextSetBit(0); block >= 0; block = used.nextSetBit(block + 1)) {
            byte[] bytes = new byte[BLOCK];
            System.arraycopy(disk, block * BLOCK, bytes, 0, Math.min(BLOCK, disk.length - block * BLOCK));
            file.write(ByteBuffer.wrap(bytes));
            for (int i = 0; i < BLOCK; i++) {
                register = step(register, bytes[version == 1 ? 0 : i]);
            }
            boolean last = used.nextSetBit(block + 1) < 0;
            if (perChecksum != 0 && (++inStrip == perChecksum || last)) {
                file.write(ByteBuffer.allocate(length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(register)
                        .clear());
                inStrip = 0;
                register = version == 2 && reseeded ? -1 : register;
            }
        }
    }

    private static int step(int register, byte value) {
        int result = register ^ Byte.toUnsignedInt(value);
        for (int bit = 0; bit < 8; bit++) {
            result = (result & 1) != 0 ? result >>> 1 ^ 0xEDB88320 : result >>> 1;
        }
        return result;
    }

    /** Returns the checksum of the first bytes of an array, which is not inverted at the end. */
    static int crc(byte[] bytes, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, length);
        return ~(int) crc.getValue();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

package io.platter.filesystem.readonly;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A descriptor of UDF, checked by its tag: a block that says what it is and where it stands, with a CRC.
 *
 * <p>Source: ECMA-167, sections 3/7.2 and 3/10.
 *
 * @param type what it is
 * @param in its bytes, the tag included
 */
record UdfDescriptor(int type, ByteReader in) {
    static final int PRIMARY_VOLUME = 1;
    static final int ANCHOR = 2;
    static final int VOLUME_POINTER = 3;
    static final int PARTITION = 5;
    static final int LOGICAL_VOLUME = 6;
    static final int TERMINATING = 8;

    private static final int SIZE = 512;
    private static final int TAG = 16;
    private static final int CHECKSUM_POSITION = 4;

    /** Reads the descriptor in a block, if there is a valid one that belongs there. */
    static Optional<UdfDescriptor> read(BlockDevice volume, int blockSize, long block) throws IOException {
        if (block < 0 || block > volume.size() / blockSize - 1) {
            return Optional.empty();
        }
        ByteReader in = ByteReader.read(volume, block * blockSize, SIZE, ByteOrder.LITTLE_ENDIAN);
        int type = in.readU16();
        int crc = in.seek(8).readU16();
        int crcLength = in.readU16();
        long location = in.readU32();
        if (location != block || crcLength > SIZE - TAG) {
            return Optional.empty();
        }
        byte[] tag = in.seek(0).readBytes(TAG);
        int sum = 0;
        for (int i = 0; i < TAG; i++) {
            sum += i == CHECKSUM_POSITION ? 0 : tag[i];
        }
        boolean valid = (byte) sum == tag[CHECKSUM_POSITION] && crc(in.readBytes(crcLength)) == crc;
        return valid ? Optional.of(new UdfDescriptor(type, in)) : Optional.empty();
    }

    /** Returns the CRC of ITU-T V.41: polynomial x¹⁶+x¹²+x⁵+1, highest bit first, from zero. */
    private static int crc(byte[] bytes) {
        int crc = 0;
        for (byte value : bytes) {
            crc ^= (value & 0xFF) << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ 0x1021;
            }
        }
        return crc & 0xFFFF;
    }

    /**
     * Reads a text: its first byte tells how wide its characters are, 8 or 16 bits, and its last how many bytes count. A
     * text of other characters is empty.
     */
    String text(int position, int size) throws IOException {
        int width = in.seek(position).readU8();
        byte[] content = in.readBytes(size - 2);
        int used = Math.min(Math.max(in.readU8() - 1, 0), content.length);
        return switch (width) {
            case 8 -> new String(content, 0, used, StandardCharsets.ISO_8859_1);
            case 16 -> new String(content, 0, used, StandardCharsets.UTF_16BE);
            default -> "";
        };
    }
}

package io.platter.bytes;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * Checksums that start at a value of the format's choice and are not inverted at the end, computed by those of the
 * JDK, which are fast, but start at all ones and invert.
 *
 * <p>Four bytes bring the register to any value, so they are fed first: those that the register's steps, taken
 * backwards from the seed, lead to.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class SeededCrc {
    private static final int CRC32_POLYNOMIAL = 0xEDB88320;
    private static final int CRC32C_POLYNOMIAL = 0x82F63B78;

    private final Checksum checksum;

    private SeededCrc(Checksum checksum, int polynomial, int seed) {
        this.checksum = checksum;
        int register = seed;
        for (int step = 0; step < Integer.SIZE; step++) {
            register = register < 0 ? ((register ^ polynomial) << 1) | 1 : register << 1;
        }
        updateInt(~register);
    }

    /** Returns a CRC-32 (polynomial 0x04C11DB7) whose register starts at {@code seed}. */
    public static SeededCrc crc32(int seed) {
        return new SeededCrc(new CRC32(), CRC32_POLYNOMIAL, seed);
    }

    /** Returns a CRC-32C (polynomial 0x1EDC6F41) whose register starts at {@code seed}. */
    public static SeededCrc crc32c(int seed) {
        return new SeededCrc(new CRC32C(), CRC32C_POLYNOMIAL, seed);
    }

    /** Takes in bytes. */
    public SeededCrc update(byte[] bytes) {
        return update(ByteBuffer.wrap(bytes));
    }

    /** Takes in a buffer's bytes from its position to its limit, and leaves both as they are. */
    public SeededCrc update(ByteBuffer bytes) {
        checksum.update(bytes.duplicate());
        return this;
    }

    /** Takes in a number of four bytes, lowest byte first. */
    public SeededCrc updateInt(int value) {
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            checksum.update(value >>> shift & 0xFF);
        }
        return this;
    }

    /** Returns the register. */
    public int value() {
        return ~(int) checksum.getValue();
    }
}

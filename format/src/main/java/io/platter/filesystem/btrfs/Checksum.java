package io.platter.filesystem.btrfs;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * How Btrfs checks a superblock or a node: the first 32 bytes hold the checksum of all that follows.
 *
 * <p>Source: Linux {@code include/uapi/linux/btrfs_tree.h}, {@code enum btrfs_csum_type}.
 */
enum Checksum {
    CRC32C(0),
    XXHASH64(1),
    SHA256(2),
    BLAKE2B(3),
    UNKNOWN(-1);

    private static final int FIELD = 32;

    private final int code;

    Checksum(int code) {
        this.code = code;
    }

    static Checksum of(int code) {
        return Arrays.stream(values())
                .filter(checksum -> checksum.code == code)
                .findFirst()
                .orElse(UNKNOWN);
    }

    /** Tells whether this version can compute the checksum. */
    boolean isKnown() {
        return this == CRC32C || this == SHA256;
    }

    /** Tells whether a block has the checksum that stands in it; one that can't be computed does not match. */
    boolean matches(byte[] block) {
        return switch (this) {
            case CRC32C -> {
                CRC32C crc = new CRC32C();
                crc.update(block, FIELD, block.length - FIELD);
                int stored = (block[0] & 0xFF) | (block[1] & 0xFF) << 8 | (block[2] & 0xFF) << 16 | block[3] << 24;
                yield (int) crc.getValue() == stored;
            }
            case SHA256 -> {
                MessageDigest digest = sha256();
                digest.update(block, FIELD, block.length - FIELD);
                yield Arrays.equals(digest.digest(), Arrays.copyOf(block, FIELD));
            }
            default -> false;
        };
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each Java platform has SHA-256", e);
        }
    }
}

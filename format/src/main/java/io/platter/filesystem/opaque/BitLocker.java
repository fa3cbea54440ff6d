package io.platter.filesystem.opaque;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Set;

/**
 * What tells a volume that BitLocker encrypts.
 *
 * <p>BitLocker To Go shows a small FAT to systems without BitLocker, and a boot sector that passes for one of FAT: only
 * an identifier in it tells. Source: libbde documentation, "BitLocker Drive Encryption (BDE) format", sections "Volume
 * header - BitLocker To Go" and "BitLocker identifier".
 */
public final class BitLocker {
    static final String NAME = "bitlocker";
    /** Stands where the name of the system that made a volume is. */
    static final String SIGNATURE = "-FVE-FS-";

    static final int SIGNATURE_OFFSET = 3;

    private static final int IDENTIFIER_OFFSET = 424;
    private static final int IDENTIFIER_LENGTH = 16;
    /**
     * 4967D63B-2E29-4AD8-8399-F6A339E3D001, and 92A84D3B-DD80-4D0E-9E4E-B1E3284EAED8 where only used space is encrypted,
     * in Microsoft's byte order: the first three groups are numbers, lowest byte first.
     */
    private static final Set<String> IDENTIFIERS =
            Set.of("3bd66749292ed84a8399f6a339e3d001", "3b4da89280dd0e4d9e4eb1e3284eaed8");

    private BitLocker() {}

    /** Tells whether a volume is one of BitLocker To Go. */
    public static boolean isToGo(BlockDevice volume) throws IOException {
        if (volume.size() < IDENTIFIER_OFFSET + IDENTIFIER_LENGTH) {
            return false;
        }
        byte[] found = ByteReader.read(volume, IDENTIFIER_OFFSET, IDENTIFIER_LENGTH, ByteOrder.LITTLE_ENDIAN)
                .readBytes(IDENTIFIER_LENGTH);
        return IDENTIFIERS.contains(HexFormat.of().formatHex(found));
    }
}

package io.platter.bytes;

import java.util.HexFormat;

/** The text form of identities. */
public final class Uuids {
    private Uuids() {}

    /** Returns 16 bytes in their order, as hexadecimal digits in groups of 8, 4, 4, 4 and 12. */
    public static String text(byte[] uuid) {
        String digits = HexFormat.of().formatHex(uuid);
        return String.join(
                "-",
                digits.substring(0, 8),
                digits.substring(8, 12),
                digits.substring(12, 16),
                digits.substring(16, 20),
                digits.substring(20, 32));
    }
}

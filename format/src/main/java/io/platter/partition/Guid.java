package io.platter.partition;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** GUIDs as tables hold them: the first three fields little-endian. Source: UEFI 2.10, appendix A. */
final class Guid {
    static final UUID ZERO = new UUID(0, 0);

    private Guid() {}

    static UUID decode(ByteBuffer bytes, int position) {
        ByteBuffer little = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        long high = Integer.toUnsignedLong(little.getInt(position)) << 32
                | Short.toUnsignedLong(little.getShort(position + 4)) << 16
                | Short.toUnsignedLong(little.getShort(position + 6));
        return new UUID(high, little.order(ByteOrder.BIG_ENDIAN).getLong(position + 8));
    }

    static void encode(UUID guid, ByteBuffer bytes, int position) {
        long high = guid.getMostSignificantBits();
        ByteBuffer little = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        little.putInt(position, (int) (high >>> 32));
        little.putShort(position + 4, (short) (high >>> 16));
        little.putShort(position + 6, (short) high);
        little.order(ByteOrder.BIG_ENDIAN).putLong(position + 8, guid.getLeastSignificantBits());
    }

    /** Returns a new GUID of version 4. Source: RFC 9562 §5.4. */
    static UUID random(RandomGenerator random) {
        long high = (random.nextLong() & ~0xF000L) | 0x4000L;
        long low = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
        return new UUID(high, low);
    }

    static String text(UUID guid) {
        return guid.toString().toUpperCase(Locale.ROOT);
    }
}

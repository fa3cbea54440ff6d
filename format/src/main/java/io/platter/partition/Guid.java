package io.platter.partition;

import java.util.Locale;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** The GUIDs of partition tables. */
final class Guid {
    static final UUID ZERO = new UUID(0, 0);

    private Guid() {}

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

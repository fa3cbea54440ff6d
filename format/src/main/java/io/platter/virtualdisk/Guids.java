package io.platter.virtualdisk;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/** GUIDs as little-endian files hold them: only the first three fields little-endian. Source: [MS-DTYP] §2.3.4.2. */
final class Guids {
    private Guids() {}

    static UUID read(ByteReader reader) throws CorruptImageException {
        return get(ByteBuffer.wrap(reader.readBytes(16)).order(ByteOrder.LITTLE_ENDIAN), 0);
    }

    /** Returns the GUID at a position of a little-endian buffer. */
    static UUID get(ByteBuffer bytes, int position) {
        long high = Integer.toUnsignedLong(bytes.getInt(position)) << 32
                | Short.toUnsignedLong(bytes.getShort(position + 4)) << 16
                | Short.toUnsignedLong(bytes.getShort(position + 6));
        return new UUID(high, Long.reverseBytes(bytes.getLong(position + 8)));
    }

    /** Appends a GUID to a little-endian buffer. */
    static void put(ByteBuffer target, UUID id) {
        long high = id.getMostSignificantBits();
        target.putInt((int) (high >>> 32)).putShort((short) (high >>> 16)).putShort((short) high);
        target.putLong(Long.reverseBytes(id.getLeastSignificantBits()));
    }
}

package io.platter.bytes;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/**
 * GUIDs as partition tables and files of Microsoft hold them: the first three fields little-endian, the rest as written.
 * Source: [MS-DTYP] §2.3.4.2; UEFI 2.10, appendix A.
 */
public final class Guids {
    private static final int SIZE = 16;

    private Guids() {}

    /** Reads the GUID that comes next. */
    public static UUID read(ByteReader reader) throws CorruptImageException {
        return get(ByteBuffer.wrap(reader.readBytes(SIZE)), 0);
    }

    /** Returns the GUID at a position of a buffer; the buffer's order does not matter. */
    public static UUID get(ByteBuffer bytes, int position) {
        ByteBuffer little = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        long high = Integer.toUnsignedLong(little.getInt(position)) << 32
                | Short.toUnsignedLong(little.getShort(position + 4)) << 16
                | Short.toUnsignedLong(little.getShort(position + 6));
        return new UUID(high, Long.reverseBytes(little.getLong(position + 8)));
    }

    /** Puts a GUID at a position of a buffer; the buffer's order does not matter. */
    public static void put(ByteBuffer target, int position, UUID id) {
        ByteBuffer little = target.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        long high = id.getMostSignificantBits();
        little.putInt(position, (int) (high >>> 32));
        little.putShort(position + 4, (short) (high >>> 16));
        little.putShort(position + 6, (short) high);
        little.putLong(position + 8, Long.reverseBytes(id.getLeastSignificantBits()));
    }

    /** Appends a GUID to a buffer; the buffer's order does not matter. */
    public static void put(ByteBuffer target, UUID id) {
        put(target, target.position(), id);
        target.position(target.position() + SIZE);
    }
}

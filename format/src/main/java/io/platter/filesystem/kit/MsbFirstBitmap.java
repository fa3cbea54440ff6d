package io.platter.filesystem.kit;

import java.nio.ByteBuffer;

/** Bitmaps in which the first unit is the highest bit of the first byte, as in F2FS and HFS+. */
public final class MsbFirstBitmap {
    private MsbFirstBitmap() {}

    /** Returns the bitmap with the lowest bit of each byte first, as the JDK has it. */
    public static ByteBuffer reversed(byte[] bitmap) {
        ByteBuffer result = ByteBuffer.allocate(bitmap.length);
        for (byte bits : bitmap) {
            result.put((byte) (Integer.reverse(bits) >>> 24));
        }
        return result.flip();
    }
}

package io.platter.block;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;

/**
 * Takes numbers out of bytes that may be hostile: each read is checked against what is left, and a read past the end is
 * a {@link CorruptImageException} that names the place.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class ByteReader {
    private final String resource;
    private final long start;
    private final ByteBuffer bytes;

    private ByteReader(String resource, long start, ByteBuffer bytes) {
        this.resource = resource;
        this.start = start;
        this.bytes = bytes;
    }

    /**
     * Returns a reader of the bytes from the buffer's position to its limit.
     *
     * @param bytes the bytes; its position and order stay as they are
     * @param order the byte order of all numbers
     * @param resource the name of the file or device that they come from
     * @param start where in {@code resource} the first byte stands
     */
    public static ByteReader of(ByteBuffer bytes, ByteOrder order, String resource, long start) {
        return new ByteReader(resource, start, bytes.slice().order(order));
    }

    /**
     * Reads a range of a device into memory and returns a reader of it.
     *
     * @param length in bytes; the caller has checked it against a limit of its own
     * @throws CorruptImageException if the range is not inside the device
     */
    public static ByteReader read(BlockDevice device, long diskOffset, int length, ByteOrder order) throws IOException {
        if (diskOffset < 0 || length < 0 || diskOffset > device.size() - length) {
            throw new CorruptImageException(
                    device.name(), diskOffset, length + " bytes expected, the device has " + device.size());
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        device.read(bytes, diskOffset);
        return of(bytes.flip(), order, device.name(), diskOffset);
    }

    /** Returns the name of the file or device that the bytes come from. */
    public String resource() {
        return resource;
    }

    /** Returns the number of bytes that are left. */
    public int remaining() {
        return bytes.remaining();
    }

    /** Returns the position, in bytes from the first. */
    public int position() {
        return bytes.position();
    }

    /** Returns where in the resource the next byte stands. */
    public long offset() {
        return start + bytes.position();
    }

    /**
     * Moves to a position, in bytes from the first.
     *
     * @throws CorruptImageException if it lies past the end
     */
    public ByteReader seek(long position) throws CorruptImageException {
        if (position < 0 || position > bytes.limit()) {
            throw new CorruptImageException(
                    resource, start + position, "position " + position + " is past the " + bytes.limit() + " bytes");
        }
        bytes.position((int) position);
        return this;
    }

    /** Passes over bytes. */
    public ByteReader skip(int count) throws CorruptImageException {
        need(count);
        bytes.position(bytes.position() + count);
        return this;
    }

    /**
     * Passes over reserved bytes.
     *
     * @throws CorruptImageException if one of them is not zero
     */
    public ByteReader skipZeros(int count) throws CorruptImageException {
        need(count);
        for (int i = 0; i < count; i++) {
            byte found = bytes.get();
            if (found != 0) {
                throw corrupt(bytes.position() - 1, "reserved byte " + Byte.toUnsignedInt(found) + ", expected 0");
            }
        }
        return this;
    }

    /** Reads an unsigned number of one byte. */
    public int readU8() throws CorruptImageException {
        need(1);
        return Byte.toUnsignedInt(bytes.get());
    }

    /** Reads an unsigned number of two bytes. */
    public int readU16() throws CorruptImageException {
        need(2);
        return Short.toUnsignedInt(bytes.getShort());
    }

    /** Reads an unsigned number of four bytes. */
    public long readU32() throws CorruptImageException {
        need(4);
        return Integer.toUnsignedLong(bytes.getInt());
    }

    /** Reads a signed number of four bytes, or four bytes as they are. */
    public int readI32() throws CorruptImageException {
        need(4);
        return bytes.getInt();
    }

    /** Reads eight bytes as they are. */
    public long readI64() throws CorruptImageException {
        need(8);
        return bytes.getLong();
    }

    /**
     * Reads an unsigned number of eight bytes.
     *
     * @param what the field's name, for the message
     * @throws CorruptImageException if it is 2⁶³ or more: no offset or length that we can follow
     */
    public long readU63(String what) throws CorruptImageException {
        long value = readI64();
        if (value < 0) {
            throw corrupt(
                    bytes.position() - 8, what + " " + Long.toUnsignedString(value) + ", expected less than 2^63");
        }
        return value;
    }

    /** Reads bytes as they are. */
    public byte[] readBytes(int count) throws CorruptImageException {
        need(count);
        byte[] result = new byte[count];
        bytes.get(result);
        return result;
    }

    /** Reads a text of a fixed number of bytes, up to its first NUL. */
    public String readText(int count, Charset charset) throws CorruptImageException {
        String text = new String(readBytes(count), charset);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }

    /**
     * Returns the exception for a contradiction at a position.
     *
     * @param position in bytes from the first
     * @param detail what is wrong, with the value found and the value expected
     */
    public CorruptImageException corrupt(int position, String detail) {
        return new CorruptImageException(resource, start + position, detail);
    }

    private void need(int count) throws CorruptImageException {
        if (count < 0 || count > bytes.remaining()) {
            throw corrupt(bytes.position(), count + " bytes expected, " + bytes.remaining() + " left");
        }
    }
}

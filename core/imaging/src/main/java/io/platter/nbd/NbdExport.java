package io.platter.nbd;

import io.platter.Image;
import io.platter.block.BlockDevice;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * A disk that an {@link NbdServer} serves, and its name.
 *
 * <p>Immutable; the device stays the caller's, and is open as long as the server is.
 */
public final class NbdExport {
    private static final int READ_AHEAD_OF_IMAGES = 4 << 20;

    private final String name;
    private final BlockDevice device;
    private final String description;
    private final boolean writable;
    private final int readAhead;

    private NbdExport(String name, BlockDevice device, String description, boolean writable, int readAhead) {
        this.name = checked(name);
        this.device = Objects.requireNonNull(device, "device");
        this.description = checked(description);
        this.writable = writable;
        this.readAhead = readAhead;
    }

    private static String checked(String text) {
        if (text.getBytes(StandardCharsets.UTF_8).length > Protocol.MAX_STRING) {
            throw new IllegalArgumentException("a text of more than " + Protocol.MAX_STRING + " bytes");
        }
        return text;
    }

    /**
     * Returns an export of a device, for reading.
     *
     * @param name at most 4096 bytes of UTF-8; clients that name none get the export with the empty name, or the only one
     * @param device used by several threads at a time
     */
    public static NbdExport of(String name, BlockDevice device) {
        return new NbdExport(name, device, "", false, 0);
    }

    /**
     * Returns an export of an image's disk, for reading. What was not kept reads as zeros and is a hole; what could not be
     * read when the image was captured can't be read here either. What a client reads in order is decoded ahead.
     *
     * @param name at most 4096 bytes of UTF-8
     */
    public static NbdExport of(String name, Image image) {
        return new NbdExport(name, new FaithfulImage(image), "", false, READ_AHEAD_OF_IMAGES);
    }

    /** Returns this export with a text for people, at most 4096 bytes of UTF-8. */
    public NbdExport describedAs(String text) {
        return new NbdExport(name, device, text, writable, readAhead);
    }

    /**
     * Returns this export for reading and writing.
     *
     * @throws IllegalArgumentException if the device can't be written; to let clients write over an image, lay an {@link
     *     io.platter.block.OverlayFile} over it
     */
    public NbdExport writable() {
        if (!device.isWritable()) {
            throw new IllegalArgumentException(device.name() + " can't be written");
        }
        return new NbdExport(name, device, description, true, readAhead);
    }

    /**
     * Returns this export with another distance by which the server reads ahead of a client that reads in order: for devices
     * that keep what they have decoded.
     *
     * @param bytes 0 for none, up to 32 MiB
     */
    public NbdExport readAhead(int bytes) {
        if (bytes < 0 || bytes > Protocol.MAX_PAYLOAD) {
            throw new IllegalArgumentException(
                    "read-ahead of " + bytes + " bytes, expected 0 to " + Protocol.MAX_PAYLOAD);
        }
        return new NbdExport(name, device, description, writable, bytes);
    }

    /** Returns the name that clients ask for. */
    public String name() {
        return name;
    }

    /** Returns what is served. */
    public BlockDevice device() {
        return device;
    }

    /** Returns a text for people, empty if there is none. */
    public String description() {
        return description;
    }

    /** Tells whether clients may write. */
    public boolean isWritable() {
        return writable;
    }

    /** Returns by how many bytes the server reads ahead. */
    public int readAhead() {
        return readAhead;
    }

    /** Returns the flags by which a client learns what it may ask for. */
    int transmissionFlags() {
        int flags = Protocol.HAS_FLAGS | Protocol.SEND_DF | Protocol.SEND_CACHE | Protocol.CAN_MULTI_CONN;
        int writing = Protocol.SEND_FLUSH | Protocol.SEND_FUA | Protocol.SEND_TRIM | Protocol.SEND_WRITE_ZEROES;
        // One device for all connections: what one has written others read, and a flush is of all that was written.
        return flags | (writable ? writing : Protocol.READ_ONLY | Protocol.SEND_FLUSH);
    }

    @Override
    public String toString() {
        return "export " + (name.isEmpty() ? "without a name" : name) + " of " + device.name()
                + (writable ? ", writable" : "");
    }
}

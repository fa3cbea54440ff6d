package io.platter.block;

/**
 * How a device is opened.
 *
 * <p>Immutable.
 */
public enum OpenMode {
    /** For reading, beside others. */
    READ,
    /** For reading, and nobody else may hold the device as his own while it is open. */
    READ_EXCLUSIVE,
    /** For reading and writing; nobody else may hold the device as his own while it is open. */
    WRITE
}

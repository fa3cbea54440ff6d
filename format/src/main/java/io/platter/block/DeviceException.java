package io.platter.block;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A device that could not read, write or do what it was asked. */
public final class DeviceException extends IOException {
    private static final long serialVersionUID = 1;

    private final String device;
    private final String operation;
    private final long diskOffset;
    private final int osError;

    /**
     * Creates the exception.
     *
     * @param device the name of the device
     * @param operation what was asked of it, in a word such as {@code read}
     * @param diskOffset where on the device, in bytes, or −1 if the operation has no place
     * @param osError the operating system's error code, or 0 if none is known
     * @param reason what went wrong, such as the error code's text
     * @param cause what the JDK threw, or null
     */
    public DeviceException(
            String device, String operation, long diskOffset, int osError, String reason, @Nullable Throwable cause) {
        super(
                operation + " of " + device + (diskOffset < 0 ? "" : " at disk offset " + diskOffset) + " failed: "
                        + reason + (osError == 0 ? "" : " (error " + osError + ")"),
                cause);
        this.device = device;
        this.operation = operation;
        this.diskOffset = diskOffset;
        this.osError = osError;
    }

    /** Returns the name of the device. */
    public String device() {
        return device;
    }

    /** Returns what was asked of the device. */
    public String operation() {
        return operation;
    }

    /** Tells whether this is a read that failed, such as that of a bad sector; else the device as a whole failed. */
    public boolean isRead() {
        return operation.equals("read");
    }

    /** Returns where on the device, in bytes, or −1 if the operation has no place. */
    public long diskOffset() {
        return diskOffset;
    }

    /** Returns the operating system's error code, or 0 if none is known. */
    public int osError() {
        return osError;
    }
}

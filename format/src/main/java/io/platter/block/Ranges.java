package io.platter.block;

/** Checks of ranges, in one place. */
final class Ranges {
    private Ranges() {}

    static void check(BlockDevice device, long diskOffset, long length) {
        if (diskOffset < 0 || length < 0 || diskOffset > device.size() - length) {
            throw new IllegalArgumentException("range of " + length + " bytes at disk offset " + diskOffset
                    + " is not inside " + device.name() + " of " + device.size() + " bytes");
        }
    }

    /** Checks a run that holds a byte and ends where a {@code long} can say it. */
    static void checkRun(long offset, long length) {
        if ((offset | length - 1 | offset + length) < 0) {
            throw new IllegalArgumentException(
                    "length " + length + " at offset " + offset + ", expected 1 or more at 0 or more");
        }
    }

    static void checkWritable(BlockDevice device) {
        if (!device.isWritable()) {
            throw new IllegalStateException(device.name() + " is open for reading only");
        }
    }
}

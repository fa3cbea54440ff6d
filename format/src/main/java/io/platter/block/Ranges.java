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

    static void checkWritable(BlockDevice device) {
        if (!device.isWritable()) {
            throw new IllegalStateException(device.name() + " is open for reading only");
        }
    }
}

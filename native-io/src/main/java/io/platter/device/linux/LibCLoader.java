package io.platter.device.linux;

import com.sun.jna.Native;
import io.platter.block.DeviceException;

/** Loads JNA and the C library when first asked. */
final class LibCLoader {
    private LibCLoader() {}

    private static final class Loaded {
        static final LibC LIBC = Native.load("c", LibC.class);
    }

    /**
     * Returns the C library.
     *
     * @param device what it is needed for
     * @throws DeviceException if the system or the options of the Java machine don't let native code be loaded
     */
    static LibC libc(String device) throws DeviceException {
        try {
            return Loaded.LIBC;
        } catch (LinkageError e) {
            throw new DeviceException(
                    device, "open", -1, 0, "native code can't be loaded; is native access enabled? " + e, e);
        }
    }
}

package io.platter.device.windows;

import com.sun.jna.Native;
import io.platter.block.DeviceException;

/** Loads JNA and {@code kernel32.dll} when first asked. */
final class Kernel32Loader {
    private Kernel32Loader() {}

    private static final class Loaded {
        static final Kernel32 KERNEL32 = Native.load("kernel32", Kernel32.class);
    }

    /**
     * Returns the library.
     *
     * @param device what it is needed for
     * @throws DeviceException if the system or the options of the Java machine don't let native code be loaded
     */
    static Kernel32 kernel32(String device) throws DeviceException {
        try {
            return Loaded.KERNEL32;
        } catch (LinkageError e) {
            throw new DeviceException(
                    device, "open", -1, 0, "native code can't be loaded; is native access enabled? " + e, e);
        }
    }
}

package io.platter.device.windows;

import com.sun.jna.Native;
import io.platter.block.DeviceException;
import io.platter.device.platform.NativeCode;

/** Loads JNA and {@code kernel32.dll} when first asked. */
final class Kernel32Loader {
    private Kernel32Loader() {}

    private static final class Loaded {
        static final Kernel32 LIBRARY = Native.load("kernel32", Kernel32.class);
    }

    /** Returns the library, which is needed for a device; see {@link NativeCode}. */
    static Kernel32 kernel32(String device) throws DeviceException {
        return NativeCode.load(device, () -> Loaded.LIBRARY);
    }
}

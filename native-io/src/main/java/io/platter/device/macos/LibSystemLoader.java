package io.platter.device.macos;

import com.sun.jna.Native;
import io.platter.block.DeviceException;
import io.platter.device.platform.NativeCode;

/** Loads JNA and {@code libSystem} when first asked. */
final class LibSystemLoader {
    private LibSystemLoader() {}

    private static final class Loaded {
        static final LibSystem LIBRARY = Native.load("System", LibSystem.class);
    }

    /** Returns the library, which is needed for a device; see {@link NativeCode}. */
    static LibSystem libSystem(String device) throws DeviceException {
        return NativeCode.load(device, () -> Loaded.LIBRARY);
    }
}

package io.platter.device.linux;

import com.sun.jna.Native;
import io.platter.block.DeviceException;
import io.platter.device.platform.NativeCode;

/** Loads JNA and the C library when first asked. */
final class LibCLoader {
    private LibCLoader() {}

    private static final class Loaded {
        static final LibC LIBRARY = Native.load("c", LibC.class);
    }

    /** Returns the library, which is needed for a device; see {@link NativeCode}. */
    static LibC libc(String device) throws DeviceException {
        return NativeCode.load(device, () -> Loaded.LIBRARY);
    }
}

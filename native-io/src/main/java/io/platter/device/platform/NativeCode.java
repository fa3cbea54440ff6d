package io.platter.device.platform;

import io.platter.block.DeviceException;
import java.util.function.Supplier;

/** The one place where native code is loaded, or turns out not to be. */
public final class NativeCode {
    private NativeCode() {}

    /**
     * Returns a native library.
     *
     * @param device what it is needed for
     * @param library loads it the first time
     * @throws DeviceException if the system or the options of the Java machine don't let native code be loaded
     */
    public static <T> T load(String device, Supplier<T> library) throws DeviceException {
        try {
            return library.get();
        } catch (LinkageError e) {
            throw new DeviceException(
                    device, "open", -1, 0, "native code can't be loaded; is native access enabled? " + e, e);
        }
    }
}

package io.platter.nativeio.platform;

import io.platter.block.DeviceException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A native library that is loaded when it is first needed: the one place where native code is loaded, or turns out not
 * to be.
 *
 * <p>Safe for use by several threads.
 */
public final class NativeLibrary<T> {
    private final Supplier<T> loader;
    private volatile @Nullable T loaded;

    /** Takes what loads the library, and JNA with it. */
    public NativeLibrary(Supplier<T> loader) {
        this.loader = loader;
    }

    /**
     * Returns the library.
     *
     * @param device what it is needed for
     * @throws DeviceException if the system or the options of the Java machine don't let native code be loaded
     */
    public T neededFor(String device) throws DeviceException {
        T library = loaded;
        try {
            return library == null ? load() : library;
        } catch (LinkageError e) {
            throw new DeviceException(
                    device, "open", -1, 0, "native code can't be loaded; is native access enabled? " + e, e);
        }
    }

    private synchronized T load() {
        T library = loaded;
        if (library == null) {
            library = loader.get();
            loaded = library;
        }
        return library;
    }
}

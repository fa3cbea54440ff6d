import io.platter.block.BlockDeviceProvider;
import io.platter.device.platform.MachineProvider;
import org.jspecify.annotations.NullMarked;

/**
 * The machine: raw disks, and what only the operating system knows of a file.
 *
 * @since 0.1.0
 */
@NullMarked
module io.platter.nativeio {
    requires static transitive org.jspecify;
    requires transitive io.platter.format;
    requires com.sun.jna;

    exports io.platter.device;

    // JNA implements the interfaces of libraries by reflection.
    opens io.platter.device.linux to
            com.sun.jna;
    opens io.platter.device.macos to
            com.sun.jna;
    opens io.platter.device.posix to
            com.sun.jna;
    opens io.platter.device.windows to
            com.sun.jna;

    provides BlockDeviceProvider with
            MachineProvider;
}

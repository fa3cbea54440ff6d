import io.platter.block.BlockDeviceProvider;
import io.platter.device.Machine;
import io.platter.nativeio.linux.LinuxMachine;
import io.platter.nativeio.macos.MacMachine;
import io.platter.nativeio.windows.WindowsMachine;
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

    // JNA implements the interfaces of libraries by reflection.
    opens io.platter.nativeio.linux to
            com.sun.jna;
    opens io.platter.nativeio.macos to
            com.sun.jna;
    opens io.platter.nativeio.posix to
            com.sun.jna;
    opens io.platter.nativeio.windows to
            com.sun.jna;

    provides BlockDeviceProvider with
            LinuxMachine,
            MacMachine,
            WindowsMachine;
    provides Machine with
            LinuxMachine,
            MacMachine,
            WindowsMachine;
}

package io.platter.device.linux;

import io.platter.device.platform.FileSpace;
import io.platter.device.platform.Machine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Linux with a 64-bit C library.
 *
 * <p>Neither this class nor its methods' signatures name a type of JNA, so that loading it loads none.
 */
public final class LinuxMachine implements Machine {
    /** Creates the machine. */
    public LinuxMachine() {}

    @Override
    public Optional<FileSpace> fileSpace(Path path, @Nullable Object fileKey, boolean writable) throws IOException {
        return LinuxFileSpace.open(path, fileKey, writable);
    }
}

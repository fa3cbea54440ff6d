package io.platter.device.platform;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One operating system.
 *
 * <p>Safe for use by several threads.
 */
public interface Machine {
    /**
     * Opens what the system knows of the room of a regular file; loads JNA.
     *
     * @param fileKey the key of the file that is meant, as {@link java.nio.file.attribute.BasicFileAttributes#fileKey}
     *     has it; null where the system has none
     * @return nothing if the system can't tell, or if another file stands at the path by now
     */
    Optional<FileSpace> fileSpace(Path path, @Nullable Object fileKey, boolean writable) throws IOException;

    /** Returns the operating system that this program runs on, or nothing if it is one that we do not know. */
    static Optional<Machine> current() {
        String name = System.getProperty("os.name", "");
        return name.equals("Linux") ? Optional.of(new io.platter.device.linux.LinuxMachine()) : Optional.empty();
    }
}

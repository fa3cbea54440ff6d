package io.platter.device.platform;

import io.platter.block.Backing;
import io.platter.block.DiskUse;
import io.platter.block.OpenMode;
import io.platter.device.DiskDescription;
import io.platter.device.DiskOpenOptions;
import io.platter.device.RawDisk;
import io.platter.device.Snapshot;
import io.platter.device.linux.LinuxMachine;
import io.platter.device.macos.MacMachine;
import io.platter.device.windows.WindowsMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One operating system. The methods about disks are those of {@link io.platter.device.RawDisks}.
 *
 * <p>Safe for use by several threads.
 */
public interface Machine {
    /** Processors of 64 bits whose systems number ioctls as our constants do; some others have numbers of their own. */
    Set<String> PROCESSORS = Set.of("amd64", "x86_64", "aarch64", "riscv64");

    /** Describes all disks that have a medium. */
    List<DiskDescription> disks(List<Path> ownFiles) throws IOException;

    /** Describes one disk or partition. */
    DiskDescription describe(Path path, List<Path> ownFiles) throws IOException;

    /** Opens a disk or partition. */
    RawDisk open(Path path, OpenMode mode, DiskOpenOptions options) throws IOException;

    /** Holds a mounted filesystem still. */
    Snapshot freeze(Path mountPoint, Duration limit, List<Path> ownFiles) throws IOException;

    /** Tells whether a path is one that {@link #open} takes, and not a regular file. */
    boolean isDisk(Path path) throws IOException;

    /**
     * Returns on what a disk or a regular file stands.
     *
     * @see io.platter.block.Backed#backing
     */
    List<Backing> backing(Path path) throws IOException;

    /** Returns what uses a disk, or a regular file as if it were one; nothing where the system does not tell. */
    List<DiskUse> uses(Path path) throws IOException;

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
        if (!PROCESSORS.contains(System.getProperty("os.arch", ""))) {
            return Optional.empty();
        }
        if (name.equals("Linux")) {
            return Optional.of(LinuxMachine.ofThisSystem());
        }
        if (name.startsWith("Windows")) {
            return Optional.of(WindowsMachine.ofThisSystem());
        }
        return name.startsWith("Mac") ? Optional.of(MacMachine.ofThisSystem()) : Optional.empty();
    }
}

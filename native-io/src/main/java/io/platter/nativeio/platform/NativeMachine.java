package io.platter.nativeio.platform;

import io.platter.block.Backing;
import io.platter.block.BlockDevice;
import io.platter.block.BlockDeviceProvider;
import io.platter.block.DiskUse;
import io.platter.block.OpenMode;
import io.platter.device.DiskOpenOptions;
import io.platter.device.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One operating system, as a provider of raw disks and of paths: regular files are opened with their holes, device nodes
 * as raw disks.
 *
 * <p>Safe for use by several threads.
 */
public abstract class NativeMachine implements Machine, BlockDeviceProvider {
    /** Processors of 64 bits whose systems number ioctls as our constants do; some others have numbers of their own. */
    private static final Set<String> PROCESSORS = Set.of("amd64", "x86_64", "aarch64", "riscv64");

    /** Creates a machine. */
    protected NativeMachine() {}

    /** Tells whether this is the system of a name, as the property {@code os.name} has it. */
    protected abstract boolean isNamed(String system);

    /** Tells whether a path is one that {@link #open(Path, OpenMode, DiskOpenOptions)} takes, and not a regular file. */
    protected abstract boolean isDisk(Path path) throws IOException;

    /**
     * Returns on what a disk or a regular file stands.
     *
     * @see io.platter.block.Backed#backing
     */
    protected abstract List<Backing> backingOf(Path path) throws IOException;

    /** Returns what uses a disk, or a regular file as if it were one; nothing where the system does not tell. */
    protected abstract List<DiskUse> usesOf(Path path) throws IOException;

    /**
     * Opens what the system knows of the room of a regular file; loads JNA.
     *
     * @param fileKey the key of the file that is meant, as {@link java.nio.file.attribute.BasicFileAttributes#fileKey}
     *     has it; null where the system has none
     * @return nothing if the system can't tell, or if another file stands at the path by now
     */
    protected abstract Optional<FileSpace> fileSpace(Path path, @Nullable Object fileKey, boolean writable)
            throws IOException;

    @Override
    public final boolean isCurrent() {
        return PROCESSORS.contains(System.getProperty("os.arch", "")) && isNamed(System.getProperty("os.name", ""));
    }

    @Override
    public final Optional<BlockDevice> open(Path path, OpenMode mode) throws IOException {
        if (!isCurrent()) {
            return Optional.empty();
        }
        if (Files.isRegularFile(path)) {
            return Optional.of(SparseFile.open(path, mode, this));
        }
        return isDisk(path) ? Optional.of(open(path, mode, DiskOpenOptions.defaults())) : Optional.empty();
    }

    @Override
    public final List<Backing> backing(Path path) throws IOException {
        return isCurrent() ? backingOf(path) : List.of();
    }

    @Override
    public final List<DiskUse> uses(Path path) throws IOException {
        return isCurrent() ? usesOf(path) : List.of();
    }
}

package io.platter.device;

import io.platter.block.DiskInUseException;
import io.platter.block.DiskUse;
import io.platter.block.OpenMode;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;

/**
 * The disks of the machine, as the module {@code io.platter.nativeio} knows them, or another that provides a
 * {@link Machine}.
 *
 * <p>Safe for use by several threads.
 */
public final class RawDisks {
    private RawDisks() {}

    /**
     * Returns all disks that have a medium, in the order of their paths.
     *
     * @param ownFiles files, such as the image to be written, whose disks shall show a use of
     *     {@link DiskUse.Kind#HOLDS_FILE}; they need not exist yet
     * @throws IOException if the system can't be asked
     * @throws UnsupportedOperationException on a system that no {@link Machine} knows
     */
    public static List<DiskDescription> list(Path... ownFiles) throws IOException {
        return machine().disks(List.of(ownFiles));
    }

    /**
     * Describes one disk or partition.
     *
     * @param path its device node, or a link to it
     * @param ownFiles see {@link #list}
     * @throws NoSuchFileException if there is none
     * @throws IOException if the path is no disk, or the system can't be asked
     * @throws UnsupportedOperationException on a system that no {@link Machine} knows
     */
    public static DiskDescription describe(Path path, Path... ownFiles) throws IOException {
        return machine().describe(Objects.requireNonNull(path, "path"), List.of(ownFiles));
    }

    /**
     * Opens a disk with {@link DiskOpenOptions#defaults()}.
     *
     * @see #open(Path, OpenMode, DiskOpenOptions)
     * @throws IOException as there
     */
    public static RawDisk open(Path path, OpenMode mode) throws IOException {
        return open(path, mode, DiskOpenOptions.defaults());
    }

    /**
     * Opens a disk or a partition.
     *
     * @param path its device node, or a link to it
     * @param mode {@link OpenMode#WRITE} and {@link OpenMode#READ_EXCLUSIVE} hold it exclusively
     * @param options what may be overridden
     * @return the open disk, which the caller closes
     * @throws NoSuchFileException if there is none
     * @throws DiskInUseException if it has a use that does not go with the mode and is not overridden
     * @throws io.platter.block.DeviceException if the system can't open it
     * @throws UnsupportedOperationException on a system that no {@link Machine} knows
     */
    public static RawDisk open(Path path, OpenMode mode, DiskOpenOptions options) throws IOException {
        return machine()
                .open(
                        Objects.requireNonNull(path, "path"),
                        Objects.requireNonNull(mode, "mode"),
                        Objects.requireNonNull(options, "options"));
    }

    /**
     * Holds a mounted filesystem still: writes to it wait, what was written is on the disk, and the disk is as if it had
     * been unmounted, until the snapshot is closed. Linux only; needs the rights of the administrator, and the programs
     * {@code sh}, {@code setsid}, {@code timeout} and {@code fsfreeze}.
     *
     * <p>The filesystem comes free in any case: a small process of its own waits beside, and thaws when this Java
     * machine ends without having done so, however it ends, or when {@code limit} is over. Then {@link Snapshot#close}
     * fails, because what was read since is not of one moment. Only if that process is killed too, as when a whole
     * control group is, the filesystem stays frozen, until {@code fsfreeze --unfreeze}.
     *
     * @param mountPoint where the filesystem is mounted
     * @param limit how long it may be held at most
     * @param ownFiles files that are written meanwhile, such as the image and logs: on this filesystem, their writer
     *     would wait for itself
     * @throws IllegalArgumentException if one of these files is, or will be, on the filesystem
     * @throws io.platter.block.DeviceException if the filesystem can't be frozen, or is frozen by somebody else
     * @throws IOException if the process that watches can't be started, or nothing is mounted there
     * @throws UnsupportedOperationException on any system but Linux
     */
    public static Snapshot freeze(Path mountPoint, Duration limit, Path... ownFiles) throws IOException {
        return machine().freeze(mountPoint, Objects.requireNonNull(limit, "limit"), List.of(ownFiles));
    }

    private static Machine machine() {
        return ServiceLoader.load(Machine.class, RawDisks.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .filter(Machine::isCurrent)
                .findFirst()
                .orElseThrow(() -> new UnsupportedOperationException("no raw disks on "
                        + System.getProperty("os.name") + " " + System.getProperty("os.arch")
                        + ": platter-native-io does not know it, or is not on the path"));
    }
}

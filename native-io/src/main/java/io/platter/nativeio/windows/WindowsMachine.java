package io.platter.nativeio.windows;

import io.platter.block.Backing;
import io.platter.block.DeviceException;
import io.platter.block.DiskUse;
import io.platter.block.OpenMode;
import io.platter.device.DiskDescription;
import io.platter.device.DiskOpenOptions;
import io.platter.device.RawDisk;
import io.platter.nativeio.platform.FileSpace;
import io.platter.nativeio.platform.NativeMachine;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * 64-bit Windows.
 *
 * <p>Neither this class nor its methods' signatures name a type of JNA, so that loading it loads none.
 */
public final class WindowsMachine extends NativeMachine {
    private static final String DRIVE = "\\\\.\\physicaldrive";

    /** Creates the machine, for {@link java.util.ServiceLoader}. */
    public WindowsMachine() {}

    @Override
    protected boolean isNamed(String system) {
        return system.startsWith("Windows");
    }

    @Override
    public List<DiskDescription> disks(List<Path> ownFiles) throws IOException {
        return new WindowsDisks(Kernel32.LIBRARY.neededFor("disks")).list(ownFiles);
    }

    @Override
    public DiskDescription describe(Path path, List<Path> ownFiles) throws IOException {
        OptionalInt number = driveNumber(path);
        if (number.isEmpty()) {
            throw new FileSystemException(path.toString(), null, "not a physical drive");
        }
        return new WindowsDisks(Kernel32.LIBRARY.neededFor(path.toString())).describe(number.getAsInt(), ownFiles);
    }

    @Override
    public RawDisk open(Path path, OpenMode mode, DiskOpenOptions options) throws IOException {
        WindowsDiskOpener opener = new WindowsDiskOpener(Kernel32.LIBRARY.neededFor(path.toString()));
        OptionalInt number = driveNumber(path);
        if (number.isPresent()) {
            return opener.openDrive(number.getAsInt(), mode, options);
        }
        if (!isDisk(path) || mode != OpenMode.READ) {
            throw new FileSystemException(path.toString(), null, "not a physical drive, or a volume to be read");
        }
        return opener.openVolume(deviceName(path), options);
    }

    @Override
    protected boolean isDisk(Path path) {
        // Java takes no path of the other form for devices, which has a question mark in place of the dot.
        return path.toString().startsWith("\\\\.\\");
    }

    @Override
    protected List<Backing> backingOf(Path path) throws IOException {
        OptionalInt number = driveNumber(path);
        if (number.isPresent()) {
            return List.of(Backing.of(WindowsDisks.identity(number.getAsInt())));
        }
        WindowsDisks disks;
        try {
            disks = new WindowsDisks(Kernel32.LIBRARY.neededFor(path.toString()));
        } catch (DeviceException e) {
            return List.of(); // No disk can be opened then either.
        }
        return isDisk(path) ? disks.backingOfVolume(deviceName(path)) : disks.disksOfFile(path);
    }

    /** Windows tells of no file that it is a virtual disk which is attached; it keeps such a file from being written. */
    @Override
    protected List<DiskUse> usesOf(Path path) throws IOException {
        return driveNumber(path).isPresent() ? describe(path, List.of()).uses() : List.of();
    }

    @Override
    protected Optional<FileSpace> fileSpace(Path path, @Nullable Object fileKey, boolean writable) throws IOException {
        return Optional.of(
                WindowsFileSpace.open(Kernel32.LIBRARY.neededFor(path.toString()), fileName(path), writable));
    }

    static OptionalInt driveNumber(Path path) {
        String name = deviceName(path);
        if (!name.toLowerCase(Locale.ROOT).startsWith(DRIVE)) {
            return OptionalInt.empty();
        }
        String number = name.substring(DRIVE.length());
        return number.matches("[0-9]{1,4}") ? OptionalInt.of(Integer.parseInt(number)) : OptionalInt.empty();
    }

    /** Names of more than {@code MAX_PATH} characters are taken only in their literal form, as Java has them too. */
    static String fileName(Path path) {
        String name = path.toAbsolutePath().toString();
        if (name.length() < 248 || name.startsWith("\\\\?\\")) {
            return name;
        }
        return name.startsWith("\\\\") ? "\\\\?\\UNC" + name.substring(1) : "\\\\?\\" + name;
    }

    /** Java puts a backslash after the name of a device, which would open a directory. */
    private static String deviceName(Path path) {
        return path.toString().replaceFirst("\\\\+$", "");
    }
}

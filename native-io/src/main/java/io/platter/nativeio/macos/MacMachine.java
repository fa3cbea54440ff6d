package io.platter.nativeio.macos;

import io.platter.block.Backing;
import io.platter.block.DiskUse;
import io.platter.block.OpenMode;
import io.platter.device.DiskDescription;
import io.platter.device.DiskOpenOptions;
import io.platter.device.RawDisk;
import io.platter.nativeio.platform.FileSpace;
import io.platter.nativeio.platform.NativeMachine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * 64-bit macOS.
 *
 * <p>Neither this class nor its methods' signatures name a type of JNA, so that loading it loads none.
 */
public final class MacMachine extends NativeMachine {
    private static MacDiskOpener opener(String device) throws IOException {
        return new MacDiskOpener(LibSystem.LIBRARY.neededFor(device), Path.of("/dev"), MacDisks.ofThisSystem());
    }

    /** Creates the machine, for {@link java.util.ServiceLoader}. */
    public MacMachine() {}

    @Override
    protected boolean isNamed(String system) {
        return system.startsWith("Mac");
    }

    @Override
    public List<DiskDescription> disks(List<Path> ownFiles) throws IOException {
        return opener("disks").disks().list(ownFiles);
    }

    @Override
    public DiskDescription describe(Path path, List<Path> ownFiles) throws IOException {
        return opener(path.toString()).disks().describe(path, ownFiles);
    }

    @Override
    public RawDisk open(Path path, OpenMode mode, DiskOpenOptions options) throws IOException {
        return opener(path.toString()).open(path, mode, options);
    }

    @Override
    protected boolean isDisk(Path path) {
        return MacDisks.isDisk(path);
    }

    @Override
    protected List<Backing> backingOf(Path path) throws IOException {
        return isDisk(path) ? MacDisks.backing(path) : MacDisks.backingOfFile(path, MacDisks.ofThisSystem());
    }

    /** macOS tells of no file that it is a disk image which is attached. */
    @Override
    protected List<DiskUse> usesOf(Path path) throws IOException {
        return isDisk(path) ? describe(path, List.of()).uses() : List.of();
    }

    @Override
    protected Optional<FileSpace> fileSpace(Path path, @Nullable Object fileKey, boolean writable) throws IOException {
        return MacFileSpace.open(LibSystem.LIBRARY.neededFor(path.toString()), path, fileKey, writable);
    }
}

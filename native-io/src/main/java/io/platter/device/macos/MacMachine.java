package io.platter.device.macos;

import io.platter.block.Backing;
import io.platter.block.DiskUse;
import io.platter.block.OpenMode;
import io.platter.device.DiskDescription;
import io.platter.device.DiskOpenOptions;
import io.platter.device.RawDisk;
import io.platter.device.Snapshot;
import io.platter.device.platform.FileSpace;
import io.platter.device.platform.Machine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * 64-bit macOS.
 *
 * <p>Neither this class nor its methods' signatures name a type of JNA, so that loading it loads none.
 */
public final class MacMachine implements Machine {
    private MacMachine() {}

    /** Returns the machine that this program runs on. */
    public static Machine ofThisSystem() {
        return new MacMachine();
    }

    private static MacDiskOpener opener(String device) throws IOException {
        return new MacDiskOpener(LibSystemLoader.libSystem(device), Path.of("/dev"), MacDisks.ofThisSystem());
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

    /** macOS has no freeze; its snapshots are taken by the application, as its own. */
    @Override
    public Snapshot freeze(Path mountPoint, Duration limit, List<Path> ownFiles) {
        throw new UnsupportedOperationException("no freeze on macOS");
    }

    @Override
    public boolean isDisk(Path path) {
        return MacDisks.isDisk(path);
    }

    @Override
    public List<Backing> backing(Path path) throws IOException {
        return isDisk(path) ? MacDisks.backing(path) : MacDisks.backingOfFile(path, MacDisks.ofThisSystem());
    }

    /** macOS tells of no file that it is a disk image which is attached. */
    @Override
    public List<DiskUse> uses(Path path) throws IOException {
        return isDisk(path) ? describe(path, List.of()).uses() : List.of();
    }

    @Override
    public Optional<FileSpace> fileSpace(Path path, @Nullable Object fileKey, boolean writable) throws IOException {
        return MacFileSpace.open(LibSystemLoader.libSystem(path.toString()), path, fileKey, writable);
    }
}

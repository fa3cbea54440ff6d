package io.platter.nativeio.linux;

import io.platter.block.Backing;
import io.platter.block.DiskUse;
import io.platter.block.OpenMode;
import io.platter.device.DiskDescription;
import io.platter.device.DiskOpenOptions;
import io.platter.device.RawDisk;
import io.platter.device.Snapshot;
import io.platter.nativeio.platform.FileSpace;
import io.platter.nativeio.platform.NativeMachine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Linux with a 64-bit C library.
 *
 * <p>Neither this class nor its methods' signatures name a type of JNA, so that loading it loads none.
 */
public final class LinuxMachine extends NativeMachine {
    private final SystemTree tree;

    /** Creates the machine, for {@link java.util.ServiceLoader}. */
    public LinuxMachine() {
        this.tree = SystemTree.ofThisSystem();
    }

    @Override
    protected boolean isNamed(String system) {
        return system.equals("Linux");
    }

    @Override
    public List<DiskDescription> disks(List<Path> ownFiles) throws IOException {
        return new LinuxDisks(tree).list(ownFiles);
    }

    @Override
    public DiskDescription describe(Path path, List<Path> ownFiles) throws IOException {
        LinuxDisks disks = new LinuxDisks(tree);
        return disks.describe(disks.nameOf(path), ownFiles);
    }

    @Override
    public RawDisk open(Path path, OpenMode mode, DiskOpenOptions options) throws IOException {
        return new LinuxDiskOpener(tree, LibC.LIBRARY.neededFor(path.toString())).open(path, mode, options);
    }

    @Override
    public Snapshot freeze(Path mountPoint, Duration limit, List<Path> ownFiles) throws IOException {
        return LinuxFreeze.of(tree, LibC.LIBRARY.neededFor(mountPoint.toString()), mountPoint, limit, ownFiles);
    }

    @Override
    protected boolean isDisk(Path path) throws IOException {
        return tree.nodes().ofNode(path).isPresent();
    }

    @Override
    protected List<Backing> backingOf(Path path) throws IOException {
        BlockClass blocks = new BlockClass(tree);
        Optional<String> name = blocks.byNode(path);
        if (name.isPresent()) {
            return LinuxBacking.ofDevice(blocks, name.get());
        }
        return tells() ? LinuxBacking.ofFile(blocks, new FilePlaces(tree, blocks), path) : List.of();
    }

    @Override
    protected List<DiskUse> usesOf(Path path) throws IOException {
        BlockClass blocks = new BlockClass(tree);
        Optional<String> name = blocks.byNode(path);
        if (name.isPresent()) {
            return new DiskUses(tree, blocks, List.of()).of(name.get());
        }
        return tells() ? new DiskUses(tree, blocks, List.of()).ofFile(path) : List.of();
    }

    /** Files are also written where {@code /proc} is not mounted, as in a bare changed root; disks are not. */
    private boolean tells() {
        return Files.exists(tree.proc().resolve("self/mountinfo"));
    }

    @Override
    protected Optional<FileSpace> fileSpace(Path path, @Nullable Object fileKey, boolean writable) throws IOException {
        return LinuxFileSpace.open(path, fileKey, writable);
    }
}

package io.platter.device.linux;

import io.platter.block.DiskUse;
import io.platter.block.DiskUse.Kind;
import io.platter.block.FileIdentity;
import io.platter.device.linux.LoopFiles.LoopFile;
import io.platter.device.linux.MountTable.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who uses a device or a file that stands for one, at one moment; also through partitions, volume managers, RAID and loop
 * devices over it.
 */
final class DiskUses {
    private static final Set<Path> SYSTEM_DIRECTORIES = Set.of(
            Path.of("/"),
            Path.of("/boot"),
            Path.of("/boot/efi"),
            Path.of("/efi"),
            Path.of("/usr"),
            Path.of("/var"),
            Path.of("/etc"));

    private record Found(DiskUse use, Set<FileIdentity> used) {}

    private record Loop(String name, FileIdentity file) {}

    private final BlockClass blocks;
    private final FilePlaces places;
    private final List<Found> all = new ArrayList<>();
    private final List<Loop> loops = new ArrayList<>();

    DiskUses(SystemTree tree, BlockClass blocks, List<Path> ownFiles) throws IOException {
        this.blocks = blocks;
        this.places = new FilePlaces(tree, blocks);
        for (Mount mount : places.mounts()) {
            addMount(mount);
        }
        for (Path swap : MountTable.swaps(tree.proc())) {
            Set<FileIdentity> used = below(places.devicesOf(swap));
            if (Files.isRegularFile(swap)) {
                used.add(FileIdentity.of(swap));
            }
            add(Kind.SWAP, "swap on " + swap, used);
        }
        for (Path file : ownFiles) {
            add(Kind.HOLDS_FILE, file.toString(), below(places.devicesOf(file)));
        }
        for (String disk : blocks.disks()) {
            Optional<LoopFile> loop = blocks.loops().behind(disk);
            if (loop.isPresent()) {
                loops.add(new Loop(disk, loop.get().identity()));
                Set<FileIdentity> used = new HashSet<>(Set.of(loop.get().identity()));
                used.addAll(below(loop.get().device().stream().toList()));
                add(Kind.HELD, "by " + blocks.node(disk), used);
            }
        }
    }

    /** Returns the uses of a disk or partition, each once. */
    List<DiskUse> of(String name) throws IOException {
        Set<DiskUse> uses = new LinkedHashSet<>();
        if (SystemTree.numericAttribute(blocks.directory(name).resolve("ro")) != 0) {
            uses.add(new DiskUse(Kind.READ_ONLY, "the system says so"));
        }
        addUsers(blocks.identity(name), uses);
        addHolders(name, uses);
        return List.copyOf(uses);
    }

    /** Returns the uses of a regular file, each once. */
    List<DiskUse> ofFile(Path file) throws IOException {
        FileIdentity identity = FileIdentity.of(file);
        Set<DiskUse> uses = new LinkedHashSet<>();
        addUsers(identity, uses);
        for (Loop loop : loops) {
            if (loop.file().equals(identity)) {
                addHolders(loop.name(), uses);
            }
        }
        return List.copyOf(uses);
    }

    private void addUsers(FileIdentity identity, Set<DiskUse> uses) {
        for (Found found : all) {
            if (found.used.contains(identity)) {
                uses.add(found.use);
            }
        }
    }

    private void addHolders(String name, Set<DiskUse> uses) throws IOException {
        addHoldersOf(name, uses);
        for (String partition : blocks.partitionNames(name)) {
            addHoldersOf(partition, uses);
        }
    }

    private void addHoldersOf(String name, Set<DiskUse> uses) throws IOException {
        for (String holder : blocks.holders(name)) {
            uses.add(new DiskUse(Kind.HELD, blocks.node(name) + " by " + blocks.node(holder)));
        }
    }

    private void addMount(Mount mount) throws IOException {
        Set<FileIdentity> used = below(places.devicesOf(mount));
        String detail = mount.source() + " on " + mount.mountPoint();
        add(Kind.MOUNTED, detail, used);
        if (SYSTEM_DIRECTORIES.contains(mount.mountPoint())) {
            add(Kind.SYSTEM, detail, used);
        }
    }

    private void add(Kind kind, String detail, Set<FileIdentity> used) {
        if (!used.isEmpty()) {
            all.add(new Found(new DiskUse(kind, detail), used));
        }
    }

    private Set<FileIdentity> below(Collection<String> names) throws IOException {
        Set<FileIdentity> below = new HashSet<>();
        for (String name : names) {
            blocks.gatherBelow(name, below);
        }
        return below;
    }
}

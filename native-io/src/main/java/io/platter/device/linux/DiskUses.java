package io.platter.device.linux;

import io.platter.device.DiskUse;
import io.platter.device.DiskUse.Kind;
import io.platter.device.linux.MountTable.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Who uses a device, at one moment; also through partitions, volume managers, RAID and loop devices over it. */
final class DiskUses {
    private static final Set<Path> SYSTEM_DIRECTORIES = Set.of(
            Path.of("/"),
            Path.of("/boot"),
            Path.of("/boot/efi"),
            Path.of("/efi"),
            Path.of("/usr"),
            Path.of("/var"),
            Path.of("/etc"));

    private record Found(DiskUse use, Set<String> devices) {}

    private final SystemTree tree;
    private final BlockClass blocks;
    private final List<Found> all = new ArrayList<>();

    DiskUses(SystemTree tree, BlockClass blocks, List<Path> ownFiles) throws IOException {
        this.tree = tree;
        this.blocks = blocks;
        List<Mount> mounts = MountTable.mounts(tree.proc());
        for (Mount mount : mounts) {
            addMount(mount);
        }
        for (Path swap : MountTable.swaps(tree.proc())) {
            add(Kind.SWAP, "swap on " + swap, devicesOf(swap, mounts));
        }
        for (Path file : ownFiles) {
            add(Kind.HOLDS_FILE, file.toString(), devicesOf(file, mounts));
        }
        for (String disk : blocks.disks()) {
            Optional<Path> backing = blocks.backingFile(disk);
            if (backing.isPresent() && Files.exists(backing.get())) {
                Optional<String> device = blocks.byNode(backing.get());
                if (device.isPresent()) {
                    add(Kind.HELD, "by " + blocks.node(disk), below(device.get()));
                }
            }
        }
    }

    /** Returns the uses of a disk or partition, each once. */
    List<DiskUse> of(String name) throws IOException {
        Set<DiskUse> uses = new LinkedHashSet<>();
        if (SystemTree.numericAttribute(blocks.directory(name).resolve("ro")) != 0) {
            uses.add(new DiskUse(Kind.READ_ONLY, "the system says so"));
        }
        for (Found found : all) {
            if (found.devices.contains(name)) {
                uses.add(found.use);
            }
        }
        addHolders(name, uses);
        for (String partition : blocks.partitionNames(name)) {
            addHolders(partition, uses);
        }
        return List.copyOf(uses);
    }

    private void addHolders(String name, Set<DiskUse> uses) throws IOException {
        for (String holder : blocks.holders(name)) {
            uses.add(new DiskUse(Kind.HELD, blocks.node(name) + " by " + blocks.node(holder)));
        }
    }

    private void addMount(Mount mount) throws IOException {
        Set<String> devices = devicesOf(mount);
        String detail = mount.source() + " on " + mount.mountPoint();
        add(Kind.MOUNTED, detail, devices);
        if (SYSTEM_DIRECTORIES.contains(mount.mountPoint())) {
            add(Kind.SYSTEM, detail, devices);
        }
    }

    private void add(Kind kind, String detail, Set<String> devices) {
        if (!devices.isEmpty()) {
            all.add(new Found(new DiskUse(kind, detail), devices));
        }
    }

    /** A filesystem over several devices, such as btrfs, has a number of no device, and names one as its source. */
    private Set<String> devicesOf(Mount mount) throws IOException {
        Optional<String> device = blocks.byNumber(mount.number());
        if (device.isEmpty() && mount.source().startsWith("/")) {
            Path source = Path.of(mount.source());
            device = Files.exists(source) ? blocks.byNode(source) : Optional.empty();
        }
        if (device.isEmpty()) {
            return Set.of();
        }
        Set<String> devices = new HashSet<>(below(device.get()));
        for (String other : btrfsCompanions(device.get())) {
            devices.addAll(below(other));
        }
        return devices;
    }

    /** Returns the devices that make up one btrfs with this one. Source: btrfs(5), /sys/fs/btrfs/UUID/devices. */
    private List<String> btrfsCompanions(String device) throws IOException {
        Path filesystems = tree.sys().resolve("fs/btrfs");
        for (String filesystem : SystemTree.names(filesystems)) {
            List<String> devices =
                    SystemTree.names(filesystems.resolve(filesystem).resolve("devices"));
            if (devices.contains(device)) {
                return devices;
            }
        }
        return List.of();
    }

    /** Returns the devices under a device node, or under a file that exists or will stand in a directory that does. */
    private Set<String> devicesOf(Path path, List<Mount> mounts) throws IOException {
        Path existing = SystemTree.existing(path);
        Optional<String> device = blocks.byNode(existing);
        if (device.isEmpty()) {
            device = blocks.byNumber(tree.nodes().holding(existing));
        }
        if (device.isPresent()) {
            return below(device.get());
        }
        Set<String> devices = Set.of();
        int depth = -1;
        for (Mount mount : mounts) {
            // Of two mounts on one directory, the later hides the earlier.
            if (existing.startsWith(mount.mountPoint()) && mount.mountPoint().getNameCount() >= depth) {
                depth = mount.mountPoint().getNameCount();
                devices = devicesOf(mount);
            }
        }
        return devices;
    }

    private Set<String> below(String name) throws IOException {
        Set<String> names = new HashSet<>();
        blocks.gatherBelow(name, names);
        return names;
    }
}

package io.platter.nativeio.linux;

import io.platter.nativeio.linux.MountTable.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** On which devices filesystems and files stand, by the devices' names. */
final class FilePlaces {
    private final SystemTree tree;
    private final BlockClass blocks;
    private final List<Mount> mounts;

    FilePlaces(SystemTree tree, BlockClass blocks) throws IOException {
        this.tree = tree;
        this.blocks = blocks;
        this.mounts = MountTable.mounts(tree.proc());
    }

    List<Mount> mounts() {
        return mounts;
    }

    /** A filesystem over several devices, such as btrfs, has a number of no device, and names one as its source. */
    List<String> devicesOf(Mount mount) throws IOException {
        Optional<String> device = blocks.byNumber(mount.number());
        if (device.isEmpty() && mount.source().startsWith("/")) {
            Path source = Path.of(mount.source());
            device = Files.exists(source) ? blocks.byNode(source) : Optional.empty();
        }
        if (device.isEmpty()) {
            return List.of();
        }
        List<String> devices = new ArrayList<>(btrfsCompanions(device.get()));
        devices.add(device.get());
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

    /** Returns the device of a node, or those under a file that exists or will stand in a directory that does. */
    List<String> devicesOf(Path path) throws IOException {
        // A link to an open file that was deleted leads to it, but has no real path.
        Path existing = Files.exists(path) ? path : SystemTree.existing(path);
        Optional<String> device = blocks.byNode(existing);
        if (device.isEmpty()) {
            device = blocks.byNumber(tree.nodes().holding(existing));
        }
        if (device.isPresent()) {
            return List.of(device.get());
        }
        Path real = existing.toRealPath();
        List<String> devices = List.of();
        int depth = -1;
        for (Mount mount : mounts) {
            // Of two mounts on one directory, the later hides the earlier.
            if (real.startsWith(mount.mountPoint()) && mount.mountPoint().getNameCount() >= depth) {
                depth = mount.mountPoint().getNameCount();
                devices = devicesOf(mount);
            }
        }
        return devices;
    }
}

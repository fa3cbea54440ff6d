package io.platter.nativeio.linux;

import io.platter.block.Backing;
import io.platter.block.Backing.Relation;
import io.platter.block.DiskUse;
import io.platter.block.DiskUse.Kind;
import io.platter.block.FileIdentity;
import io.platter.nativeio.linux.MountTable.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Who uses a device or a file that stands for one, at one moment; also through partitions, volume managers, RAID and loop
 * devices over it. What uses bytes uses everything that stands for these bytes: two loop devices over one file, or a
 * partition's node and a loop device over that part of its disk.
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

    /** A use, and the bytes that it uses. */
    private record Found(DiskUse use, List<Backing> used) {}

    private final BlockClass blocks;
    private final FilePlaces places;
    /** Those of bytes, whatever stands for them. */
    private final List<Found> all = new ArrayList<>();
    /** A loop device holds what it is built over. What else stands for the same bytes is not held by that alone. */
    private final List<Found> loops = new ArrayList<>();
    /** Devices that are built over others, by LVM, RAID and the like. */
    private final List<Found> holders = new ArrayList<>();

    DiskUses(SystemTree tree, BlockClass blocks, List<Path> ownFiles) throws IOException {
        this.blocks = blocks;
        this.places = new FilePlaces(tree, blocks);
        for (Mount mount : places.mounts()) {
            addMount(mount);
        }
        for (Path swap : MountTable.swaps(tree.proc())) {
            all.add(new Found(
                    new DiskUse(Kind.SWAP, "swap on " + swap),
                    Files.isRegularFile(swap)
                            ? LinuxBacking.ofFile(blocks, places, swap)
                            : under(places.devicesOf(swap))));
        }
        for (Path file : ownFiles) {
            all.add(new Found(new DiskUse(Kind.HOLDS_FILE, file.toString()), LinuxBacking.under(blocks, places, file)));
        }
        for (String disk : blocks.disks()) {
            if (blocks.loops().under(disk).isPresent()) {
                FileIdentity itself = blocks.identity(disk);
                loops.add(new Found(
                        new DiskUse(Kind.HELD, "by " + blocks.node(disk)),
                        under(List.of(disk)).stream()
                                .filter(below -> below.relation() != Relation.STORED_ON
                                        && !below.storage().equals(itself))
                                .toList()));
            }
            addHolders(disk);
            for (String partition : blocks.partitionNames(disk)) {
                addHolders(partition);
            }
        }
    }

    /** Returns the uses of a disk or partition, each once. */
    List<DiskUse> of(String name) throws IOException {
        Set<DiskUse> uses = new LinkedHashSet<>();
        if (SystemTree.numericAttribute(blocks.directory(name).resolve("ro")) != 0) {
            uses.add(new DiskUse(Kind.READ_ONLY, "the system says so"));
        }
        // What it is only inside of, such as a volume group's disk, has other parts, which are nothing to it.
        addUses(
                LinuxBacking.ofDevice(blocks, name).stream()
                        .filter(below -> below.relation() == Relation.SAME)
                        .toList(),
                uses);
        return List.copyOf(uses);
    }

    /** Returns the uses of a regular file, each once. */
    List<DiskUse> ofFile(Path file) throws IOException {
        Set<DiskUse> uses = new LinkedHashSet<>();
        addUses(List.of(Backing.of(FileIdentity.of(file))), uses);
        return List.copyOf(uses);
    }

    /** Adds the uses of a device, of which the first of all that it stands on is itself. */
    private void addUses(List<Backing> bytes, Set<DiskUse> uses) {
        addUses(all, bytes, uses);
        addUses(loops, bytes.subList(0, 1), uses);
        addUses(holders, bytes, uses);
    }

    private static void addUses(List<Found> found, List<Backing> bytes, Set<DiskUse> uses) {
        for (Found each : found) {
            if (Backing.overwritten(bytes, each.used).isPresent()) {
                uses.add(each.use);
            }
        }
    }

    private void addHolders(String name) throws IOException {
        for (String holder : blocks.holders(name)) {
            holders.add(new Found(
                    new DiskUse(Kind.HELD, blocks.node(name) + " by " + blocks.node(holder)),
                    LinuxBacking.ofDevice(blocks, name).stream()
                            .filter(below -> below.relation() == Relation.SAME)
                            .toList()));
        }
    }

    private void addMount(Mount mount) throws IOException {
        List<Backing> used = under(places.devicesOf(mount));
        String detail = mount.source() + " on " + mount.mountPoint();
        all.add(new Found(new DiskUse(Kind.MOUNTED, detail), used));
        if (SYSTEM_DIRECTORIES.contains(mount.mountPoint())) {
            all.add(new Found(new DiskUse(Kind.SYSTEM, detail), used));
        }
    }

    private List<Backing> under(List<String> devices) throws IOException {
        List<Backing> under = new ArrayList<>();
        for (String device : devices) {
            under.addAll(LinuxBacking.ofDevice(blocks, device));
        }
        return under;
    }
}

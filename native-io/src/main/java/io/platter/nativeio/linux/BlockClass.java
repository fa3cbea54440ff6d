package io.platter.nativeio.linux;

import io.platter.block.FileIdentity;
import io.platter.device.SystemPartition;
import io.platter.nativeio.linux.LoopFiles.LoopFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The block devices as {@code /sys/class/block} shows them, by the names that the kernel gives them. Source:
 * Documentation/ABI/stable/sysfs-block of the kernel.
 */
final class BlockClass {
    /** The unit of {@code size} and {@code start}, whatever the sectors of the device are; in bytes. */
    static final int UNIT = 512;

    private final SystemTree tree;
    private final LoopFiles loops;

    BlockClass(SystemTree tree) {
        this.tree = tree;
        this.loops = new LoopFiles(tree, this);
    }

    /** Returns the names of all whole disks, sorted. */
    List<String> disks() throws IOException {
        return SystemTree.names(tree.sys().resolve("block"));
    }

    Path directory(String name) {
        return tree.sys().resolve("class/block").resolve(name);
    }

    /** Returns the device node. A slash in a node's path is an exclamation mark in the kernel's name. */
    Path node(String name) {
        return tree.dev().resolve(name.replace('!', '/'));
    }

    /** Returns the name of the device with a number, or nothing if it is no block device. */
    Optional<String> byNumber(String number) throws IOException {
        Path link = tree.sys().resolve("dev/block").resolve(number);
        return Files.exists(link) ? Optional.of(lastName(link.toRealPath())) : Optional.empty();
    }

    /** Returns the name of the device that a node, or a link to one, stands for, or nothing if the path is something else. */
    Optional<String> byNode(Path path) throws IOException {
        Optional<String> number = tree.nodes().ofNode(path);
        return number.isPresent() ? byNumber(number.get()) : Optional.empty();
    }

    boolean isPartition(String name) {
        return Files.exists(directory(name).resolve("partition"));
    }

    /** Returns the name of the whole disk, which may be the device itself. */
    String wholeDisk(String name) throws IOException {
        return isPartition(name)
                ? lastName(directory(name).toRealPath().resolve("..").normalize())
                : name;
    }

    /** Returns the size in bytes. */
    long size(String name) throws IOException {
        return Math.multiplyExact(SystemTree.numericAttribute(directory(name).resolve("size")), UNIT);
    }

    /** Returns where a partition starts on its disk, in bytes. */
    long start(String name) throws IOException {
        return Math.multiplyExact(SystemTree.numericAttribute(directory(name).resolve("start")), UNIT);
    }

    /** Returns the names of the partitions of a disk. */
    List<String> partitionNames(String disk) throws IOException {
        List<String> partitions = new ArrayList<>();
        for (String name : SystemTree.names(directory(disk))) {
            if (Files.exists(directory(disk).resolve(name).resolve("partition"))) {
                partitions.add(name);
            }
        }
        return partitions;
    }

    /** Returns the partitions of a disk by number. */
    List<SystemPartition> partitions(String disk) throws IOException {
        List<SystemPartition> partitions = new ArrayList<>();
        for (String name : partitionNames(disk)) {
            Path directory = directory(disk).resolve(name);
            long number = SystemTree.numericAttribute(directory.resolve("partition"));
            if (number > 0) { // else it went away meanwhile
                partitions.add(new SystemPartition(
                        Math.toIntExact(number),
                        node(name),
                        Math.multiplyExact(SystemTree.numericAttribute(directory.resolve("start")), UNIT),
                        Math.multiplyExact(SystemTree.numericAttribute(directory.resolve("size")), UNIT)));
            }
        }
        partitions.sort(Comparator.comparingInt(SystemPartition::number));
        return partitions;
    }

    /** Returns the names of the devices that are built over a device by LVM, RAID and the like. */
    List<String> holders(String name) throws IOException {
        return SystemTree.names(directory(name).resolve("holders"));
    }

    /** Returns what loop devices are built over. */
    LoopFiles loops() {
        return loops;
    }

    /** Returns the identity of a device. */
    FileIdentity identity(String name) {
        return FileIdentity.ofDisk(SystemTree.attribute(directory(name).resolve("dev")));
    }

    /** Returns the device whose filesystem holds the file under a loop device, if it is a file, and on one device. */
    Optional<String> holder(LoopFile loop) throws IOException {
        return loop.holder().isPresent() ? byNumber(loop.holder().get()) : Optional.empty();
    }

    private static String lastName(Path path) {
        return String.valueOf(path.getFileName());
    }
}

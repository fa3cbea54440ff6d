package io.platter.nativeio.linux;

import io.platter.block.DiskUse;
import io.platter.block.DiskUse.Kind;
import io.platter.block.FileFailure;
import io.platter.device.DiskDescription;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The disks as sysfs and {@code /proc} tell of them; needs no native call and no rights. */
final class LinuxDisks {
    private static final Pattern BUS = Pattern.compile("/(usb|nvme|ata|mmc|virtio|firewire|virtual)[^/]*/");

    private final SystemTree tree;
    private final BlockClass blocks;

    LinuxDisks(SystemTree tree) {
        this.tree = tree;
        this.blocks = new BlockClass(tree);
    }

    List<DiskDescription> list(List<Path> ownFiles) throws IOException {
        DiskUses uses = new DiskUses(tree, blocks, ownFiles);
        List<DiskDescription> disks = new ArrayList<>();
        for (String name : blocks.disks()) {
            if (blocks.size(name) > 0) {
                disks.add(describe(name, uses));
            }
        }
        return disks;
    }

    DiskDescription describe(String name, List<Path> ownFiles) throws IOException {
        return describe(name, new DiskUses(tree, blocks, ownFiles));
    }

    /**
     * Returns the kernel's name of the device at a path.
     *
     * @throws NoSuchFileException if nothing is there
     * @throws FileSystemException if it is no block device
     */
    String nameOf(Path path) throws IOException {
        Optional<String> name;
        try {
            name = blocks.byNode(path);
        } catch (FileSystemException e) {
            throw FileFailure.of(path, "can't be opened", e);
        }
        return name.orElseThrow(() -> new FileSystemException(path.toString(), null, "not a block device"));
    }

    BlockClass blocks() {
        return blocks;
    }

    private DiskDescription describe(String name, DiskUses uses) throws IOException {
        Path disk = blocks.directory(blocks.wholeDisk(name));
        Path queue = disk.resolve("queue");
        int logicalSectorSize = sectorSize(queue.resolve("logical_block_size"), 512);
        long size = blocks.size(name);
        List<DiskUse> found = uses.of(name);
        return new DiskDescription(
                blocks.node(name),
                (SystemTree.attribute(disk.resolve("device/vendor")).replaceFirst("^0x.*|^ATA$", "") + " "
                                + SystemTree.attribute(disk.resolve("device/model")))
                        .strip(),
                serial(disk),
                first(SystemTree.attribute(disk.resolve("wwid")), SystemTree.attribute(disk.resolve("device/wwid"))),
                bus(disk),
                size - size % logicalSectorSize, // the kernel reads no part of a sector
                logicalSectorSize,
                sectorSize(queue.resolve("physical_block_size"), 512),
                SystemTree.numericAttribute(disk.resolve("removable")) != 0,
                found.stream().anyMatch(use -> use.kind() == Kind.READ_ONLY),
                SystemTree.numericAttribute(queue.resolve("rotational")) != 0,
                blocks.partitions(name),
                found);
    }

    private static int sectorSize(Path attribute, int otherwise) throws IOException {
        long size = SystemTree.numericAttribute(attribute);
        return size == 0 ? otherwise : Math.toIntExact(size);
    }

    /** Each family of drivers has its own place for the number. */
    private String serial(Path disk) throws IOException {
        String plain = first(
                SystemTree.attribute(disk.resolve("serial")), SystemTree.attribute(disk.resolve("device/serial")));
        Path page = disk.resolve("device/vpd_pg80");
        if (plain.isEmpty() && Files.isReadable(page)) {
            byte[] bytes = Files.readAllBytes(page);
            // SPC-5 §7.7.19, unit serial number page: a header of 4 bytes, then ASCII.
            return bytes.length <= 4 ? "" : new String(bytes, 4, bytes.length - 4, StandardCharsets.US_ASCII).strip();
        }
        return plain.isEmpty() ? udevProperty(disk, "ID_SERIAL_SHORT") : plain;
    }

    /** What udev found out by asking the device; the way for disks on USB. */
    private String udevProperty(Path disk, String key) throws IOException {
        Path database = tree.run().resolve("udev/data/b" + SystemTree.attribute(disk.resolve("dev")));
        if (!Files.isReadable(database)) {
            return "";
        }
        String start = "E:" + key + "=";
        return Files.readString(database, StandardCharsets.ISO_8859_1)
                .lines()
                .filter(line -> line.startsWith(start))
                .map(line -> line.substring(start.length()))
                .findFirst()
                .orElse("");
    }

    private static String bus(Path disk) throws IOException {
        Matcher matcher = BUS.matcher(disk.toRealPath().toString());
        String bus = "";
        while (matcher.find()) {
            // The last one is the nearest to the disk: a USB adapter stands after PCI, an ATA disk after its port.
            bus = matcher.group(1);
        }
        Path subsystem = disk.resolve("device/subsystem");
        return bus.isEmpty() && Files.exists(subsystem)
                ? String.valueOf(subsystem.toRealPath().getFileName())
                : bus;
    }

    private static String first(String preferred, String otherwise) {
        return preferred.isEmpty() ? otherwise : preferred;
    }
}

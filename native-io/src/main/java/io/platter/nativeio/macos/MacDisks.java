package io.platter.nativeio.macos;

import com.sun.jna.Memory;
import io.platter.block.Backing;
import io.platter.block.Backing.Relation;
import io.platter.block.DeviceException;
import io.platter.block.DiskUse;
import io.platter.block.DiskUse.Kind;
import io.platter.block.FileIdentity;
import io.platter.device.DiskDescription;
import io.platter.device.SystemPartition;
import io.platter.nativeio.posix.Descriptor;
import io.platter.nativeio.posix.PosixConstants;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The disks as {@code /dev} and ioctls tell of them.
 *
 * <p>What these do not tell stays open: maker, serial number, bus; and on which disk the container of an APFS stands,
 * which is a disk of its own here. The kernel itself refuses to open a disk for writing as long as a volume on it is
 * mounted for writing, through containers too.
 */
final class MacDisks {
    private static final Pattern NAME = Pattern.compile("r?(disk[0-9]+)(s([0-9]+))?");

    /** A mounted filesystem: the device, and a text that names the place. */
    record Mount(String device, String text) {}

    /** What is mounted, and where files stand. A test has its own. */
    interface Mounts {
        /** Returns all mounted filesystems. */
        List<Mount> all();

        /** Returns the device on which a file that exists stands. */
        String holding(Path file) throws IOException;
    }

    private final LibSystem system;
    private final Path dev;
    private final Mounts mounts;

    MacDisks(LibSystem system, Path dev, Mounts mounts) {
        this.system = system;
        this.dev = dev;
        this.mounts = mounts;
    }

    /** Returns the mounts as Java knows them from {@code getfsstat}. */
    static Mounts ofThisSystem() {
        return new Mounts() {
            @Override
            public List<Mount> all() {
                List<Mount> all = new ArrayList<>();
                FileSystems.getDefault()
                        .getFileStores()
                        .forEach(store -> all.add(new Mount(store.name(), store.toString())));
                return all;
            }

            @Override
            public String holding(Path file) throws IOException {
                return Files.getFileStore(file).name();
            }
        };
    }

    /** Returns whether a path is that of a disk or of a part of one. */
    static boolean isDisk(Path path) {
        return path.startsWith("/dev")
                && path.getNameCount() == 2
                && NAME.matcher(path.getFileName().toString()).matches();
    }

    List<DiskDescription> list(List<Path> ownFiles) throws IOException {
        List<DiskDescription> disks = new ArrayList<>();
        try (DirectoryStream<Path> nodes = Files.newDirectoryStream(dev, "disk*")) {
            for (Path node : nodes) {
                if (node.getFileName().toString().matches("disk[0-9]+")) {
                    try {
                        disks.add(describe(node, ownFiles));
                    } catch (DeviceException e) {
                        if (e.osError() != PosixConstants.ENXIO) { // no medium
                            throw e;
                        }
                    }
                }
            }
        }
        disks.sort(Comparator.comparing(DiskDescription::path));
        return disks;
    }

    DiskDescription describe(Path path, List<Path> ownFiles) throws IOException {
        Matcher name = NAME.matcher(String.valueOf(path.getFileName()));
        if (!name.matches()) {
            throw new FileSystemException(path.toString(), null, "not a disk");
        }
        // The raw node moves whole sectors past the cache, and can be opened while the other is mounted.
        Path raw = dev.resolve("r" + String.valueOf(path.getFileName()).replaceFirst("^r", ""));
        try (Descriptor device = Descriptor.open(system, raw, MacConstants.O_RDONLY | MacConstants.O_CLOEXEC)) {
            int sector = number(device, "DKIOCGETBLOCKSIZE", MacConstants.DKIOCGETBLOCKSIZE);
            long count = device.ioctlNumber("DKIOCGETBLOCKCOUNT", MacConstants.DKIOCGETBLOCKCOUNT);
            boolean readOnly = number(device, "DKIOCISWRITABLE", MacConstants.DKIOCISWRITABLE) == 0;
            return new DiskDescription(
                    raw,
                    "",
                    "",
                    "",
                    "",
                    Math.multiplyExact(count, sector),
                    sector,
                    Math.max(
                            sector,
                            number(device, "DKIOCGETPHYSICALBLOCKSIZE", MacConstants.DKIOCGETPHYSICALBLOCKSIZE)),
                    false,
                    readOnly,
                    false,
                    name.group(2) == null ? partitions(name.group(1), sector) : List.of(),
                    uses(raw.getFileName().toString().substring(1), readOnly, ownFiles));
        }
    }

    private List<SystemPartition> partitions(String disk, int sector) throws IOException {
        List<SystemPartition> partitions = new ArrayList<>();
        try (DirectoryStream<Path> nodes = Files.newDirectoryStream(dev, "r" + disk + "s*")) {
            for (Path node : nodes) {
                Matcher name = NAME.matcher(node.getFileName().toString());
                if (name.matches() && name.group(3) != null) {
                    partitions.add(partition(node, Integer.parseInt(name.group(3)), sector));
                }
            }
        } catch (DeviceException e) {
            if (e.osError() != MacConstants.ENOTTY) { // the kernel may keep DKIOCGETBASE for itself
                throw e;
            }
            return List.of();
        }
        partitions.sort(Comparator.comparingInt(SystemPartition::number));
        return partitions;
    }

    private SystemPartition partition(Path node, int number, int sector) throws DeviceException {
        try (Descriptor device = Descriptor.open(system, node, MacConstants.O_RDONLY | MacConstants.O_CLOEXEC)) {
            long start = device.ioctlNumber("DKIOCGETBASE", MacConstants.DKIOCGETBASE);
            long count = device.ioctlNumber("DKIOCGETBLOCKCOUNT", MacConstants.DKIOCGETBLOCKCOUNT);
            return new SystemPartition(number, node, start, Math.multiplyExact(count, sector));
        }
    }

    private List<DiskUse> uses(String name, boolean readOnly, List<Path> ownFiles) throws IOException {
        List<DiskUse> uses = new ArrayList<>();
        if (readOnly) {
            uses.add(new DiskUse(Kind.READ_ONLY, "the system says so"));
        }
        for (Mount mount : mounts.all()) {
            if (isOn(mount.device(), name)) {
                uses.add(new DiskUse(Kind.MOUNTED, mount.text()));
            }
        }
        if (isOn(mounts.holding(Path.of("/")), name)) {
            uses.add(new DiskUse(Kind.SYSTEM, "/"));
        }
        for (Path file : ownFiles) {
            if (isOn(mounts.holding(existing(file)), name)) {
                uses.add(new DiskUse(Kind.HOLDS_FILE, file.toString()));
            }
        }
        return uses;
    }

    /** Returns on what a disk or partition stands, as far as its name tells. */
    static List<Backing> backing(Path disk) {
        String name = disk.getFileName().toString().replaceFirst("^r", "");
        List<Backing> backing = new ArrayList<>();
        backing.add(Backing.of(FileIdentity.ofDisk(name)));
        addWhole(name, Relation.INSIDE, backing);
        return backing;
    }

    /** Returns on what a file stands: its volume, and all whose names start that of its volume. */
    static List<Backing> backingOfFile(Path file, Mounts mounts) throws IOException {
        String device = mounts.holding(file);
        String name = device.startsWith("/dev/") ? device.substring("/dev/".length()) : device;
        List<Backing> backing = new ArrayList<>();
        backing.add(Backing.of(FileIdentity.of(file)));
        if (name.startsWith("disk")) {
            backing.add(Backing.of(FileIdentity.ofDisk(name), Relation.STORED_ON));
            addWhole(name, Relation.STORED_ON, backing);
        }
        return backing;
    }

    /** {@code disk3s1s1} is on {@code disk3s1}, and that on {@code disk3}. */
    private static void addWhole(String name, Relation relation, List<Backing> backing) {
        for (int end = name.lastIndexOf('s'); end > "disk".length(); end = name.lastIndexOf('s', end - 1)) {
            backing.add(Backing.of(FileIdentity.ofDisk(name.substring(0, end)), relation));
        }
    }

    /** Tells whether a device is a disk or partition, or a part of it: {@code disk3s1s1} is on {@code disk3s1}. */
    private static boolean isOn(String device, String name) {
        String plain = device.startsWith("/dev/") ? device.substring("/dev/".length()) : device;
        return plain.equals(name) || plain.startsWith(name + "s");
    }

    private static Path existing(Path path) {
        Path existing = path.toAbsolutePath();
        while (!Files.exists(existing)) {
            Path parent = existing.getParent();
            if (parent == null) {
                return existing;
            }
            existing = parent;
        }
        return existing;
    }

    /** Asks for a number of 32 bits. */
    static int number(Descriptor device, String name, long request) throws DeviceException {
        try (Memory number = new Memory(4)) {
            number.setInt(0, 0);
            device.ioctl(name, request, number);
            return number.getInt(0);
        }
    }
}

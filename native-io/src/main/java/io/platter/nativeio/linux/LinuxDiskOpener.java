package io.platter.nativeio.linux;

import io.platter.block.DeviceException;
import io.platter.block.DiskUse.Kind;
import io.platter.block.OpenMode;
import io.platter.device.DiskCapabilities;
import io.platter.device.DiskDescription;
import io.platter.device.DiskOpenOptions;
import io.platter.device.RawDisk;
import io.platter.nativeio.platform.Refusal;
import io.platter.nativeio.platform.SectorDisk;
import io.platter.nativeio.posix.Descriptor;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Opens a block device, or says why not. */
final class LinuxDiskOpener {
    /** Uses for which the kernel refuses an exclusive hold. */
    private static final Set<Kind> HINDERING = Set.of(Kind.MOUNTED, Kind.SWAP, Kind.HELD, Kind.BUSY);

    private final SystemTree tree;
    private final LibC libc;
    private final LinuxDisks disks;

    LinuxDiskOpener(SystemTree tree, LibC libc) {
        this.tree = tree;
        this.libc = libc;
        this.disks = new LinuxDisks(tree);
    }

    RawDisk open(Path path, OpenMode mode, DiskOpenOptions options) throws IOException {
        String name = disks.nameOf(path);
        Path attributes = disks.blocks().directory(disks.blocks().wholeDisk(name));
        long sequence = SystemTree.numericAttribute(attributes.resolve("diskseq"));
        DiskDescription description = disks.describe(name, List.of());
        if (mode == OpenMode.WRITE) {
            Refusal.check(description, options);
        }
        boolean direct = options.directIo();
        Descriptor device = openDevice(description, mode, options, direct);
        try {
            checkSame(device, description, sequence);
            LinuxDiskChannel channel = new LinuxDiskChannel(
                    libc,
                    device,
                    description,
                    new KernelPartitions(tree, disks.blocks(), device, name),
                    new WriteCount(tree, disks.blocks(), name));
            Path queue = attributes.resolve("queue");
            DiskCapabilities capabilities = new DiskCapabilities(
                    direct,
                    SystemTree.numericAttribute(queue.resolve("discard_max_bytes")) > 0,
                    SystemTree.numericAttribute(queue.resolve("write_zeroes_max_bytes")) > 0);
            return new SectorDisk(
                    channel,
                    description,
                    capabilities,
                    LinuxBacking.ofDevice(disks.blocks(), name),
                    mode == OpenMode.WRITE);
        } catch (IOException e) {
            device.close();
            throw e;
        }
    }

    private Descriptor openDevice(DiskDescription description, OpenMode mode, DiskOpenOptions options, boolean direct)
            throws IOException {
        int flags = access(mode) | (direct ? LinuxConstants.oDirect(System.getProperty("os.arch")) : 0);
        if (mode == OpenMode.READ) {
            return Descriptor.open(libc, description.path(), flags);
        }
        try {
            return Descriptor.open(libc, description.path(), flags | LinuxConstants.O_EXCL);
        } catch (DeviceException e) {
            if (e.osError() != LinuxConstants.EBUSY) {
                throw e;
            }
            boolean overridden = mode == OpenMode.WRITE
                    && (options.overridden().contains(Kind.BUSY)
                            || description.uses().stream()
                                    .anyMatch(use -> HINDERING.contains(use.kind())
                                            && options.overridden().contains(use.kind())));
            if (!overridden) {
                throw Refusal.busy(description, "another program or device holds it exclusively", e);
            }
            return Descriptor.open(libc, description.path(), flags);
        }
    }

    /** Makes sure that what was opened is what was described, and was not pulled out and replaced in between. */
    private static void checkSame(Descriptor device, DiskDescription description, long sequence) throws IOException {
        long size = LinuxDiskChannel.addressableSize(device, description.logicalSectorSize());
        // Kernels from 5.15 on count the disks that they have seen.
        boolean same = size == description.size()
                && (sequence == 0 || sequence == device.ioctlNumber("BLKGETDISKSEQ", LinuxConstants.BLKGETDISKSEQ));
        if (!same) {
            throw new FileSystemException(
                    description.path().toString(), null, "another disk took this place while it was opened");
        }
    }

    private static int access(OpenMode mode) {
        return LinuxConstants.O_CLOEXEC | (mode == OpenMode.WRITE ? LinuxConstants.O_RDWR : LinuxConstants.O_RDONLY);
    }
}

package io.platter.nativeio.linux;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.platter.block.DeviceException;
import io.platter.device.SystemPartition;
import io.platter.nativeio.platform.Awaiting;
import io.platter.nativeio.posix.Descriptor;
import io.platter.nativeio.posix.PosixConstants;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Makes the kernel see the partitions of a disk.
 *
 * <p>First the kernel reads the table ({@code BLKRRPART}). It may not know the kind of table, may have been built
 * without any, or may refuse because a partition is in use; so what it found is compared, and what differs is told to it
 * partition by partition ({@code BLKPG}), which leaves those alone that are right. Device nodes appear a moment later,
 * and udev opens each to look at it; the wait ends when every node is there and udev has nothing left to do.
 */
final class KernelPartitions {
    /** Offsets in {@code struct blkpg_ioctl_arg}: linux/blkpg.h. */
    static final int ARG_OP = 0, ARG_DATALEN = 8, ARG_DATA = 16, ARG_SIZE = 24;

    /** Offsets in {@code struct blkpg_partition}: linux/blkpg.h. */
    static final int PART_START = 0, PART_LENGTH = 8, PART_PNO = 16, PART_SIZE = 152;

    private final SystemTree tree;
    private final BlockClass blocks;
    private final Descriptor device;
    private final String name;

    KernelPartitions(SystemTree tree, BlockClass blocks, Descriptor device, String name) {
        this.tree = tree;
        this.blocks = blocks;
        this.device = device;
        this.name = name;
    }

    List<SystemPartition> announce(List<SystemPartition> expected, Duration timeout) throws IOException {
        device.fsync();
        device.ioctl("BLKFLSBUF", LinuxConstants.BLKFLSBUF, 0);
        try {
            device.ioctl("BLKRRPART", LinuxConstants.BLKRRPART, 0);
        } catch (DeviceException e) {
            // Busy, or no partitions by tables on this device: BLKPG says the same, or works.
            if (e.osError() != LinuxConstants.EBUSY && e.osError() != PosixConstants.EINVAL) {
                throw e;
            }
        }
        for (SystemPartition present : blocks.partitions(name)) {
            correct(present, expected);
        }
        List<SystemPartition> left = blocks.partitions(name);
        for (SystemPartition partition : expected) {
            if (find(left, partition.number()).isEmpty()) {
                blkpg(LinuxConstants.BLKPG_ADD_PARTITION, partition);
            }
        }
        return Awaiting.partitions(blocks.node(name).toString(), expected, timeout, this::ready);
    }

    private void correct(SystemPartition present, List<SystemPartition> expected) throws DeviceException {
        Optional<SystemPartition> wanted = find(expected, present.number());
        if (wanted.isEmpty() || wanted.get().diskOffset() != present.diskOffset()) {
            blkpg(LinuxConstants.BLKPG_DEL_PARTITION, present);
        } else if (wanted.get().size() != present.size()) {
            blkpg(LinuxConstants.BLKPG_RESIZE_PARTITION, wanted.get());
        }
    }

    private static Optional<SystemPartition> find(List<SystemPartition> partitions, int number) {
        return partitions.stream().filter(p -> p.number() == number).findFirst();
    }

    private void blkpg(int operation, SystemPartition partition) throws DeviceException {
        try (Memory data = new Memory(PART_SIZE);
                Memory argument = new Memory(ARG_SIZE)) {
            data.clear();
            data.setLong(PART_START, partition.diskOffset());
            data.setLong(PART_LENGTH, partition.size());
            data.setInt(PART_PNO, partition.number());
            argument.clear();
            argument.setInt(ARG_OP, operation);
            argument.setInt(ARG_DATALEN, PART_SIZE);
            argument.setPointer(ARG_DATA, new Pointer(Pointer.nativeValue(data)));
            device.ioctl("BLKPG of partition " + partition.number(), LinuxConstants.BLKPG, argument);
        }
    }

    /** Returns the partitions, but not until their nodes are there and udev has nothing left to do. */
    private Optional<List<SystemPartition>> ready() throws IOException {
        List<SystemPartition> seen = blocks.partitions(name);
        if (Files.exists(tree.run().resolve("udev/queue"))) {
            return Optional.empty();
        }
        for (SystemPartition partition : seen) {
            // An old node of the name may be there still; it counts when it leads to this very partition.
            Path node = partition.path();
            if (!Files.exists(node) || !blocks.byNode(node).equals(Optional.of(String.valueOf(node.getFileName())))) {
                return Optional.empty();
            }
        }
        return Optional.of(seen);
    }
}

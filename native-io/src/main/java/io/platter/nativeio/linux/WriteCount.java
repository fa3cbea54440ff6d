package io.platter.nativeio.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How often a disk was written to, as far as the kernel counts that: the sectors written since the disk was attached,
 * which disk that is, and since which start of the system. Only if all three are the same is nothing written.
 *
 * <p>For a partition, the writes through the partition are counted, and not those through the whole disk.
 *
 * <p>Immutable.
 */
final class WriteCount {
    /** The field of {@code stat} that counts sectors of 512 bytes: Documentation/block/stat.rst of the kernel. */
    private static final int WRITE_SECTORS = 6;

    private final SystemTree tree;
    private final Path disk;
    private final Path device;

    /**
     * @param name the kernel's name of the device
     */
    WriteCount(SystemTree tree, BlockClass blocks, String name) throws IOException {
        this.tree = tree;
        this.disk = blocks.directory(blocks.wholeDisk(name));
        this.device = blocks.directory(name);
    }

    /** Returns the count, or nothing if the kernel does not give it. */
    Optional<String> state() {
        String[] fields = SystemTree.attribute(device.resolve("stat")).split(" +", -1);
        String boot = SystemTree.attribute(tree.proc().resolve("sys/kernel/random/boot_id"));
        if (fields.length <= WRITE_SECTORS || boot.isEmpty()) {
            return Optional.empty();
        }
        String sequence = SystemTree.attribute(disk.resolve("diskseq")); // from Linux 5.15 on
        return Optional.of("boot " + boot + (sequence.isEmpty() ? "" : ", disk sequence " + sequence)
                + ", sectors written " + fields[WRITE_SECTORS]);
    }
}

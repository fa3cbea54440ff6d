package io.platter.engine.restore;

import io.platter.block.BlockDevice;
import io.platter.device.RawDisk;
import io.platter.partition.Finding;
import io.platter.partition.Finding.Severity;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Makes the system see the partitions of a disk that was written. */
public final class Announcement {
    /** How long to wait for the nodes of partitions, which udev makes as it comes to it. */
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private Announcement() {}

    /**
     * Makes the system see what is on a disk of the machine now; does nothing for other devices.
     *
     * @return why the system does not see it yet: the disk itself is complete
     */
    public static Optional<Finding> of(BlockDevice written) {
        Optional<RawDisk> disk = written.unwrap(RawDisk.class);
        if (disk.isEmpty()) {
            return Optional.empty();
        }
        try {
            disk.get().announceTable(TIMEOUT);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(new Finding(
                    Severity.WARNING,
                    0,
                    "the disk is written, but the system does not see its partitions yet: " + e.getMessage()));
        }
    }
}

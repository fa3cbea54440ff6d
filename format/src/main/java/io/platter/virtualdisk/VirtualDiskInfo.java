package io.platter.virtualdisk;

import java.util.List;
import java.util.Objects;

/**
 * What a disk file says of itself besides the disk's bytes.
 *
 * <p>Immutable.
 *
 * @param blockSize the unit in which the file stores the disk, in bytes; 0 if it has none
 * @param snapshots the states of the disk that {@link VirtualDiskOptions#snapshot} can name
 */
public record VirtualDiskInfo(long blockSize, List<Snapshot> snapshots) {
    /** Copies the list. */
    public VirtualDiskInfo {
        snapshots = List.copyOf(snapshots);
    }

    /** Returns what a file without snapshots says. */
    public static VirtualDiskInfo ofBlocks(long blockSize) {
        return new VirtualDiskInfo(blockSize, List.of());
    }

    /**
     * An earlier state of the disk that is kept in the file.
     *
     * @param id no other snapshot of the file has it
     * @param name as the user called it
     * @param diskSize the size of the disk then, in bytes
     */
    public record Snapshot(String id, String name, long diskSize) {
        /** Checks that the texts are there. */
        public Snapshot {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(name, "name");
        }
    }
}

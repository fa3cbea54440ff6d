package io.platter.device;

import io.platter.block.BlockDevice;
import io.platter.partition.PartitionFlag;
import io.platter.partition.PartitionTable;
import io.platter.partition.PartitionTables;
import io.platter.partition.Unpartitioned;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An open disk of the machine, or a partition opened as one.
 *
 * <p>Whole aligned sectors go straight to the device; all else passes through buffers of our own. A write of a part of
 * a sector reads the sector first. Safe for use by several threads, as far as they do not touch the same bytes;
 * {@link #close()} waits for the calls that are under way.
 */
public interface RawDisk extends BlockDevice {
    /** Returns what the system said of the disk when it was opened. */
    DiskDescription description();

    /** Returns the model and the serial number, where the system knows them. */
    @Override
    default Map<String, String> identity() {
        Map<String, String> identity = new TreeMap<>();
        identity.put(MODEL, description().model());
        identity.put(SERIAL, description().serial());
        identity.values().removeIf(String::isEmpty);
        return identity;
    }

    /** Returns what the disk can do. */
    DiskCapabilities capabilities();

    /**
     * Says that a range will be read soon. A hint: a failure is no failure of the disk, and is not reported.
     *
     * @throws IllegalArgumentException if the range is not inside the device
     */
    void willRead(long diskOffset, long length);

    /**
     * Takes a range out of the system's page cache, as far as it is there and was written to the medium. A hint, like
     * {@link #willRead}.
     *
     * @throws IllegalArgumentException if the range is not inside the device
     */
    void dropCache(long diskOffset, long length);

    /**
     * Makes the system see partitions, after a partition table was written: asks it to read the table, and where it
     * did not find these partitions there, tells it each one that it lacks and takes away each one that is too many.
     * Returns when every partition can be opened, and no other is left.
     *
     * @param partitions all partitions of the disk; their paths are not looked at
     * @param timeout how long to wait for the device nodes
     * @return the partitions as the system sees them now
     * @throws IllegalStateException if the disk is not open for writing
     * @throws io.platter.block.DeviceException if the system refuses, such as for a partition in use, or the time is over
     */
    List<SystemPartition> announce(List<SystemPartition> partitions, Duration timeout) throws IOException;

    /**
     * Makes the system see the partitions of the table that is on the disk now, as {@link #announce} does; nothing if
     * there is no table.
     *
     * @param timeout how long to wait for the device nodes
     * @return the partitions as the system sees them now
     * @throws IllegalStateException if the disk is not open for writing
     * @throws IOException if the table can't be read, the system refuses, or the time is over
     */
    default List<SystemPartition> announceTable(Duration timeout) throws IOException {
        PartitionTable table = PartitionTables.read(this);
        if (table instanceof Unpartitioned) {
            return List.of();
        }
        Path path = description().path();
        return announce(
                table.partitions().stream()
                        .filter(partition -> !partition.is(PartitionFlag.EXTENDED))
                        .filter(partition -> partition.end() <= size())
                        .map(partition -> new SystemPartition(
                                partition.index(), path, partition.diskOffset(), partition.length()))
                        .toList(),
                timeout);
    }
}

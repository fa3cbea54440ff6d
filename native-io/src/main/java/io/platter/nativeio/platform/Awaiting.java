package io.platter.nativeio.platform;

import io.platter.block.DeviceException;
import io.platter.device.SystemPartition;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Waiting until the system sees what it was told. */
public final class Awaiting {
    private static final long POLL_MILLIS = 10;

    private Awaiting() {}

    /** What the system sees at this moment. */
    @FunctionalInterface
    public interface View {
        /** Returns the partitions by number, or nothing as long as not all that is there can be used. */
        Optional<List<SystemPartition>> partitions() throws IOException;
    }

    /**
     * Waits until the system sees these partitions, by number, place and size, and no others.
     *
     * @param device the disk's name, for the message
     * @return what it sees
     * @throws DeviceException if the time is over
     */
    public static List<SystemPartition> partitions(
            String device, List<SystemPartition> expected, Duration timeout, View view) throws IOException {
        long start = System.nanoTime();
        while (true) {
            Optional<List<SystemPartition>> seen = view.partitions();
            if (seen.isPresent() && places(seen.get()).equals(places(expected))) {
                return seen.get();
            }
            if (System.nanoTime() - start >= timeout.toNanos()) {
                String sight = seen.map(List::toString).orElse("them, but is not ready");
                throw new DeviceException(
                        device, "announce", -1, 0, "after " + timeout + " the system sees " + sight, null);
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw (IOException) new InterruptedIOException("waiting for partitions of " + device).initCause(e);
            }
        }
    }

    private record Place(int number, long diskOffset, long size) {}

    private static List<Place> places(List<SystemPartition> partitions) {
        return partitions.stream()
                .map(partition -> new Place(partition.number(), partition.diskOffset(), partition.size()))
                .sorted(Comparator.comparingInt(Place::number))
                .toList();
    }
}

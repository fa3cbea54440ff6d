package io.platter.block.rescue;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.UnreadableRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Reads a device that has bad sectors, gets what is good, and leaves bad ground as fast as it can. The idea is
 * ddrescue's: large steps over bad ground first, its edges narrowed next, the sectors inside last, and another try only
 * for what is left.
 *
 * <p>A range is read at once. If that fails, it is read in steps of 64 KiB, what fails of these in clusters of 4 KiB, and
 * what fails of these by sectors. Each time, a run of bad ground is first read from both its edges inwards up to the
 * first failure, so that <b>the edges of bad ground are always found to the sector</b>. Then what lies between is tried
 * in order. When {@value #PATIENCE} units in a row have failed, each further failure doubles the distance to the next
 * try; a success ends that, and the ground before it is then read backwards up to the first failure. What was never
 * tried by itself counts as unreadable; {@link #skippedBytes()} tells how much that is.
 *
 * <p>So a bad area of at most {@value #PATIENCE} sectors is known exactly, and so is any longer one in which no
 * {@value #PATIENCE} sectors in a row are bad. In a longer area good sectors can be missed, but no skip is longer than
 * the bad ground before it.
 *
 * <p>In a range of {@code n} sectors, at each of the three sizes at most {@value #PATIENCE} + 2 + log₂ n reads fail for
 * each that succeeds, and for the range as a whole; a range of 2 MiB without a good sector takes about 250 reads. What
 * failed in one range counts for the next if that starts where the last one ended, so that a long dead area soon takes
 * a dozen reads a range.
 *
 * <p>Only a {@linkplain DeviceException#isRead failed read} is bad ground; any other exception, such as that the disk
 * was pulled out, goes to the caller.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class SectorReader {
    /** How many units fail in a row before some are skipped. */
    static final int PATIENCE = 64;

    private static final int STEP = 64 << 10;
    private static final int CLUSTER = 4 << 10;

    private final BlockDevice device;
    private final int retries;
    /** The sizes in which bad ground is read, from the largest to a sector; in bytes. */
    private final int[] units;
    /** For each of the sizes, how many reads in a row have failed up to here. */
    private final int[] failures;

    private long expected = -1;
    private long skipped;

    /**
     * Creates a reader.
     *
     * @param device the device, which stays the caller's
     * @param retries how often sectors that failed are tried again, 0 or more
     */
    public SectorReader(BlockDevice device, int retries) {
        if (retries < 0) {
            throw new IllegalArgumentException("retries " + retries + ", expected 0 or more");
        }
        this.device = Objects.requireNonNull(device, "device");
        this.retries = retries;
        int sector = device.logicalSectorSize();
        this.units = IntStream.of(STEP / sector, CLUSTER / sector, 1)
                .map(sectors -> Math.max(1, sectors) * sector)
                .distinct()
                .toArray();
        this.failures = new int[units.length];
    }

    /**
     * Fills {@code target} from its position to its limit with the bytes from {@code diskOffset} on, those that can't be
     * read with zeros, and moves its position to its limit.
     *
     * @return the parts of the range that can't be read, in order; they neither overlap, nor do two of the same error touch
     * @throws IllegalArgumentException if the range is not inside the device
     * @throws IOException if the device failed in another way than by a read that failed
     */
    public List<UnreadableRange> read(ByteBuffer target, long diskOffset) throws IOException {
        if (!target.hasRemaining()) {
            return List.of();
        }
        if (diskOffset != expected) {
            Arrays.fill(failures, 0);
        }
        expected = diskOffset + target.remaining();
        BadGround ground = new BadGround(device, target.slice(), diskOffset);
        if (!ground.isReadAtOnce()) {
            for (int level = 0; level < units.length; level++) {
                failures[level] = ground.narrow(units[level], failures[level]);
            }
            ground.tryAgain(retries);
        }
        target.position(target.limit());
        skipped += ground.skippedBytes();
        return ground.unreadable();
    }

    /** Returns how many bytes, of all that were returned as unreadable, were skipped without a try of their own. */
    public long skippedBytes() {
        return skipped;
    }
}

package io.platter.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.BlockDevice;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.block.ExtentSet;
import io.platter.virtualdisk.VirtualDiskWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/**
 * A small disk whose content is known: random runs of data, zeros and nothing, with its bytes in an array.
 *
 * <p>Safe for use by several threads as far as nobody changes {@link #bytes}.
 */
public final class DiskModel {
    private final byte[] bytes;
    private final ExtentSet data;
    private final ExtentSet zero;

    private DiskModel(byte[] bytes, ExtentSet data, ExtentSet zero) {
        this.bytes = bytes;
        this.data = data;
        this.zero = zero;
    }

    /**
     * Returns a disk of random runs; some data compresses well, some not, and some data is zeros. The same arguments
     * give the same disk.
     *
     * @param seed of the random numbers
     * @param size of the disk in bytes
     * @param longestRun the length of the longest run in bytes, 1 or more
     */
    public static DiskModel random(long seed, int size, int longestRun) {
        Random random = new Random(seed);
        byte[] bytes = new byte[size];
        ExtentSet.Builder data = ExtentSet.builder();
        ExtentSet.Builder zero = ExtentSet.builder();
        for (int start = 0; start < size; ) {
            int length = Math.min(size - start, 1 + random.nextInt(longestRun));
            switch (random.nextInt(5)) {
                case 0 -> zero.add(start, length);
                case 1 -> {}
                case 2 -> {
                    Arrays.fill(bytes, start, start + length, (byte) random.nextInt());
                    data.add(start, length);
                }
                case 3 -> {
                    for (int i = start; i < start + length; i++) {
                        bytes[i] = (byte) "etaoin shrdlu".charAt(random.nextInt(13));
                    }
                    data.add(start, length);
                }
                default -> {
                    byte[] noise = new byte[length];
                    random.nextBytes(noise);
                    System.arraycopy(noise, 0, bytes, start, length);
                    data.add(start, length);
                }
            }
            start += length;
        }
        return new DiskModel(bytes, data.build(), zero.build());
    }

    /** Returns the bytes of the disk themselves. */
    public byte[] bytes() {
        return bytes;
    }

    /**
     * Writes the disk, in pieces of random lengths, and finishes the writer.
     *
     * @param writer takes the disk, and stays open
     * @param seed of the lengths
     * @throws IOException if the writer fails
     */
    public void writeTo(VirtualDiskWriter writer, long seed) throws IOException {
        Random random = new Random(seed);
        for (int offset = 0; offset < bytes.length; ) {
            int longest = random.nextBoolean() ? 1000 : 300_000;
            int length = Math.min(1 + random.nextInt(longest), bytes.length - offset);
            int run = data.firstEndingAfter(offset);
            if (run < data.count() && data.offset(run) <= offset) {
                length = (int) Math.min(length, data.end(run) - offset);
                ByteBuffer piece = ByteBuffer.allocate(length + 2).position(1).limit(1 + length);
                piece.duplicate().put(bytes, offset, length);
                writer.data(offset, piece);
                assertThat(piece.hasRemaining()).isFalse();
            } else {
                long end = run < data.count() ? data.offset(run) : bytes.length;
                int zeros = zero.firstEndingAfter(offset);
                boolean inZeros = zeros < zero.count() && zero.offset(zeros) <= offset;
                end = Math.min(end, inZeros ? zero.end(zeros) : zeros < zero.count() ? zero.offset(zeros) : end);
                length = (int) Math.min(length, end - offset);
                writer.empty(offset, length, inZeros ? ExtentKind.ZERO : ExtentKind.HOLE);
            }
            offset += length;
        }
        writer.finish();
    }

    /**
     * Asserts that a disk holds exactly these bytes, and at most 4095 zeros past them, whichever way it is read.
     *
     * @param disk what is read
     * @param seed of the ranges to read
     * @throws IOException if the disk can't be read
     */
    public void assertEqual(BlockDevice disk, long seed) throws IOException {
        assertThat(disk.size()).isBetween((long) bytes.length, bytes.length + 4095L);
        byte[] expected = Arrays.copyOf(bytes, (int) disk.size());
        assertThat(read(disk, 0, expected.length)).isEqualTo(expected);
        Random random = new Random(seed);
        for (int i = 0; i < 100 && expected.length > 0; i++) {
            int offset = random.nextInt(expected.length);
            int length = random.nextInt(Math.min(100_000, expected.length - offset) + 1);
            assertThat(read(disk, offset, length))
                    .as("%d bytes at %d", length, offset)
                    .isEqualTo(Arrays.copyOfRange(expected, offset, offset + length));
        }
        assertExtentsTrue(disk);
    }

    /**
     * Asserts that a disk's extents cover it, and that those which claim to be empty read as zeros (of each the first 16
     * MiB).
     *
     * @throws IOException if the disk can't be read
     */
    public static void assertExtentsTrue(BlockDevice disk) throws IOException {
        for (long offset = 0; offset < disk.size(); ) {
            Extent extent = disk.extentAt(offset);
            assertThat(extent.offset()).isEqualTo(offset);
            assertThat(extent.end()).isLessThanOrEqualTo(disk.size());
            assertThat(extent.kind()).isIn(ExtentKind.DATA, ExtentKind.ZERO, ExtentKind.HOLE);
            if (extent.kind() != ExtentKind.DATA) {
                byte[] bytes = read(disk, offset, (int) Math.min(extent.length(), 1 << 24));
                assertThat(bytes).as("%s", extent).isEqualTo(new byte[bytes.length]);
            }
            offset = extent.end();
        }
    }

    /**
     * Reads a range of a disk.
     *
     * @param diskOffset in bytes
     * @param length in bytes
     * @return the bytes
     * @throws IOException if the disk can't be read
     */
    public static byte[] read(BlockDevice disk, long diskOffset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        disk.read(bytes, diskOffset);
        assertThat(bytes.hasRemaining()).isFalse();
        return bytes.array();
    }
}

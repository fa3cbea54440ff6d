package io.platter;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.Extent;
import io.platter.block.MemoryDevice;
import io.platter.image.CutRule;
import io.platter.image.DiskGeometry;
import io.platter.image.FileId;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import io.platter.image.ImageInfo;
import io.platter.image.ImageOptions;
import io.platter.image.PartitionSummary;
import io.platter.job.CaptureOptions;
import io.platter.testkit.SparseDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoundTripTest {
    private static final ImageOptions TWO_THREADS = ImageOptions.builder().build();

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "1, 3000000, 0, 262144",
        "2, 5000001, 0, 1048576",
        "3, 9000512, 4096, 262144",
        "4, 4000123, 65536, 1048576",
        "5, 7000000, 262144, 4194304",
        "6, 20000511, 0, 1048576"
    })
    void anyDiskComesBack(long seed, int size, int cut, int frameSize) throws IOException {
        ModelDisk disk = ModelDisk.random(seed, size);
        CutRule rule = cut == 0 ? CutRule.byContent() : CutRule.fixed(cut);
        assertComesBack(
                disk,
                disk.toImage(
                        ImageOptions.builder().cut(rule).frameSize(frameSize).build()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 511, 512, 513, 4095, 4096, 4097, 262_144, 262_145, 2_359_296, 2_359_297})
    void disksOfAnySizeComeBack(int size) throws IOException {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        assertComesBack(ModelDisk.of(bytes), ModelDisk.of(bytes).toImage(TWO_THREADS));
        ModelDisk zeros = ModelDisk.of(new byte[size]);
        assertComesBack(zeros, zeros.toImage(TWO_THREADS));
        Arrays.fill(bytes, (byte) 0xA5);
        assertComesBack(ModelDisk.of(bytes), ModelDisk.of(bytes).toImage(TWO_THREADS));
    }

    private void assertComesBack(ModelDisk disk, byte[] file) throws IOException {
        try (ImageReader reader = ImageReader.open(new ByteArrayChannel(file))) {
            Image image = reader.newestImage();
            assertThat(contentOf(image)).isEqualTo(disk.bytes());
            assertThat(image.extents().filter(extent -> extent.kind() == ImageExtentKind.UNUSED))
                    .isEqualTo(disk.extents(ImageExtentKind.UNUSED));
            assertThat(image.extents().filter(extent -> extent.kind() == ImageExtentKind.UNREADABLE))
                    .isEqualTo(disk.extents(ImageExtentKind.UNREADABLE));
            assertThat(image.extents().mapToLong(ImageExtent::length).sum()).isEqualTo(disk.bytes().length);
            Verify.of(reader).control(control -> control.threads(2)).quick();
            Verify.of(reader).control(control -> control.threads(2)).full();
            assertRestores(disk, file, image);
        }
    }

    private void assertRestores(ModelDisk disk, byte[] file, Image image) throws IOException {
        Path restored = directory.resolve("restored");
        Restore.of(image).toNewFile(restored);
        assertThat(Files.readAllBytes(restored)).isEqualTo(disk.bytes());
        Files.delete(restored);
        StreamRestore.of(new ByteArrayChannel(file)).toNewFile(restored);
        assertThat(Files.readAllBytes(restored)).isEqualTo(disk.bytes());
        Files.delete(restored);

        MemoryDevice old = oldDisk(disk);
        Restore.of(image).to(old);
        assertHolds(old, disk);
        MemoryDevice compared = oldDisk(disk);
        Restore.of(image).options(options -> options.compare(true)).to(compared);
        assertHolds(compared, disk);
        MemoryDevice streamed = oldDisk(disk);
        StreamRestore.of(new ByteArrayChannel(file)).to(streamed);
        assertHolds(streamed, disk);
    }

    private static MemoryDevice oldDisk(ModelDisk disk) {
        byte[] old = new byte[disk.bytes().length];
        Arrays.fill(old, (byte) 0xEE);
        return MemoryDevice.over(old);
    }

    /**
     * What the image does not have is as it was in the middle of the disk. Near the ends, where systems look for marks of
     * what a disk holds, it may be zeros; in the first MiB and the last two it must be.
     */
    private static void assertHolds(MemoryDevice device, ModelDisk disk) {
        byte[] expected = disk.restoredOver((byte) 0xEE);
        byte[] found = new byte[expected.length];
        device.read(ByteBuffer.wrap(found), 0);
        List<ImageExtent> absent = new ArrayList<>(disk.extents(ImageExtentKind.UNUSED));
        absent.addAll(disk.extents(ImageExtentKind.UNREADABLE));
        long size = expected.length;
        for (ImageExtent extent : absent) {
            for (int i = (int) extent.offset(); i < extent.end(); i++) {
                if (i < 1 << 20 || i >= size - (2 << 20)) {
                    expected[i] = 0;
                } else if ((i < 5 << 20 || i >= size - (3 << 20)) && found[i] == 0) {
                    expected[i] = 0;
                }
            }
        }
        assertThat(found).isEqualTo(expected);
    }

    private static byte[] contentOf(Image image) throws IOException {
        byte[] bytes = new byte[(int) image.size()];
        image.read(ByteBuffer.wrap(bytes), 0);
        return bytes;
    }

    @Test
    void anyNumberOfThreadsWritesTheSameBytes() throws IOException {
        ModelDisk disk = ModelDisk.random(11, 40_000_000);
        List<byte[]> files = new ArrayList<>();
        for (int threads : new int[] {1, 2, 8}) {
            ImageOptions options = ImageOptions.builder()
                    .checkpointInterval(5_000_000)
                    .fileId(FileId.parse("00112233445566778899aabbccddeeff"))
                    .build();
            Path file = directory.resolve("image" + threads);
            try (ImageWriter writer = ImageWriter.create(file, disk.geometry(), options)) {
                disk.writeTo(writer);
                writer.finish();
            }
            files.add(Files.readAllBytes(file));
        }
        assertThat(files.get(1)).isEqualTo(files.get(0));
        assertThat(files.get(2)).isEqualTo(files.get(0));
    }

    @Test
    void aFilesystemGivesTheSameBlocksWhereverItsPartitionStarts() throws IOException {
        byte[] filesystem = ModelDisk.random(21, 8_000_000).bytes();
        Path file = directory.resolve("image");
        long[] starts = {32_256, 1 << 20};
        for (long start : starts) {
            byte[] disk = new byte[(int) start + filesystem.length];
            System.arraycopy(filesystem, 0, disk, (int) start, filesystem.length);
            DiskGeometry geometry = DiskGeometry.ofSize(disk.length);
            try (ImageWriter writer = start == starts[0]
                    ? ImageWriter.create(file, geometry, TWO_THREADS)
                    : ImageWriter.append(file, geometry, TWO_THREADS)) {
                writer.partitions(List.of(new PartitionSummary(1, start, filesystem.length, Map.of())));
                writer.data(0, ByteBuffer.wrap(disk));
                writer.finish();
            }
        }
        try (ImageReader reader = ImageReader.open(file)) {
            assertThat(reader.image(1).info().statistics().newBytes()).isGreaterThan(1_000_000);
            assertThat(reader.image(2).info().statistics().newBytes()).isZero();
            byte[] found = new byte[filesystem.length];
            reader.image(1).read(ByteBuffer.wrap(found), starts[0]);
            assertThat(found).isEqualTo(filesystem);
        }
    }

    @Test
    void aSecondCaptureOfTheSameDiskAddsNextToNothing() throws IOException {
        ModelDisk disk = ModelDisk.random(31, 60_000_000);
        Path file = directory.resolve("image");
        try (ImageWriter writer = ImageWriter.create(file, disk.geometry(), TWO_THREADS)) {
            disk.writeTo(writer);
            writer.finish();
        }
        long before = Files.size(file);
        try (ImageWriter writer = ImageWriter.append(file, disk.geometry(), TWO_THREADS)) {
            disk.writeTo(writer);
            writer.finish();
        }
        assertThat(Files.size(file) - before).isLessThan(before / 200).isLessThanOrEqualTo(16 << 10);
        try (ImageReader reader = ImageReader.open(file)) {
            assertThat(reader.image(2).info().id())
                    .isEqualTo(reader.image(1).info().id());
            assertThat(contentOf(reader.image(2))).isEqualTo(disk.bytes());
            assertThat(Verify.of(reader).full().images()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {41, 42, 43})
    void aResumedImageIsTheSameAsOneWithoutInterruption(long seed) throws IOException {
        ModelDisk disk = ModelDisk.random(seed, 12_000_321);
        Path whole = directory.resolve("whole");
        ImageInfo expected;
        try (ImageWriter writer = ImageWriter.create(whole, disk.geometry(), TWO_THREADS)) {
            writer.property("name", "value");
            disk.writeTo(writer);
            expected = writer.finish();
        }
        Path image = directory.resolve("image");
        ImageWriter writer = ImageWriter.create(image, disk.geometry(), TWO_THREADS);
        writer.property("name", "value");
        Random random = new Random(seed);
        for (int round = 0; round < 8; round++) {
            disk.writeTo(writer, Math.min(disk.bytes().length, writer.position() + 1 + random.nextInt(2_000_000)));
            writer.checkpoint();
            disk.writeTo(writer, Math.min(disk.bytes().length, writer.position() + 1 + random.nextInt(300_000)));
            writer.close();
            writer = ImageWriter.resume(image, TWO_THREADS);
        }
        disk.writeTo(writer);
        ImageInfo resumed = writer.finish();
        assertThat(resumed.id()).isEqualTo(expected.id());
        assertThat(resumed.properties()).isEqualTo(expected.properties());
        assertThat(resumed.statistics()).isEqualTo(expected.statistics());
        assertComesBack(disk, Files.readAllBytes(image));
    }

    @Test
    void manyThreadsReadAtOnce() throws Exception {
        ModelDisk disk = ModelDisk.random(51, 12_000_000);
        Path file = directory.resolve("image");
        Files.write(file, disk.toImage(TWO_THREADS));
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (ImageReader reader = ImageReader.open(file)) {
            List<Future<?>> readers = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                Random random = new Random(thread);
                readers.add(threads.submit(() -> {
                    assertRandomReads(reader.newestImage(), disk.bytes(), random);
                    return null;
                }));
            }
            for (Future<?> each : readers) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void assertRandomReads(Image image, byte[] expected, Random random) throws IOException {
        SeekableByteChannel channel = image.asChannel();
        for (int round = 0; round < 60; round++) {
            int start = random.nextInt(expected.length);
            int length = Math.min(1 + random.nextInt(300_000), expected.length - start);
            byte[] found = new byte[length];
            image.asDevice().read(ByteBuffer.wrap(found), start);
            assertThat(found).isEqualTo(Arrays.copyOfRange(expected, start, start + length));
            Arrays.fill(found, (byte) 1);
            channel.position(start);
            assertThat(channel.read(ByteBuffer.wrap(found))).isEqualTo(length);
            assertThat(found).isEqualTo(Arrays.copyOfRange(expected, start, start + length));
            Extent extent = image.asDevice().extentAt(start);
            assertThat(extent.offset()).isEqualTo(start);
            assertThat(image.extents().anyMatch(each -> each.offset() <= start && each.end() >= extent.end()))
                    .isTrue();
        }
    }

    @Test
    void aDiskOfMoreThanTwoToThe31SectorsOpensWithFewReads() throws IOException {
        long size = (5L << 40) + 12_288;
        SparseDevice source = new SparseDevice(size);
        byte[] piece = new byte[100_000];
        Random random = new Random(61);
        for (long at = 0; at < size - piece.length; at += size / 40) {
            random.nextBytes(piece);
            source.write(ByteBuffer.wrap(piece), at);
        }
        source.write(ByteBuffer.wrap(piece), size - piece.length);
        Path file = directory.resolve("image");
        try (ImageWriter writer = ImageWriter.create(file, DiskGeometry.of(source), TWO_THREADS)) {
            Capture.of(source).options(CaptureOptions.everything()).to(writer);
        }
        ByteArrayChannel channel = new ByteArrayChannel(Files.readAllBytes(file));
        try (ImageReader reader = ImageReader.open(channel)) {
            assertThat(channel.bytesRead()).isLessThan(64 << 10);
            byte[] found = new byte[piece.length];
            reader.newestImage().read(ByteBuffer.wrap(found), size - piece.length);
            assertThat(found).isEqualTo(piece);
            assertThat(channel.bytesRead()).isLessThan(1 << 20);
            assertThat(Verify.of(reader.newestImage()).differences(source)).isEmpty();
            SparseDevice target = new SparseDevice(size);
            Restore.of(reader.newestImage()).to(target);
            assertThat(Verify.of(reader.newestImage()).differences(target)).isEmpty();
        }
    }
}

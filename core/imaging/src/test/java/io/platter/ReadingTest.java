package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceView;
import io.platter.block.MemoryDevice;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import io.platter.image.ImageOptions;
import io.platter.image.NoSuchImageException;
import io.platter.job.ConvertReport;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the bytes of images come from: one frame source, whoever asks. */
class ReadingTest {
    private static final int MIB = 1 << 20;
    private static final ImageOptions OPTIONS = ImageOptions.defaults();

    @TempDir
    Path directory;

    /** The bytes of a file, which counts how often each place was read with a length that only frames have. */
    private static final class CountedFile extends DeviceView {
        private final ConcurrentHashMap<Long, AtomicInteger> largeReads = new ConcurrentHashMap<>();
        private boolean closed;

        CountedFile(byte[] file) {
            super(MemoryDevice.over(file));
        }

        @Override
        public void read(ByteBuffer target, long diskOffset) throws IOException {
            if (target.remaining() > 300_000) {
                largeReads
                        .computeIfAbsent(diskOffset, place -> new AtomicInteger())
                        .incrementAndGet();
            }
            super.read(target, diskOffset);
        }

        void forget() {
            largeReads.clear();
        }

        List<Integer> counts() {
            return largeReads.values().stream().map(AtomicInteger::get).toList();
        }

        /** Returns how often a frame was read that had been read before. */
        int repeated() {
            assertThat(largeReads).hasSizeGreaterThan(7);
            return counts().stream().mapToInt(count -> count - 1).sum();
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static byte[] noise(int seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private byte[] imageOf(byte[] disk, String... more) throws IOException {
        Path file = directory.resolve("image" + disk.length + more.length);
        Capture.of(MemoryDevice.over(disk)).to(file, OPTIONS);
        for (String one : more) {
            try (ImageWriter writer = ImageWriter.append(
                    file, DiskGeometry.of(MemoryDevice.over(one.getBytes(StandardCharsets.UTF_8))), OPTIONS)) {
                Capture.of(MemoryDevice.over(one.getBytes(StandardCharsets.UTF_8)))
                        .to(writer);
            }
        }
        return Files.readAllBytes(file);
    }

    @Test
    void threadsThatWantTheSameFrameAtOnceDecodeItOnce() throws Exception {
        byte[] disk = noise(1, 4 * MIB);
        CountedFile file = new CountedFile(imageOf(disk));
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (ImageReader reader = ImageReader.open(file)) {
            Image image = reader.newestImage();
            file.forget();
            CountDownLatch start = new CountDownLatch(1);
            List<Future<byte[]>> reads = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                int from = i % 4 * MIB + 1000 * i;
                reads.add(threads.submit(() -> {
                    start.await();
                    ByteBuffer target = ByteBuffer.allocate(4096);
                    image.read(target, from);
                    return target.array();
                }));
            }
            start.countDown();
            for (int i = 0; i < 64; i++) {
                int from = i % 4 * MIB + 1000 * i;
                assertThat(reads.get(i).get()).isEqualTo(Arrays.copyOfRange(disk, from, from + 4096));
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(file.counts()).isNotEmpty().allMatch(count -> count == 1);
        assertThat(file.closed).isFalse();
    }

    @Test
    void aSmallCacheForgetsAndALargeOneKeeps() throws IOException {
        byte[] disk = noise(2, 8 * MIB);
        byte[] image = imageOf(disk);
        for (long cache : new long[] {0, 64 << 20}) {
            CountedFile file = new CountedFile(image);
            try (ImageReader reader =
                    ImageReader.open(file, ReadOptions.defaults().cacheSize(cache))) {
                for (int round = 0; round < 3; round++) {
                    ByteBuffer target = ByteBuffer.allocate(disk.length);
                    reader.newestImage().read(target, 0);
                    assertThat(target.array()).isEqualTo(disk);
                }
            }
            assertThat(file.counts()).isNotEmpty().allMatch(count -> count == (cache == 0 ? 3 : 1));
        }
        assertThatThrownBy(() -> ReadOptions.defaults().cacheSize(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(ReadOptions.defaults().cacheSize(5)).hasToString("ReadOptions[cacheSize=5]");
    }

    @Test
    void eachFrameOfADeduplicatedImageIsDecodedOnceForARawDisk() throws IOException {
        byte[] once = noise(3, 8 * MIB);
        byte[] disk = new byte[64 * MIB];
        for (int copy = 0; copy < 7; copy++) {
            System.arraycopy(once, 0, disk, copy * 9 * MIB, once.length);
        }
        CountedFile file = new CountedFile(imageOf(disk));
        Path raw = directory.resolve("raw");
        byte[] written = noise(4, disk.length);
        try (ImageReader reader = ImageReader.open(file, ReadOptions.defaults().cacheSize(0))) {
            Image image = reader.newestImage();
            file.forget();
            List<Long> totals = new ArrayList<>();
            ConvertReport report = Convert.of(image)
                    .options(options -> options.verify(true))
                    .control(control -> control.progress(
                            progress -> totals.add(progress.total().orElseThrow())))
                    .toNewFile(raw, VirtualDisks.named("raw").orElseThrow(), VirtualDiskOptions.defaults());
            assertThat(report.diskSize()).isEqualTo(disk.length);
            assertThat(report.bytesRead()).isLessThan(9 * MIB);
            assertThat(report.differences()).isEmpty();
            assertThat(totals).isNotEmpty().containsOnly(2L * disk.length); // copied, then compared
            file.forget();
            Convert.of(image)
                    .options(options -> options.replaceExisting(true))
                    .toNewFile(raw, VirtualDisks.named("raw").orElseThrow(), VirtualDiskOptions.defaults());
            assertThat(file.repeated()).isLessThan(3); // the partition table was read before
            file.forget();
            Convert.of(image).to(MemoryDevice.over(written));
            assertThat(file.repeated()).isLessThan(8); // and the places where marks may stand
        }
        assertThat(Files.readAllBytes(raw)).isEqualTo(disk);
        assertThat(written).isEqualTo(disk);
    }

    @Test
    void patternsAreReadFromAnyPlace() throws IOException {
        byte[] disk = new byte[3 * MIB];
        for (int i = MIB; i < 2 * MIB; i++) {
            disk[i] = (byte) (0x11 * (i % 8 + 1));
        }
        System.arraycopy(noise(5, 5000), 0, disk, 2 * MIB, 5000);
        try (ImageReader reader = ImageReader.open(new CountedFile(imageOf(disk)))) {
            Image image = reader.newestImage();
            assertThat(image.extents())
                    .extracting(ImageExtent::kind)
                    .contains(ImageExtentKind.FILL, ImageExtentKind.ZERO);
            Random random = new Random(6);
            for (int round = 0; round < 3000; round++) {
                int length = random.nextInt(round % 2 == 0 ? 40 : 100_000);
                int from = round % 3 == 0 ? MIB - 20 + random.nextInt(40) : random.nextInt(disk.length - length);
                ByteBuffer target = ByteBuffer.allocate(length + 3).position(3);
                image.read(target, from);
                assertThat(target.remaining()).isZero();
                assertThat(Arrays.mismatch(target.array(), 3, length + 3, disk, from, from + length))
                        .isEqualTo(-1);
            }
        }
    }

    @Test
    void extentsAreFoundByTheirPlace() throws IOException {
        byte[] disk = new byte[3 * MIB];
        System.arraycopy(noise(7, MIB), 0, disk, MIB, MIB);
        try (ImageReader reader = ImageReader.open(new CountedFile(imageOf(disk)))) {
            Image image = reader.newestImage();
            assertThat(image.extentAt(5)).isEqualTo(new ImageExtent(5, MIB - 5, ImageExtentKind.ZERO));
            assertThat(image.extentAt(MIB + 1).kind()).isEqualTo(ImageExtentKind.DATA);
            assertThat(image.extentAt(disk.length - 1))
                    .isEqualTo(new ImageExtent(disk.length - 1, 1, ImageExtentKind.ZERO));
            for (long outside : new long[] {-1, disk.length, Long.MAX_VALUE}) {
                assertThatThrownBy(() -> image.extentAt(outside))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(String.valueOf(outside));
            }
        }
    }

    @Test
    void anImageIsFoundByTheStartOfItsId() throws IOException {
        BlockDevice file = new CountedFile(imageOf(noise(8, 5000), "second", "third"));
        try (ImageReader reader = ImageReader.open(file)) {
            for (Image image : reader.images()) {
                String id = image.info().id().toString();
                assertThat(reader.image(id)).isSameAs(image);
                assertThat(reader.image(id.substring(0, 12).toUpperCase(Locale.ROOT)))
                        .isSameAs(image);
            }
            String unknown = "0".repeat(63) + "1";
            assertThatThrownBy(() -> reader.image(unknown))
                    .isInstanceOf(NoSuchImageException.class)
                    .hasMessageContaining(unknown);
            for (String wrong : new String[] {"", "xyz", "0".repeat(65)}) {
                assertThatThrownBy(() -> reader.image(wrong)).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }
}

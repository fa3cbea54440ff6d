package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.block.MemoryDevice;
import io.platter.block.OpenMode;
import io.platter.image.DiskGeometry;
import io.platter.image.FileId;
import io.platter.image.ImageDescription;
import io.platter.image.ImageOptions;
import io.platter.job.CaptureOptions;
import io.platter.job.ConvertReport;
import io.platter.test.Oracle;
import io.platter.testkit.DiskModel;
import io.platter.testkit.SparseDevice;
import io.platter.virtualdisk.Compression;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes out of a conversion. */
@Timeout(60)
class ConvertTest {
    private static final VirtualDiskFormat RAW = format("raw");
    private static final VirtualDiskFormat QCOW2 = format("qcow2");
    private static final String PLATTER = "platter";
    private static final VirtualDiskOptions ZSTD = VirtualDiskOptions.builder()
            .compression(Compression.ZSTD)
            .id(new UUID(1, 2))
            .build();
    /** What qemu-img calls the formats that it knows. */
    private static final Map<String, String> QEMU_NAMES =
            Map.of("raw", "raw", "qcow2", "qcow2", "vhd", "vpc", "vhdx", "vhdx", "vdi", "vdi", "vmdk", "vmdk");

    private final DiskModel disk = DiskModel.random(61, 5 << 20, 300_000);

    @TempDir
    Path directory;

    @AfterEach
    void noThreadIsLeft() {
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("platter-"));
    }

    private static VirtualDiskFormat format(String name) {
        return VirtualDisks.named(name).orElseThrow();
    }

    private static List<String> writable() {
        return Stream.concat(
                        VirtualDisks.formats().stream()
                                .filter(VirtualDiskFormat::canCreate)
                                .map(VirtualDiskFormat::name),
                        Stream.of(PLATTER))
                .toList();
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    /** Converts to a file of a format, with compression where the format has it. */
    private static ConvertReport convert(Convert convert, Path file, String format) throws IOException {
        if (!format.equals(PLATTER)) {
            return convert.toNewFile(file, format(format), ZSTD);
        }
        ImageOptions options = ImageOptions.builder()
                .fileId(FileId.parse("00112233445566778899aabbccddeeff"))
                .build();
        try (ImageWriter writer = ImageWriter.create(file, DiskGeometry.ofSize(-1), options)) {
            return convert.to(writer);
        }
    }

    private interface DiskUser {
        void use(BlockDevice disk) throws IOException;
    }

    private static void open(Path file, String format, DiskUser user) throws IOException {
        if (format.equals(PLATTER)) {
            try (ImageReader reader = ImageReader.open(file)) {
                user.use(reader.newestImage().asDevice());
            }
            return;
        }
        try (BlockDevice bytes = BlockDevices.open(file, OpenMode.READ);
                BlockDevice opened = format(format).open(bytes, VirtualDiskOptions.defaults())) {
            user.use(opened);
        }
    }

    private static Convert threads(int count, BlockDevice source) {
        return Convert.of(source).control(control -> control.threads(count));
    }

    @ParameterizedTest
    @MethodSource("writable")
    void eachFormatConvertsToEachOther(String from) throws IOException {
        Path source = file("source");
        convert(threads(2, MemoryDevice.over(disk.bytes())), source, from);
        for (String to : writable()) {
            Path target = file("target-" + to);
            open(source, from, opened -> {
                ConvertReport report = convert(threads(2, opened).options(options -> options.verify(true)), target, to);
                assertThat(report.verified()).isTrue();
                assertThat(report.differences()).isEmpty();
                assertThat(report.diskSize()).isEqualTo(disk.bytes().length);
            });
            open(target, to, written -> disk.assertEqual(written, 1));
        }
    }

    @ParameterizedTest
    @MethodSource("writable")
    void qemuReadsWhatWeConvert(String to) throws IOException {
        if (!QEMU_NAMES.containsKey(to)) {
            return;
        }
        Oracle qemuImg = Oracle.of("qemu-img");
        Path raw = file("disk.raw");
        Files.write(raw, disk.bytes());
        Path source = file("source.qcow2");
        qemuImg.run("convert", "-c", "-O", "qcow2", "-o", "compression_type=zstd", "-f", "raw", raw, source);
        Path target = file("target");
        open(source, "qcow2", opened -> convert(threads(2, opened), target, to));
        qemuImg.run("compare", "-f", "raw", "-F", QEMU_NAMES.get(to), raw, target);
        if (!to.equals("raw") && !to.equals("vhd")) {
            assertThat(qemuImg.run("check", "-f", QEMU_NAMES.get(to), target)).contains("No errors");
        }
    }

    @ParameterizedTest
    @MethodSource("writable")
    void theNumberOfThreadsDoesNotShow(String to) throws IOException {
        byte[] bytes = DiskModel.random(62, (9 << 20) + 512 * 7, 900_000).bytes();
        Path source = file("source");
        convert(threads(2, MemoryDevice.over(bytes)), source, "qcow2");
        for (int count : new int[] {1, 2, 8}) {
            open(
                    source,
                    "qcow2",
                    opened -> convert(
                            threads(count, opened).options(options -> options.describedBy(ImageDescription.none())),
                            file("by-" + count),
                            to));
            assertThat(file("by-" + count)).hasSameBinaryContentAs(file("by-1"));
        }
    }

    @ParameterizedTest
    @CsvSource({"qcow2, 512", "qcow2, 2097152", "vhd, 4096", "vhd, 8388608", "android-sparse, 512"})
    void blocksOfAnySizeAreWritten(String to, int blockSize) throws IOException {
        for (Compression compression : Compression.values()) {
            Path target = file(to + compression);
            VirtualDiskOptions options = VirtualDiskOptions.builder()
                    .compression(compression)
                    .blockSize(blockSize)
                    .build();
            threads(2, MemoryDevice.over(disk.bytes())).toNewFile(target, format(to), options);
            open(target, to, written -> disk.assertEqual(written, 2));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 511, 512, 513, 4095, 65_537, (2 << 20) - 1, (2 << 20) + 1})
    void disksOfAnySizeAreConverted(int size) throws IOException {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        for (String to : List.of("raw", "qcow2", PLATTER)) {
            Path target = file(to);
            ConvertReport report =
                    convert(threads(2, MemoryDevice.over(bytes)).options(options -> options.verify(true)), target, to);
            assertThat(report.differences()).isEmpty();
            open(target, to, written -> {
                assertThat(written.size()).isBetween((long) size, size + 511L);
                assertThat(DiskModel.read(written, 0, size)).isEqualTo(bytes);
            });
        }
    }

    @Test
    void whatIsNotThereStaysNotThere() throws IOException {
        SparseDevice source = new SparseDevice(3L << 40);
        source.write(ByteBuffer.wrap(disk.bytes()), 1L << 40);
        for (String to : List.of("raw", "qcow2", PLATTER)) {
            Path target = file(to);
            // A file's holes are seen with platter-native-io only.
            ConvertReport report =
                    convert(threads(2, source).options(options -> options.verify(!to.equals("raw"))), target, to);
            assertThat(report.differences()).isEmpty();
            assertThat(report.bytesRead()).isLessThan(6 << 20);
            assertThat(report.unusedBytes()).isGreaterThan((3L << 40) - (6 << 20));
            open(target, to, written -> assertThat(DiskModel.read(written, 1L << 40, disk.bytes().length))
                    .isEqualTo(disk.bytes()));
        }
        open(file("qcow2"), "qcow2", written -> assertThat(written.extentAt(0))
                .isEqualTo(new Extent(0, written.extentAt(0).length(), ExtentKind.HOLE)));
    }

    @Test
    void zerosThatAreReadTakeNoRoom() throws IOException {
        byte[] bytes = new byte[20 << 20];
        bytes[10 << 20] = 1;
        ConvertReport report = threads(2, MemoryDevice.over(bytes)).toNewFile(file("raw"), RAW, ZSTD);
        assertThat(report.bytesWritten()).isEqualTo(4096);
        assertThat(report.zeroBytes()).isEqualTo(bytes.length - 4096);
        assertThat(file("raw")).hasBinaryContent(bytes);
    }

    @Test
    void whatADiskNeverHadIsZerosInAnImageAndNotUnused() throws IOException {
        SparseDevice source = new SparseDevice(4 << 20);
        source.write(ByteBuffer.wrap(disk.bytes(), 0, 70_000), 1_000_001);
        convert(threads(2, source), file("image"), PLATTER);
        byte[] garbage = new byte[4 << 20];
        Arrays.fill(garbage, (byte) 0x55);
        try (ImageReader reader = ImageReader.open(file("image"))) {
            Restore.of(reader.newestImage()).to(MemoryDevice.over(garbage));
        }
        assertThat(garbage).isEqualTo(DiskModel.read(source, 0, 4 << 20));
    }

    @Test
    void anImageIsTheSameAsThatOfACapture() throws IOException {
        SparseDevice source = new SparseDevice(6 << 20);
        source.write(ByteBuffer.wrap(disk.bytes()), 300_000);
        try (ImageWriter writer =
                ImageWriter.create(file("captured"), DiskGeometry.of(source), ImageOptions.defaults())) {
            Capture.of(source).options(CaptureOptions.everything()).to(writer);
        }
        convert(threads(2, source), file("converted"), PLATTER);
        convert(threads(2, source), file("qcow2"), "qcow2");
        open(file("qcow2"), "qcow2", opened -> convert(threads(2, opened), file("through"), PLATTER));
        assertThat(rootHash("converted")).isEqualTo(rootHash("captured"));
        assertThat(rootHash("through")).isEqualTo(rootHash("captured"));
    }

    private String rootHash(String image) throws IOException {
        try (ImageReader reader = ImageReader.open(file(image))) {
            return reader.newestImage().info().rootHash().toString();
        }
    }

    @Test
    void anImageBecomesTheSameImageAgain() throws IOException {
        ModelDisk model = ModelDisk.random(63, 9_000_100);
        Files.write(file("image"), model.toImage(ImageOptions.defaults()));
        try (ImageReader reader = ImageReader.open(file("image"))) {
            ConvertReport report = convert(
                    Convert.of(reader.newestImage())
                            .control(control -> control.threads(2))
                            .options(options -> options.verify(true)),
                    file("again"),
                    PLATTER);
            assertThat(report.unreadable()).isEqualTo(model.unreadable());
            assertThat(report.differences()).isEmpty();
        }
        assertThat(rootHash("again")).isEqualTo(rootHash("image"));
    }

    @Test
    void whatAnImageLacksIsZerosElsewhereAndReported() throws IOException {
        ModelDisk model = ModelDisk.random(64, 9_000_100);
        Files.write(file("image"), model.toImage(ImageOptions.defaults()));
        try (ImageReader reader = ImageReader.open(file("image"))) {
            ConvertReport report = Convert.of(reader.newestImage()).toNewFile(file("raw"), RAW, ZSTD);
            assertThat(report.unreadable()).isEqualTo(model.unreadable());
        }
        assertThat(file("raw")).hasBinaryContent(model.restoredOver((byte) 0));
    }

    @Test
    void formatsOfOnePassGoToAPipeAndOthersDoNot() throws IOException {
        VirtualDiskOptions fixed =
                VirtualDiskOptions.builder().subformat("fixed").build();
        for (VirtualDiskFormat format : List.of(RAW, format("vhd"))) {
            ByteArrayOutputStream pipe = new ByteArrayOutputStream();
            threads(2, MemoryDevice.over(disk.bytes())).to(Channels.newChannel(pipe), format, fixed);
            Files.write(file(format.name()), pipe.toByteArray());
            open(file(format.name()), format.name(), written -> disk.assertEqual(written, 3));
        }
        ByteArrayOutputStream pipe = new ByteArrayOutputStream();
        Convert convert = threads(2, MemoryDevice.over(disk.bytes()));
        assertThatThrownBy(() -> convert.to(Channels.newChannel(pipe), QCOW2, ZSTD))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(
                        () -> convert.options(options -> options.verify(true)).to(Channels.newChannel(pipe), RAW, ZSTD))
                .isInstanceOf(IllegalStateException.class);
        assertThat(pipe.size()).isZero();
    }

    @Test
    void aDiskBecomesEqualWhateverItHeld() throws IOException {
        byte[] garbage = new byte[disk.bytes().length];
        Arrays.fill(garbage, (byte) 0x55);
        FaultyDisk target = new FaultyDisk(garbage, Set.of());
        convert(threads(2, MemoryDevice.over(disk.bytes())), file("source"), "qcow2");
        open(file("source"), "qcow2", opened -> {
            ConvertReport report =
                    threads(2, opened).options(options -> options.verify(true)).to(target);
            assertThat(report.differences()).isEmpty();
        });
        assertThat(target.bytes()).isEqualTo(disk.bytes());
        assertThat(target.writes().get(0)).startsWith("0+");
        assertThat(target.writes().get(target.writes().size() - 1)).startsWith("0+");
    }

    @Test
    void aDiskThatDoesNotFitIsNotTouched() {
        Convert convert = threads(2, MemoryDevice.over(disk.bytes()));
        FaultyDisk small = new FaultyDisk(new byte[disk.bytes().length - 512], Set.of());
        FaultyDisk readOnly = new FaultyDisk(new byte[disk.bytes().length], Set.of()).readOnly();
        FaultyDisk otherSectors = new FaultyDisk(new byte[disk.bytes().length], Set.of()).sectorSize(4096);
        for (FaultyDisk target : List.of(small, readOnly, otherSectors)) {
            assertThatThrownBy(() -> convert.to(target))
                    .isInstanceOfAny(IllegalArgumentException.class, IllegalStateException.class);
            assertThat(target.writes()).isEmpty();
        }
    }
}

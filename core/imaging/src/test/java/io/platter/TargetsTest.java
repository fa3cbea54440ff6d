package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.job.CaptureOptions;
import io.platter.job.TargetRefusedException;
import io.platter.job.TargetRules;
import io.platter.test.Oracle;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a job must not write. */
class TargetsTest {
    private static final int SIZE = 1 << 20;

    @TempDir
    Path directory;

    private Path disk = Path.of("");
    private Path image = Path.of("");
    private byte[] imageBytes = new byte[0];

    @BeforeEach
    void makeImage() throws IOException {
        byte[] content = new byte[SIZE];
        new Random(17).nextBytes(content);
        disk = Files.write(directory.resolve("disk.raw"), content);
        image = directory.resolve("disk.platter");
        try (BlockDevice source = FileDevice.open(disk, OpenMode.READ);
                ImageWriter writer = ImageWriter.create(image, DiskGeometry.of(source), ImageOptions.defaults())) {
            Capture.of(source).options(CaptureOptions.everything()).to(writer);
        }
        imageBytes = Files.readAllBytes(image);
    }

    private List<Path> names(Path file) throws IOException {
        Path hard = directory.resolve("hard");
        Path symbolic = directory.resolve("symbolic");
        Files.createLink(hard, file);
        Files.createSymbolicLink(symbolic, file);
        Path around =
                Files.createDirectory(directory.resolve("sub")).resolve("..").resolve(file.getFileName());
        return List.of(file, hard, symbolic, around);
    }

    @Test
    void anImageIsNotRestoredToItselfUnderAnyName() throws IOException {
        for (Path name : names(image)) {
            try (ImageReader reader = ImageReader.open(image);
                    BlockDevice target = FileDevice.open(name, OpenMode.WRITE)) {
                Restore restore = Restore.of(reader.newestImage()).options(options -> options.overImage(true));
                assertThatThrownBy(() -> restore.to(target))
                        .isInstanceOfSatisfying(TargetRefusedException.class, e -> {
                            assertThat(e.target()).isEqualTo(name.toString());
                            assertThat(e.source()).contains(image + "#1");
                        })
                        .hasMessageContainingAll(name.toString(), image.toString(), "the same bytes");
                assertThatThrownBy(() ->
                                restore.options(options -> options.partition(1)).to(target))
                        .isInstanceOf(TargetRefusedException.class);
                assertThatThrownBy(() -> Convert.of(reader.newestImage())
                                .options(options -> options.overImage(true))
                                .to(target))
                        .isInstanceOf(TargetRefusedException.class);
                assertThatThrownBy(() -> Convert.of(target)
                                .options(options -> options.overImage(true))
                                .to(target))
                        .isInstanceOf(TargetRefusedException.class);
            }
        }
        assertThat(Files.readAllBytes(image)).isEqualTo(imageBytes);
    }

    @Test
    void aDiskInAFileIsNotConvertedOverThatFile() throws IOException {
        VirtualDiskFormat qcow2 = VirtualDisks.named("qcow2").orElseThrow();
        Path file = directory.resolve("disk.qcow2");
        try (ImageReader reader = ImageReader.open(image)) {
            Convert.of(reader.newestImage()).toNewFile(file, qcow2, VirtualDiskOptions.defaults());
        }
        byte[] before = Files.readAllBytes(file);
        try (BlockDevice bytes = FileDevice.open(file, OpenMode.READ);
                BlockDevice source = qcow2.open(bytes, VirtualDiskOptions.defaults());
                BlockDevice target = FileDevice.open(file, OpenMode.WRITE)) {
            assertThatThrownBy(() -> Convert.of(source).to(target)).isInstanceOf(TargetRefusedException.class);
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void aFileIsNotReplacedByWhatIsReadFromIt() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), image);
        Path twin = Files.createLink(directory.resolve("twin"), image);
        ImageOptions replacing = ImageOptions.builder().replaceExisting(true).build();
        for (Path file : List.of(image, link, twin)) {
            for (String format : List.of("raw", "qcow2")) {
                try (ImageReader reader = ImageReader.open(image)) {
                    Convert convert = Convert.of(reader.newestImage())
                            .options(options -> options.replaceExisting(true).overImage(true));
                    assertThatThrownBy(() -> convert.toNewFile(
                                    file, VirtualDisks.named(format).orElseThrow(), VirtualDiskOptions.defaults()))
                            .isInstanceOf(Exception.class)
                            .satisfies(e -> assertThat(e instanceof TargetRefusedException || file.equals(link))
                                    .isTrue());
                }
            }
            if (!file.equals(link)) {
                try (ImageReader reader = ImageReader.open(image);
                        ImageWriter writer = ImageWriter.create(
                                file, DiskGeometry.of(reader.newestImage().asDevice()), replacing)) {
                    assertThatThrownBy(() -> Convert.of(reader.newestImage()).to(writer))
                            .isInstanceOf(TargetRefusedException.class);
                }
            }
            assertThat(Files.readAllBytes(image)).isEqualTo(imageBytes);
            assertThat(Files.readAllBytes(file)).isEqualTo(imageBytes);
        }
    }

    @Test
    void anImageIsReplacedByADiskOnlyIfTheCallSaysSo() throws IOException {
        Path other = Files.copy(image, directory.resolve("other.plt"));
        VirtualDiskFormat raw = VirtualDisks.named("raw").orElseThrow();
        try (BlockDevice source = FileDevice.open(disk, OpenMode.READ)) {
            Convert convert = Convert.of(source).options(options -> options.replaceExisting(true));
            assertThatThrownBy(() -> convert.toNewFile(other, raw, VirtualDiskOptions.defaults()))
                    .isInstanceOf(TargetRefusedException.class)
                    .hasMessageContaining("holds a Platter image");
            assertThat(Files.readAllBytes(other)).isEqualTo(imageBytes);
            convert.options(options -> options.overImage(true)).toNewFile(other, raw, VirtualDiskOptions.defaults());
        }
        assertThat(other).hasSameBinaryContentAs(disk);
    }

    @Test
    void anImageIsNotAppendedToTheFileThatIsCaptured() throws IOException {
        try (BlockDevice source = FileDevice.open(image, OpenMode.READ);
                ImageWriter writer = ImageWriter.append(image, DiskGeometry.of(source), ImageOptions.defaults())) {
            assertThatThrownBy(() -> Capture.of(source)
                            .options(CaptureOptions.everything())
                            .to(writer))
                    .isInstanceOf(TargetRefusedException.class);
            assertThatThrownBy(() -> Convert.of(source).to(writer)).isInstanceOf(TargetRefusedException.class);
        }
        assertThat(Files.readAllBytes(image)).isEqualTo(imageBytes);
    }

    @Test
    void partsOfOneFileThatDoNotTouchAreNoSameBytes() throws IOException {
        Path file = Files.write(directory.resolve("two"), new byte[3 * SIZE]);
        try (BlockDevice whole = FileDevice.open(file, OpenMode.WRITE)) {
            Convert.of(whole.slice(0, SIZE)).to(whole.slice(SIZE, SIZE));
            assertThatThrownBy(() -> Convert.of(whole.slice(0, SIZE)).to(whole.slice(SIZE - 512, SIZE)))
                    .isInstanceOf(TargetRefusedException.class);
        }
    }

    @Test
    void aTargetThatHoldsAnImageIsRefusedUnlessTheCallSaysSo() throws IOException {
        Path other = Files.copy(image, directory.resolve("other.platter"));
        try (ImageReader reader = ImageReader.open(image);
                FileChannel pipe = FileChannel.open(image);
                BlockDevice target = FileDevice.open(other, OpenMode.WRITE)) {
            String message = other + " holds a Platter image, which would be destroyed; remove it first";
            assertThatThrownBy(() -> Restore.of(reader.newestImage()).to(target))
                    .isInstanceOf(TargetRefusedException.class)
                    .hasMessage(message);
            assertThatThrownBy(() -> StreamRestore.of(Channels.newChannel(Channels.newInputStream(pipe)))
                            .to(target))
                    .isInstanceOf(TargetRefusedException.class)
                    .hasMessage(message);
            assertThat(pipe.position()).isZero();
            assertThatThrownBy(() -> Convert.of(reader.newestImage()).to(target))
                    .isInstanceOf(TargetRefusedException.class)
                    .hasMessage(message);
            assertThat(Files.readAllBytes(other)).isEqualTo(imageBytes);
            Restore.of(reader.newestImage())
                    .options(options -> options.overImage(true))
                    .to(target);
        }
        assertThat(Files.readAllBytes(other)).startsWith(Files.readAllBytes(disk));
    }

    /** Restores, or captures from, its standard input to the file that it is given. */
    static final class FromStandardInput {
        private FromStandardInput() {}

        public static void main(String[] arguments) throws IOException {
            Path file = Path.of(arguments[1]);
            try {
                if (arguments[0].equals("restore")) {
                    try (BlockDevice target = FileDevice.open(file, OpenMode.WRITE)) {
                        StreamRestore.of(BlockDevices.standardInput())
                                .target(TargetRules.defaults().overImage(true))
                                .to(target);
                    }
                } else {
                    try (ImageWriter writer =
                            ImageWriter.append(file, new DiskGeometry(-1, 512, 512), ImageOptions.defaults())) {
                        Capture.of(BlockDevices.standardInput()).to(writer);
                    }
                }
                System.out.println("done");
            } catch (TargetRefusedException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    private String fromStandardInput(String job, Path input, Path file) throws Exception {
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FromStandardInput.class.getName(),
                        job,
                        file.toString())
                .redirectInput(input.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        java.waitFor();
        return output;
    }

    @Test
    void standardInputThatIsTheTargetIsRefused() throws Exception {
        assertThat(fromStandardInput("restore", image, image)).contains("can't be written");
        assertThat(fromStandardInput("capture", image, image)).contains("can't be written");
        assertThat(Files.readAllBytes(image)).isEqualTo(imageBytes);
        assertThat(fromStandardInput("restore", image, disk)).contains("done");
    }

    @Test
    void nothingIsCreatedWhereOnlyDevicesHaveNames() throws IOException {
        Path none = Path.of("/dev/platter-test-none");
        Path deeper = Path.of("/dev/platter-test-none/disk");
        Path link = Files.createSymbolicLink(directory.resolve("dev"), Path.of("/dev"));
        VirtualDiskFormat raw = VirtualDisks.named("raw").orElseThrow();
        try (ImageReader reader = ImageReader.open(image)) {
            for (Path name : List.of(none, deeper, link.resolve("platter-test-none"))) {
                assertThatThrownBy(() -> Restore.of(reader.newestImage()).toNewFile(name))
                        .isInstanceOf(NoSuchFileException.class)
                        .hasMessageContaining("no such device");
                try (FileChannel stream = FileChannel.open(image)) {
                    assertThatThrownBy(() -> StreamRestore.of(stream).toNewFile(name))
                            .isInstanceOf(NoSuchFileException.class);
                }
                assertThatThrownBy(() ->
                                Convert.of(reader.newestImage()).toNewFile(name, raw, VirtualDiskOptions.defaults()))
                        .isInstanceOf(NoSuchFileException.class);
                assertThatThrownBy(() ->
                                ImageWriter.create(name, new DiskGeometry(SIZE, 512, 512), ImageOptions.defaults()))
                        .isInstanceOf(NoSuchFileException.class);
                assertThat(name).doesNotExist();
            }
        }
        assertThat(Path.of("/dev/platter-test-none.partial")).doesNotExist();
    }

    @Test
    void aDeviceThatIsThereIsNeitherReplacedNorDeleted() throws IOException {
        try (ImageReader reader = ImageReader.open(image)) {
            assertThatThrownBy(() -> Restore.of(reader.newestImage()).toNewFile(Path.of("/dev/null")))
                    .isInstanceOf(java.nio.file.FileAlreadyExistsException.class);
        }
        assertThat(Path.of("/dev/null")).exists();
    }

    @Test
    @Tag("root")
    void aFullDiskIsReportedWithTheFilesName() throws IOException {
        Oracle.requireRoot();
        Path small = Files.createDirectory(directory.resolve("small"));
        Oracle.of("mount").run("-t", "tmpfs", "-o", "size=256k", "tmpfs", small);
        try (ImageReader reader = ImageReader.open(image)) {
            VirtualDiskFormat qcow2 = VirtualDisks.named("qcow2").orElseThrow();
            assertThatThrownBy(() -> Convert.of(reader.newestImage())
                            .toNewFile(small.resolve("disk.qcow2"), qcow2, VirtualDiskOptions.defaults()))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContainingAll("disk.qcow2", "written", "No space left on device");
            assertThatThrownBy(() -> Restore.of(reader.newestImage()).toNewFile(small.resolve("disk.raw")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContainingAll("disk.raw", "write", "No space left on device");
            try (BlockDevice source = FileDevice.open(disk, OpenMode.READ)) {
                assertThatThrownBy(() -> {
                            try (ImageWriter writer = ImageWriter.create(
                                    small.resolve("new.platter"), DiskGeometry.of(source), ImageOptions.defaults())) {
                                Capture.of(source)
                                        .options(CaptureOptions.everything())
                                        .to(writer);
                            }
                        })
                        .isInstanceOf(IOException.class)
                        .hasMessageContainingAll("new.platter", "writing", "No space left on device");
            }
        } finally {
            Oracle.of("umount").run(small);
        }
    }
}

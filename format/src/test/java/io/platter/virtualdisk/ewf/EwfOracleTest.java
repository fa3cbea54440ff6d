package io.platter.virtualdisk.ewf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.block.UnsupportedImageException;
import io.platter.test.Oracle;
import io.platter.testkit.DiskModel;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** libewf says whether we are right. */
class EwfOracleTest {
    private static final VirtualDiskFormat EWF = VirtualDisks.named("ewf").orElseThrow();

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-f ewf",
                "-f ewf -c best",
                "-f smart -c fast",
                "-f ftk -c fast",
                "-f encase2",
                "-f encase3 -c best",
                "-f encase4 -c empty-block",
                "-f encase5 -c fast -b 128",
                "-f encase6 -c none -d sha1",
                "-f encase6 -c deflate:fast -b 16",
                "-f encase6 -c best -b 32768",
                "-f encase7 -c empty-block -b 1024",
                "-f encase7 -c fast -P 4096",
                "-f linen5 -c fast",
                "-f linen6 -c none -P 2048 -b 16",
                "-f linen7 -c best",
                "-f ewfx -c fast"
            })
    void whatEwfacquireWritesReadsBackEqual(String options) throws IOException {
        DiskModel disk = DiskModel.random(5, (7 << 20) + 16_384, 300_000);
        Path first = acquire(disk, options);
        try (BlockDevice file = FileDevice.open(first, OpenMode.READ);
                BlockDevice opened = EWF.open(file, VirtualDiskOptions.defaults())) {
            assertThat(EWF.matches(file)).isTrue();
            assertThat(opened.size()).isEqualTo(disk.bytes().length);
            assertThat(opened.logicalSectorSize())
                    .isEqualTo(options.contains("-P 4096") ? 4096 : options.contains("-P 2048") ? 2048 : 512);
            disk.assertEqual(opened, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-f encase6 -c none -S 1048576",
                "-f encase5 -c fast -S 1048576 -b 128",
                "-f smart -S 1048576",
                "-f ewfx -S 1100000 -c fast"
            })
    void segmentsComeThroughTheResolverByTheirNames(String options) throws IOException {
        DiskModel disk = DiskModel.random(6, 12 << 20, 300_000);
        Path first = acquire(disk, options);
        List<String> asked = new ArrayList<>();
        VirtualDiskOptions resolving = VirtualDiskOptions.builder()
                .resolver((role, name) -> {
                    assertThat(role).isEqualTo("extent");
                    asked.add(name);
                    return FileDevice.open(directory.resolve(name), OpenMode.READ);
                })
                .build();
        List<String> others = segments().stream()
                .filter(segment -> !segment.equals(first))
                .map(segment -> segment.getFileName().toString())
                .toList();
        assertThat(others).hasSizeGreaterThan(1);
        try (BlockDevice file = FileDevice.open(first, OpenMode.READ);
                BlockDevice opened = EWF.open(file, resolving)) {
            assertThat(asked).isEqualTo(others);
            disk.assertEqual(opened, 1);
        }
        try (BlockDevice file = FileDevice.open(first, OpenMode.READ)) {
            assertThatExceptionOfType(UnsupportedImageException.class)
                    .isThrownBy(() -> EWF.open(file, VirtualDiskOptions.defaults()))
                    .withMessageContaining("\"" + others.get(0) + "\"");
        }
    }

    @Test
    void aDiskOfHalfASectorMoreIsAsLargeAsItIsExported() throws IOException {
        DiskModel disk = DiskModel.random(5, (1 << 20) + 700, 300_000);
        Path first = acquire(disk, "-f encase6 -c fast");
        Oracle.of("ewfexport").run("-q", "-u", "-f", "raw", "-t", directory.resolve("export"), first);
        byte[] exported = Files.readAllBytes(directory.resolve("export.raw"));
        try (BlockDevice file = FileDevice.open(first, OpenMode.READ);
                BlockDevice opened = EWF.open(file, VirtualDiskOptions.defaults())) {
            assertThat(DiskModel.read(opened, 0, (int) opened.size())).isEqualTo(exported);
        }
    }

    /** What ewfacquire does not write is in images of ours, which then have to be right too. */
    @ParameterizedTest
    @EnumSource(EwfImage.Kind.class)
    void ewfexportReadsOurImagesAsWeDo(EwfImage.Kind kind) throws IOException {
        DiskModel disk = DiskModel.random(5, 1 << 20, 30_000);
        EwfImage image = new EwfImage(disk, kind);
        image.tablesInSegment = 2;
        List<byte[]> files = image.write();
        Path first = directory.resolve("image.E01");
        for (int i = 0; i < files.size(); i++) {
            Files.write(i == 0 ? first : directory.resolve(Segments.nameOf("image.E01", i + 1)), files.get(i));
        }
        Oracle.of("ewfexport").run("-q", "-u", "-f", "raw", "-t", directory.resolve("export"), first);
        assertThat(Files.readAllBytes(directory.resolve("export.raw"))).isEqualTo(disk.bytes());
    }

    private Path acquire(DiskModel disk, String options) throws IOException {
        Path raw = Files.write(directory.resolve("disk.raw"), disk.bytes());
        List<Object> arguments = new ArrayList<>(List.of("-q", "-u", "-t", directory.resolve("image")));
        arguments.addAll(Arrays.asList((Object[]) options.split(" ")));
        arguments.add(raw);
        Oracle.of("ewfacquire").run(arguments.toArray());
        return segments().get(0);
    }

    private List<Path> segments() throws IOException {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.filter(path -> path.getFileName().toString().startsWith("image."))
                    .sorted()
                    .toList();
        }
    }
}

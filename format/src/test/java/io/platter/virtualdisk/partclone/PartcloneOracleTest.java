package io.platter.virtualdisk.partclone;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.BlockDevice;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.block.ExtentSet;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.filesystem.kit.Partclone;
import io.platter.test.Oracle;
import io.platter.testkit.DiskModel;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** partclone says whether we are right: what it restores is what we read. */
class PartcloneOracleTest {
    private static final VirtualDiskFormat PARTCLONE =
            VirtualDisks.named("partclone").orElseThrow();

    @TempDir
    private Path directory;

    private Path source;
    private Path image;
    private Path files;

    @BeforeEach
    void writeFiles() throws IOException {
        source = directory.resolve("volume.raw");
        image = directory.resolve("volume.pc");
        files = Files.createDirectory(directory.resolve("files"));
        for (int i = 0; i < 20; i++) {
            byte[] content = DiskModel.random(i, 50_000 * i + 1, 20_000).bytes();
            Files.write(files.resolve("file" + i), content);
        }
    }

    /** partclone 0.3.23 writes after its buffer where that does not hold whole strips: these are powers of two. */
    @ParameterizedTest
    @ValueSource(strings = {"-a0", "-a1", "-a1 -k1", "-a1 -k16", "-a1 -k1048576", "-a1 -k64 -K", "-a1 -k512 -K"})
    void everyChecksumModeReadsAsItIsRestored(String options) throws IOException {
        writeVolume(24 << 20);
        Oracle.of("mkfs.ext4").run("-q", "-F", "-b", 1024, "-d", files, source);
        clone("partclone.extfs", options.split(" "));
        assertReadsAsRestored();
        assertThat(used()).isEqualTo(Partclone.used("partclone.extfs", source));
    }

    @Test
    void aFatVolumeReadsAsItIsRestored() throws IOException {
        writeVolume(20_000_123);
        Oracle.of("mkfs.vfat").run("-F", 16, source);
        Oracle.of("mcopy").run("-i", source, "-s", files, "::");
        clone("partclone.fat");
        assertReadsAsRestored();
        assertThat(used()).isEqualTo(Partclone.used("partclone.fat", source));
    }

    @Test
    void aDiskTakenWholeReadsAsTheDisk() throws IOException {
        DiskModel disk = DiskModel.random(4, 5 << 20, 300_000);
        Files.write(source, disk.bytes());
        clone("partclone.imager");
        assertReadsAsRestored();
        try (BlockDevice file = FileDevice.open(image, OpenMode.READ);
                BlockDevice opened = PARTCLONE.open(file, VirtualDiskOptions.defaults())) {
            disk.assertEqual(opened, 1);
        }
    }

    /** Nothing writes these any more: our own image of them has to be right too. */
    @ParameterizedTest
    @CsvSource({"1, 8", "2, 8", "2, 0", "2, 1"})
    void partcloneRestoresOldImagesAsWeReadThem(int version, int bitmapMode) throws IOException {
        DiskModel disk = DiskModel.random(4, 1 << 20, 30_000);
        PartcloneImage old = new PartcloneImage(disk);
        old.version = version;
        old.bitmapMode = bitmapMode;
        Files.write(image, old.write().toByteArray());
        assertReadsAsRestored();
        try (BlockDevice file = FileDevice.open(image, OpenMode.READ);
                BlockDevice opened = PARTCLONE.open(file, VirtualDiskOptions.defaults())) {
            disk.assertEqual(opened, 1);
        }
    }

    private void writeVolume(long size) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(source.toFile(), "rw")) {
            file.setLength(size);
        }
    }

    private void clone(String program, String... options) {
        List<Object> arguments =
                new ArrayList<>(List.of("-c", "-q", "-f", 0, "-F", "-L", "/dev/null", "-s", source, "-o", image));
        arguments.addAll(Arrays.asList(options));
        Oracle.of(program).run(arguments.toArray());
    }

    private void assertReadsAsRestored() throws IOException {
        Path restored = directory.resolve("restored.raw");
        Oracle.of("partclone.restore")
                .run("-q", "-f", 0, "-F", "-C", "-W", "-L", "/dev/null", "-s", image, "-O", restored);
        byte[] expected = Files.readAllBytes(restored);
        try (BlockDevice file = FileDevice.open(image, OpenMode.READ);
                BlockDevice opened = PARTCLONE.open(file, VirtualDiskOptions.defaults())) {
            assertThat(opened.size()).isEqualTo(expected.length);
            assertThat(DiskModel.read(opened, 0, expected.length)).isEqualTo(expected);
            DiskModel.assertExtentsTrue(opened);
        }
    }

    private ExtentSet used() throws IOException {
        ExtentSet.Builder used = ExtentSet.builder();
        try (BlockDevice file = FileDevice.open(image, OpenMode.READ);
                BlockDevice opened = PARTCLONE.open(file, VirtualDiskOptions.defaults())) {
            for (long offset = 0; offset < opened.size(); ) {
                Extent extent = opened.extentAt(offset);
                if (extent.kind() == ExtentKind.DATA) {
                    used.add(extent.offset(), extent.length());
                }
                offset = extent.end();
            }
        }
        return used.build();
    }
}

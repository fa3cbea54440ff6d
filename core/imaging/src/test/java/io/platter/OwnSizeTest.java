package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.BlockDevice;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.job.CaptureOptions;
import io.platter.test.LoopDevice;
import io.platter.test.Oracle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A volume on a whole disk goes to a smaller disk only as far as it says itself that it reaches. */
class OwnSizeTest {
    private static final long MIB = 1 << 20;

    @TempDir
    Path directory;

    private Path file(String name, long size) throws IOException {
        Path file = directory.resolve(name);
        FileDevice.create(file, size).close();
        return file;
    }

    private void assertNeeds(Path disk, long size) throws IOException {
        Path image = directory.resolve("image");
        try (BlockDevice device = FileDevice.open(disk, OpenMode.READ);
                ImageWriter writer = ImageWriter.create(image, DiskGeometry.of(device), ImageOptions.defaults())) {
            Capture.of(device).options(options -> options.usedOnly(true)).to(writer);
        }
        Path small = file("small", size - 512);
        Path fitting = file("fitting", size);
        try (ImageReader reader = ImageReader.open(image);
                FileDevice tooSmall = FileDevice.open(small, OpenMode.WRITE);
                FileDevice enough = FileDevice.open(fitting, OpenMode.WRITE)) {
            Restore restore = Restore.of(reader.newestImage()).options(options -> options.allowSmaller(true));
            assertThatThrownBy(() -> restore.to(tooSmall))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(String.valueOf(size));
            assertThat(Files.mismatch(small, file("untouched", size - 512))).isEqualTo(-1);
            restore.to(enough);
        }
        try (ImageReader reader = ImageReader.open(image);
                FileDevice enough = FileDevice.open(fitting, OpenMode.READ);
                FileDevice tooSmall = FileDevice.open(small, OpenMode.READ)) {
            assertThat(Verify.of(reader.newestImage()).differences(enough)).isEmpty();
            assertThat(Verify.of(reader.newestImage()).differences(tooSmall)).isNotEmpty();
        }
    }

    /** The disk has 400 MiB, the filesystem is made on the first {@code mebibytes} of it. */
    @ParameterizedTest
    @CsvSource({
        "mkfs.ext4, -q -F, 40",
        "mkfs.vfat, -F 32, 40",
        "mkfs.exfat, -c 4K, 40",
        "mkfs.ntfs, -q -F -f, 40",
        "mkfs.xfs, -q -f, 320",
        "mkfs.btrfs, -q -f, 120",
        "mkfs.f2fs, -q -f, 60",
        "mkswap, -q, 40"
    })
    void aFilesystemNeedsAsMuchAsItSays(String program, String options, long mebibytes) throws IOException {
        Path disk = file("disk", mebibytes * MIB);
        Object[] arguments = (options + " " + disk).split(" ");
        Oracle.of(program).run(arguments);
        try (FileChannel channel = FileChannel.open(disk, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), 400 * MIB - 1);
        }
        assertNeeds(disk, mebibytes * MIB);
    }

    /** LUKS reaches to the end of its device. Source: LUKS1 on-disk format, section 2.3; version 1. */
    @Test
    void anEncryptedVolumeNeedsAllOfItsDisk() throws IOException {
        Path disk = file("disk", 40 * MIB);
        try (FileChannel channel = FileChannel.open(disk, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap("LUKS\u00BA\u00BE\0\u0001".getBytes(StandardCharsets.ISO_8859_1)), 0);
        }
        assertNeeds(disk, 40 * MIB);
    }

    @Test
    void whatIsNotRecognisedNeedsAllOfItsDisk() throws IOException {
        Path disk = file("disk", 40 * MIB);
        Files.write(disk, new byte[] {1, 2, 3}, StandardOpenOption.WRITE);
        assertNeeds(disk, 40 * MIB);
    }

    @Test
    void anEmptyDiskFitsOnAnyOther() throws IOException {
        Path disk = file("disk", 40 * MIB);
        Path image = directory.resolve("image");
        try (BlockDevice device = FileDevice.open(disk, OpenMode.READ);
                ImageWriter writer = ImageWriter.create(image, DiskGeometry.of(device), ImageOptions.defaults())) {
            Capture.of(device).options(CaptureOptions.everything()).to(writer);
        }
        try (ImageReader reader = ImageReader.open(image);
                FileDevice target = FileDevice.open(file("target", MIB), OpenMode.WRITE)) {
            Restore.of(reader.newestImage())
                    .options(options -> options.allowSmaller(true))
                    .to(target);
        }
    }

    @Test
    @Tag("root")
    void anLvmPhysicalVolumeNeedsAsMuchAsItSays() throws IOException {
        Oracle.requireRoot();
        Path disk = file("disk", 40 * MIB);
        try (LoopDevice loop = LoopDevice.attach(disk)) {
            Oracle.of("pvcreate")
                    .run(
                            "--driverloaded",
                            "n",
                            "--config",
                            "backup{backup=0 archive=0}",
                            "-y",
                            "--devices",
                            loop.path(),
                            loop.path());
        }
        try (FileChannel channel = FileChannel.open(disk, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), 80 * MIB - 1);
        }
        assertNeeds(disk, 40 * MIB);
    }
}

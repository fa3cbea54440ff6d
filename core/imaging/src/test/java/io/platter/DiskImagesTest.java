package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.MemoryDevice;
import io.platter.block.UnsupportedImageException;
import io.platter.test.Oracle;
import io.platter.virtualdisk.FileResolver;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiskImagesTest {
    private static final int SIZE = 3 << 20;

    @TempDir
    Path directory;

    private final byte[] disk = new byte[SIZE];

    DiskImagesTest() {
        new Random(1).nextBytes(disk);
        Arrays.fill(disk, 1 << 20, 2 << 20, (byte) 0);
    }

    private static byte[] read(BlockDevice device) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(SIZE);
        device.read(target, 0);
        return target.array();
    }

    private Path file(String format) throws IOException {
        Path file = directory.resolve("disk." + format);
        if (format.equals("platter")) {
            Capture.of(MemoryDevice.over(disk)).to(file);
        } else {
            Convert.of(MemoryDevice.over(disk))
                    .toNewFile(file, VirtualDisks.named(format).orElseThrow(), VirtualDiskOptions.defaults());
        }
        return file;
    }

    @ParameterizedTest
    @ValueSource(strings = {"platter", "qcow2", "vmdk", "vhd", "vhdx", "vdi", "android-sparse"})
    void aDiskIsOpenedInWhateverFormItIs(String format) throws IOException {
        Path file = file(format);
        BlockDevice opened = DiskImages.open(file);
        assertThat(read(opened)).isEqualTo(disk);
        assertThat(opened.extentAt(0).end()).isLessThanOrEqualTo(SIZE);
        assertThat(opened.isWritable()).isFalse();
        assertThat(opened.backing()).isNotEmpty();
        opened.close();
        opened.close();
        assertThatThrownBy(() -> read(opened)).isInstanceOf(IOException.class);
    }

    @Test
    void aRawDiskHasToBeCalledOne() throws IOException {
        Path raw = Files.write(directory.resolve("raw"), disk);
        assertThatThrownBy(() -> DiskImages.open(raw))
                .isInstanceOf(UnsupportedImageException.class)
                .hasMessageContaining(raw.toString())
                .hasMessageContaining("raw");
        assertThatThrownBy(() -> DiskImages.open(directory.resolve("none"))).isInstanceOf(NoSuchFileException.class);
        Path cut = Files.write(directory.resolve("cut"), Arrays.copyOf(Files.readAllBytes(file("platter")), 300));
        assertThatThrownBy(() -> DiskImages.open(cut)).isInstanceOf(CorruptImageException.class);
    }

    @Test
    void whatAFileNamesIsOpenedOnlyWhereTheCallerAllows() throws IOException {
        Path parent = file("qcow2");
        Path child = directory.resolve("child");
        Oracle.of("qemu-img").run("create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", parent, child);
        assertThatThrownBy(() -> DiskImages.open(child))
                .isInstanceOf(UnsupportedImageException.class)
                .hasMessageContaining(parent.toString());
        VirtualDiskOptions beside = VirtualDiskOptions.builder()
                .resolver(FileResolver.inDirectory(directory))
                .build();
        try (BlockDevice opened = DiskImages.open(child, beside)) {
            assertThat(read(opened)).isEqualTo(disk);
        }
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Path link = Files.createSymbolicLink(elsewhere.resolve(parent.getFileName()), parent);
        VirtualDiskOptions inOther = VirtualDiskOptions.builder()
                .resolver(FileResolver.inDirectory(elsewhere))
                .build();
        assertThatThrownBy(() -> DiskImages.open(child, inOther))
                .isInstanceOf(UnsupportedImageException.class)
                .hasMessageContaining(elsewhere.toString());
        assertThat(link).isSymbolicLink();
    }
}

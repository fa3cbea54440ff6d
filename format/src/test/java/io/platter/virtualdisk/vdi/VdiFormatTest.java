package io.platter.virtualdisk.vdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.FileDevice;
import io.platter.block.MemoryDevice;
import io.platter.block.OpenMode;
import io.platter.block.UnsupportedImageException;
import io.platter.test.Oracle;
import io.platter.testkit.DiskModel;
import io.platter.testkit.SparseFile;
import io.platter.testkit.VirtualDiskFormatContract;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VdiFormatTest {
    private static final VirtualDiskFormat VDI = VirtualDisks.named("vdi").orElseThrow();

    @TempDir
    private Path directory;

    @Nested
    class Dynamic implements VirtualDiskFormatContract {
        @Override
        public VirtualDiskFormat format() {
            return VDI;
        }

        @Override
        public int damageRounds() {
            return 1000;
        }
    }

    @Nested
    class Static implements VirtualDiskFormatContract {
        @Override
        public VirtualDiskFormat format() {
            return VDI;
        }

        @Override
        public VirtualDiskOptions options() {
            return VirtualDiskOptions.builder().subformat("static").build();
        }

        @Override
        public int damageRounds() {
            return 50;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"static=off", "static=on", "preallocation=full"})
    void whatQemuConvertsReadsBackEqual(String options) throws IOException {
        DiskModel disk = DiskModel.random(3, (9 << 20) + 512, 2_000_000);
        Path raw = Files.write(directory.resolve("disk.raw"), disk.bytes());
        Path vdi = directory.resolve("disk.vdi");
        Oracle.of("qemu-img").run("convert", "-f", "raw", "-O", "vdi", "-o", options, raw, vdi);
        try (BlockDevice file = FileDevice.open(vdi, OpenMode.READ);
                BlockDevice opened = VDI.open(file, VirtualDiskOptions.defaults())) {
            disk.assertEqual(opened, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dynamic", "static"})
    void qemuAcceptsWhatWeWrite(String subformat) throws IOException {
        DiskModel disk = DiskModel.random(4, (9 << 20) + 512, 2_000_000);
        Path raw = Files.write(directory.resolve("disk.raw"), disk.bytes());
        Path vdi = directory.resolve("disk.vdi");
        VirtualDiskOptions options =
                VirtualDiskOptions.builder().subformat(subformat).build();
        try (FileChannel channel = FileChannel.open(vdi, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
                VirtualDiskWriter writer = VDI.create(channel, disk.bytes().length, options)) {
            disk.writeTo(writer, 3);
        }
        Oracle qemuImg = Oracle.of("qemu-img");
        assertThat(qemuImg.run("check", "-f", "vdi", vdi)).contains("No errors were found");
        qemuImg.run("compare", "-f", "raw", "-F", "vdi", raw, vdi);
    }

    @ParameterizedTest
    @CsvSource({
        "64, 0, 64",
        "340, 3, 340",
        "340, 0, 340",
        "340, -4, 340",
        "344, 0, 344",
        "360, 0, 360",
        "360, 4096, 360",
        "372, 0x7fffffff, 384",
        "372, -1, 368",
        "376, 0, 376",
        "376, 1000, 376",
        "376, -0x80000000, 376",
        "380, 1, 380",
        "384, -1, 384",
        "384, 0x1fffffff, 384",
        "384, 0x1fffff00, 340",
        "384, 1, 384",
        "512, 0x7ffffffe, 512",
        "512, 1, 516",
        "516, 0, 516",
    })
    void aNumberThatCanNotBeIsRefused(int field, String value, long refusedAt) throws IOException {
        byte[] file = image();
        ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(field, Integer.decode(value));
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> {
                    try (BlockDevice disk = VDI.open(MemoryDevice.over(file), VirtualDiskOptions.defaults())) {
                        DiskModel.read(disk, 0, 10);
                    }
                })
                .satisfies(e -> assertThat(e.offset()).as(e.getMessage()).isEqualTo(refusedAt));
    }

    @Test
    void aDiskUponAnotherIsRefused() throws IOException {
        byte[] file = image();
        file[76] = 4;
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(() -> VDI.open(MemoryDevice.over(file), VirtualDiskOptions.defaults()));
    }

    @Test
    void anUnknownSubformatIsRefused() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> VDI.create(
                        new SparseFile(),
                        10,
                        VirtualDiskOptions.builder().subformat("undo").build()))
                .withMessageContaining("[dynamic, static]");
    }

    /** Returns a file with two blocks. */
    private static byte[] image() throws IOException {
        SparseFile file = new SparseFile();
        try (VirtualDiskWriter writer = VDI.create(file, 2 << 20, VirtualDiskOptions.defaults())) {
            byte[] content = new byte[2 << 20];
            content[0] = 1;
            content[1 << 20] = 2;
            writer.data(0, ByteBuffer.wrap(content));
            writer.finish();
        }
        return file.toByteArray();
    }
}

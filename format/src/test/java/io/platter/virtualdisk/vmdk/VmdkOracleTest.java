package io.platter.virtualdisk.vmdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.ExtentKind;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.block.UnsupportedImageException;
import io.platter.test.Oracle;
import io.platter.testkit.DiskModel;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code qemu-img} says whether we are right, both ways; other readers say so of what we write. */
class VmdkOracleTest {
    private static final VirtualDiskFormat VMDK = VirtualDisks.named("vmdk").orElseThrow();

    private final DiskModel disk = DiskModel.random(5, (9 << 20) + 512, 500_000);
    private Oracle qemuImg;
    private Path raw;
    private Path vmdk;

    @TempDir
    private Path directory;

    @BeforeEach
    void writeRaw() throws IOException {
        qemuImg = Oracle.of("qemu-img");
        raw = Files.write(directory.resolve("disk.raw"), disk.bytes());
        vmdk = directory.resolve("disk.vmdk");
    }

    /** Returns options whose resolver finds files beside the disk's own. */
    private VirtualDiskOptions beside() {
        return VirtualDiskOptions.builder()
                .resolver((role, name) -> FileDevice.open(directory.resolve(name), OpenMode.READ))
                .build();
    }

    private void assertReadsAsTheDisk(VirtualDiskOptions options) throws IOException {
        try (BlockDevice file = FileDevice.open(vmdk, OpenMode.READ)) {
            assertThat(VMDK.matches(file)).isTrue();
            try (BlockDevice opened = VMDK.open(file, options)) {
                disk.assertEqual(opened, 1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "subformat=monolithicSparse",
                "subformat=monolithicSparse,adapter_type=lsilogic,zeroed_grain=on",
                "subformat=monolithicSparse,adapter_type=buslogic,compat6=on",
                "subformat=streamOptimized",
                "subformat=streamOptimized,adapter_type=legacyESX,hwversion=13"
            })
    void aDiskOfOneFileReadsBackEqual(String options) throws IOException {
        qemuImg.run("convert", "-f", "raw", "-O", "vmdk", "-o", options, raw, vmdk);
        assertReadsAsTheDisk(VirtualDiskOptions.defaults());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "subformat=monolithicFlat",
                "subformat=twoGbMaxExtentFlat,adapter_type=lsilogic",
                "subformat=twoGbMaxExtentSparse,compat6=on",
                "subformat=twoGbMaxExtentSparse,zeroed_grain=on"
            })
    void aDiskOfSeveralFilesReadsBackEqualThroughTheResolver(String options) throws IOException {
        qemuImg.run("convert", "-f", "raw", "-O", "vmdk", "-o", options, raw, vmdk);
        assertReadsAsTheDisk(beside());
        try (BlockDevice file = FileDevice.open(vmdk, OpenMode.READ)) {
            assertThatExceptionOfType(UnsupportedImageException.class)
                    .isThrownBy(() -> VMDK.open(file, VirtualDiskOptions.defaults()))
                    .withMessageContaining("extent \"disk-");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"twoGbMaxExtentFlat", "twoGbMaxExtentSparse"})
    void aSplitDiskIsOneDiskAcrossItsExtents(String subformat) throws IOException {
        long size = (5L << 30) + 512;
        long[] places = {0, (2L << 30) - 2000, (4L << 30) - 5000, size - 10_000};
        byte[] content = DiskModel.random(7, 10_000, 20_000).bytes();
        Files.delete(raw);
        try (FileDevice device = FileDevice.create(raw, size)) {
            for (long place : places) {
                device.write(ByteBuffer.wrap(content), place);
            }
        }
        qemuImg.run("convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=" + subformat, raw, vmdk);
        try (BlockDevice file = FileDevice.open(vmdk, OpenMode.READ);
                BlockDevice opened = VMDK.open(file, beside())) {
            assertThat(opened.size()).isEqualTo(size);
            for (long place : places) {
                assertThat(DiskModel.read(opened, place, content.length)).isEqualTo(content);
            }
            assertThat(opened.extentAt(size - 1).end()).isEqualTo(size);
            assertThat(opened.extentAt(1L << 30).kind())
                    .isEqualTo(subformat.endsWith("Flat") ? ExtentKind.DATA : ExtentKind.HOLE);
        }
    }

    @Test
    void anExtentOfEsxServerReadsAsQemuReadsIt() throws IOException {
        Files.write(directory.resolve("disk-delta.vmdk"), VmdkImage.cowd());
        Files.write(
                vmdk,
                VmdkImage.descriptor(
                        "parentCID=ffffffff",
                        "createType=\"vmfsSparse\"",
                        "RW " + VmdkImage.DISK_SIZE / 512 + " VMFSSPARSE \"disk-delta.vmdk\""));
        Path back = directory.resolve("back.raw");
        qemuImg.run("convert", "-f", "vmdk", "-O", "raw", vmdk, back);
        assertThat(Files.readAllBytes(back)).isEqualTo(VmdkImage.content());
        try (BlockDevice file = FileDevice.open(vmdk, OpenMode.READ);
                BlockDevice opened = VMDK.open(file, beside())) {
            assertThat(DiskModel.read(opened, 0, (int) opened.size())).isEqualTo(VmdkImage.content());
            assertThat(opened.extentAt(VmdkImage.GRAIN).kind()).isEqualTo(ExtentKind.HOLE);
        }
    }

    @Test
    void aChainOfParentsIsReadThroughTheResolver() throws IOException {
        Oracle qemuIo = Oracle.of("qemu-io");
        Path base = directory.resolve("base.vmdk");
        Path middle = directory.resolve("middle.vmdk");
        qemuImg.run("convert", "-f", "raw", "-O", "vmdk", raw, base);
        qemuImg.run("create", "-f", "vmdk", "-b", base, "-F", "vmdk", middle);
        qemuIo.run("-f", "vmdk", "-c", "write -P 0x11 1M 100k", middle);
        qemuImg.run("create", "-f", "vmdk", "-o", "zeroed_grain=on", "-b", middle, "-F", "vmdk", vmdk);
        qemuIo.run("-f", "vmdk", "-c", "write -P 0x22 1050k 2k", "-c", "write -z 4M 128k", vmdk);
        Path flat = directory.resolve("flat.raw");
        qemuImg.run("convert", "-f", "vmdk", "-O", "raw", vmdk, flat);

        try (BlockDevice file = FileDevice.open(vmdk, OpenMode.READ);
                BlockDevice opened = VMDK.open(file, beside())) {
            assertThat(DiskModel.read(opened, 0, (int) opened.size())).isEqualTo(Files.readAllBytes(flat));
            assertThat(opened.extentAt(4 << 20).kind()).isEqualTo(ExtentKind.ZERO);
            DiskModel.assertExtentsTrue(opened);
        }
        try (BlockDevice file = FileDevice.open(vmdk, OpenMode.READ)) {
            assertThatExceptionOfType(UnsupportedImageException.class)
                    .isThrownBy(() -> VMDK.open(file, VirtualDiskOptions.defaults()))
                    .withMessageContaining("middle.vmdk");
        }
    }

    @ParameterizedTest
    @CsvSource({"65536, 0", "65536, 1", "65536, 9", "65536, 22", "8192, 0", "32768, 3"})
    void qemuAcceptsWhatWeWrite(int grainSize, int level) throws IOException {
        write(grainSize, level);
        assertThat(qemuImg.run("check", "-f", "vmdk", vmdk)).contains("No errors were found");
        assertThat(qemuImg.run("info", "-f", "vmdk", vmdk))
                .contains("(" + disk.bytes().length + " bytes)", "create type: streamOptimized", "compressed: true")
                .contains("cluster size: " + grainSize, "parent cid: 4294967295");
        qemuImg.run("compare", "-f", "raw", "-F", "vmdk", raw, vmdk);
    }

    @Test
    void qemuAcceptsADiskWithoutDataAndAHugeOne() throws IOException {
        for (long size : new long[] {512, 1 << 20, 62L << 40}) {
            Files.deleteIfExists(vmdk);
            try (FileChannel channel = channel();
                    VirtualDiskWriter writer = VMDK.create(channel, size, VirtualDiskOptions.defaults())) {
                writer.empty(0, size, ExtentKind.ZERO);
                writer.finish();
            }
            assertThat(qemuImg.run("info", "-f", "vmdk", vmdk)).contains("(" + size + " bytes)");
            if (size < 1L << 40) { // It looks at each grain.
                assertThat(qemuImg.run("check", "-f", "vmdk", vmdk)).contains("No errors were found");
            }
        }
    }

    @Test
    void sevenZipAndLibvmdkReadWhatWeWrite() throws IOException {
        write(1 << 16, 0);
        Oracle.of("7z").run("e", "-y", "-o" + directory.resolve("out"), vmdk);
        try (var files = Files.list(directory.resolve("out"))) {
            assertThat(Files.readAllBytes(files.findFirst().orElseThrow())).isEqualTo(disk.bytes());
        }
        String printed = Oracle.of("img_cat").run("-i", "vmdk", vmdk);
        assertThat(printed.getBytes(StandardCharsets.ISO_8859_1)).isEqualTo(disk.bytes());
    }

    private void write(int grainSize, int level) throws IOException {
        VirtualDiskOptions options = VirtualDiskOptions.builder()
                .blockSize(grainSize)
                .compressionLevel(level)
                .build();
        try (FileChannel channel = channel();
                VirtualDiskWriter writer = VMDK.create(channel, disk.bytes().length, options)) {
            disk.writeTo(writer, 3);
        }
    }

    private FileChannel channel() throws IOException {
        return FileChannel.open(vmdk, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
    }
}

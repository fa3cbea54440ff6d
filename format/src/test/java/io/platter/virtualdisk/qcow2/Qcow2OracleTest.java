package io.platter.virtualdisk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.ExtentKind;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.block.UnsupportedImageException;
import io.platter.test.Oracle;
import io.platter.testkit.DiskModel;
import io.platter.virtualdisk.Compression;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskInfo;
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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code qemu-img} says whether we are right, both ways. */
class Qcow2OracleTest {
    private static final VirtualDiskFormat QCOW2 = VirtualDisks.named("qcow2").orElseThrow();

    private final DiskModel disk = DiskModel.random(5, 9 << 20, 500_000);
    private Oracle qemuImg;
    private Path raw;
    private Path qcow2;

    @TempDir
    private Path directory;

    @BeforeEach
    void writeRaw() throws IOException {
        qemuImg = Oracle.of("qemu-img");
        raw = directory.resolve("disk.raw");
        qcow2 = directory.resolve("disk.qcow2");
        Files.write(raw, disk.bytes());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "compat=0.10",
                "compat=1.1",
                "cluster_size=512",
                "cluster_size=4096,refcount_bits=1",
                "cluster_size=2M,refcount_bits=64",
                "refcount_bits=8,lazy_refcounts=on",
                "extended_l2=on",
                "extended_l2=on,cluster_size=16K",
                "preallocation=metadata",
                "preallocation=falloc",
                "preallocation=full,cluster_size=1M",
                "extended_l2=on,preallocation=metadata,cluster_size=128K"
            })
    void whatQemuConvertsReadsBackEqual(String options) throws IOException {
        qemuImg.run("convert", "-f", "raw", "-O", "qcow2", "-o", options, raw, qcow2);
        assertReadsAsTheDisk(VirtualDiskOptions.defaults());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "compat=0.10",
                "compression_type=zlib",
                "compression_type=zstd",
                "compression_type=zstd,cluster_size=2M",
                "compression_type=zlib,cluster_size=512",
                "compression_type=zstd,extended_l2=on"
            })
    void whatQemuCompressesReadsBackEqual(String options) throws IOException {
        qemuImg.run("convert", "-c", "-f", "raw", "-O", "qcow2", "-o", options, raw, qcow2);
        assertReadsAsTheDisk(VirtualDiskOptions.defaults());
    }

    private void assertReadsAsTheDisk(VirtualDiskOptions options) throws IOException {
        try (BlockDevice file = FileDevice.open(qcow2, OpenMode.READ);
                BlockDevice opened = QCOW2.open(file, options)) {
            disk.assertEqual(opened, 1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "NONE, 65536",
        "NONE, 512",
        "NONE, 4096",
        "NONE, 2097152",
        "ZSTD, 65536",
        "ZSTD, 4096",
        "ZSTD, 2097152",
        "DEFLATE, 65536",
        "DEFLATE, 512",
        "DEFLATE, 1048576"
    })
    void qemuAcceptsWhatWeWrite(Compression compression, int clusterSize) throws IOException {
        write(disk, compression, clusterSize);
        assertThat(qemuImg.run("check", "-f", "qcow2", qcow2)).contains("No errors were found");
        qemuImg.run("compare", "-f", "raw", "-F", "qcow2", raw, qcow2);
    }

    @Test
    void refcountsAreRightWhereManyRefcountBlocksAndTablesAreNeeded() throws IOException {
        DiskModel noise = DiskModel.random(8, 20 << 20, 3_000_000);
        Files.write(raw, noise.bytes());
        for (Compression compression : Compression.values()) {
            Files.deleteIfExists(qcow2);
            write(noise, compression, 512);
            assertThat(qemuImg.run("check", "-f", "qcow2", qcow2)).contains("No errors were found");
            qemuImg.run("compare", "-f", "raw", "-F", "qcow2", raw, qcow2);
        }
    }

    @Test
    void qemuMapsOurZerosAndHolesAsWeMeantThem() throws IOException {
        try (FileChannel channel = channel(qcow2);
                VirtualDiskWriter writer = QCOW2.create(channel, 1 << 20, VirtualDiskOptions.defaults())) {
            writer.data(0, ByteBuffer.wrap("data".repeat(1 << 14).getBytes(StandardCharsets.US_ASCII)));
            writer.empty(1 << 16, 1 << 17, ExtentKind.ZERO);
            writer.empty(3 << 16, (1 << 20) - (3 << 16), ExtentKind.HOLE);
            writer.finish();
        }
        String map = qemuImg.run("map", "--output=json", "-f", "qcow2", qcow2);
        assertThat(map.lines())
                .hasSize(3)
                .anySatisfy(line -> assertThat(line)
                        .contains("\"start\": 65536, \"length\": 131072")
                        .contains("\"present\": true, \"zero\": true"))
                .anySatisfy(line ->
                        assertThat(line).contains("\"start\": 196608").contains("\"present\": false, \"zero\": true"));
    }

    @Test
    void anEmptyDiskPassesTheCheck() throws IOException {
        try (FileChannel channel = channel(qcow2);
                VirtualDiskWriter writer = QCOW2.create(channel, 0, VirtualDiskOptions.defaults())) {
            writer.finish();
        }
        assertThat(qemuImg.run("check", "-f", "qcow2", qcow2)).contains("No errors were found");
    }

    @ParameterizedTest
    @EnumSource(names = {"ZERO", "HOLE"})
    void aLargeDiskWithoutDataPassesTheCheckAndIsSmall(ExtentKind kind) throws IOException {
        long size = 5L << 40;
        try (FileChannel channel = channel(qcow2);
                VirtualDiskWriter writer = QCOW2.create(channel, size, VirtualDiskOptions.defaults())) {
            writer.empty(0, size, kind);
            writer.finish();
        }
        assertThat(Files.size(qcow2)).isLessThan(1 << 20);
        assertThat(qemuImg.run("check", "-f", "qcow2", qcow2)).contains("No errors were found");
        assertThat(qemuImg.run("info", "-f", "qcow2", qcow2)).contains(Long.toString(size));
    }

    @Test
    void eachSnapshotReadsAsTheDiskWasThen() throws IOException {
        Oracle qemuIo = Oracle.of("qemu-io");
        qemuImg.run("convert", "-f", "raw", "-O", "qcow2", raw, qcow2);
        qemuImg.run("snapshot", "-c", "first", qcow2);
        qemuIo.run("-f", "qcow2", "-c", "write -P 0xab 0 200k", "-c", "write -z 1M 1M", qcow2);
        qemuImg.run("snapshot", "-c", "second", qcow2);
        qemuImg.run("resize", "-f", "qcow2", qcow2, "20M");
        qemuIo.run("-f", "qcow2", "-c", "write -P 0xcd 100k 12M", qcow2);

        try (BlockDevice file = FileDevice.open(qcow2, OpenMode.READ)) {
            assertThat(QCOW2.info(file).snapshots())
                    .containsExactly(
                            new VirtualDiskInfo.Snapshot("1", "first", 9 << 20),
                            new VirtualDiskInfo.Snapshot("2", "second", 9 << 20));
        }
        assertReadsAsTheDisk(VirtualDiskOptions.builder().snapshot("first").build());
        assertReadsAsTheDisk(VirtualDiskOptions.builder().snapshot("1").build());
        try (BlockDevice file = FileDevice.open(qcow2, OpenMode.READ);
                BlockDevice second = QCOW2.open(
                        file, VirtualDiskOptions.builder().snapshot("second").build());
                BlockDevice now = QCOW2.open(file, VirtualDiskOptions.defaults())) {
            assertThat(second.size()).isEqualTo(9 << 20);
            assertThat(DiskModel.read(second, 0, 1)).containsExactly(0xab);
            assertThat(DiskModel.read(second, 150 << 10, 1)).containsExactly(0xab);
            assertThat(DiskModel.read(second, 1 << 20, 1 << 20)).isEqualTo(new byte[1 << 20]);
            assertThat(now.size()).isEqualTo(20 << 20);
            assertThat(DiskModel.read(now, 150 << 10, 1)).containsExactly(0xcd);
        }
    }

    @Test
    void aChainOfBackingFilesIsReadThroughTheResolver() throws IOException {
        Oracle qemuIo = Oracle.of("qemu-io");
        Path middle = directory.resolve("middle.qcow2");
        qemuImg.run("create", "-f", "qcow2", "-b", raw, "-F", "raw", middle, "12M");
        qemuIo.run("-f", "qcow2", "-c", "write -P 0x11 1M 100k", middle);
        qemuImg.run(
                "create", "-f", "qcow2", "-o", "extended_l2=on,backing_file=" + middle + ",backing_fmt=qcow2", qcow2);
        qemuIo.run("-f", "qcow2", "-c", "write -P 0x22 1050k 2k", "-c", "write -z 4M 100k", qcow2);
        Path flat = directory.resolve("flat.raw");
        qemuImg.run("convert", "-f", "qcow2", "-O", "raw", qcow2, flat);

        VirtualDiskOptions options = VirtualDiskOptions.builder()
                .resolver((role, name) -> FileDevice.open(Path.of(name), OpenMode.READ))
                .build();
        try (BlockDevice file = FileDevice.open(qcow2, OpenMode.READ);
                BlockDevice opened = QCOW2.open(file, options)) {
            assertThat(DiskModel.read(opened, 0, 12 << 20)).isEqualTo(Files.readAllBytes(flat));
            DiskModel.assertExtentsTrue(opened);
        }
        try (BlockDevice file = FileDevice.open(qcow2, OpenMode.READ)) {
            assertThatExceptionOfType(UnsupportedImageException.class)
                    .isThrownBy(() -> QCOW2.open(file, VirtualDiskOptions.defaults()))
                    .withMessageContaining("middle.qcow2");
        }
    }

    @Test
    void anExternalDataFileIsReadThroughTheResolver() throws IOException {
        Path data = directory.resolve("disk.data");
        qemuImg.run("convert", "-f", "raw", "-O", "qcow2", "-o", "data_file=" + data, raw, qcow2);
        VirtualDiskOptions options = VirtualDiskOptions.builder()
                .resolver((role, name) -> FileDevice.open(Path.of(name), OpenMode.READ))
                .build();
        assertReadsAsTheDisk(options);
        try (BlockDevice file = FileDevice.open(qcow2, OpenMode.READ)) {
            assertThatExceptionOfType(UnsupportedImageException.class)
                    .isThrownBy(() -> QCOW2.open(file, VirtualDiskOptions.defaults()))
                    .withMessageContaining("disk.data");
        }
    }

    private void write(DiskModel model, Compression compression, int clusterSize) throws IOException {
        VirtualDiskOptions options = VirtualDiskOptions.builder()
                .compression(compression)
                .blockSize(clusterSize)
                .build();
        try (FileChannel channel = channel(qcow2);
                VirtualDiskWriter writer = QCOW2.create(channel, model.bytes().length, options)) {
            model.writeTo(writer, 3);
        }
    }

    private static FileChannel channel(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
    }
}

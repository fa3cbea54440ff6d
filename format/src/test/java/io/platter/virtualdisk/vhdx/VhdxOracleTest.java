package io.platter.virtualdisk.vhdx;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.BlockDevice;
import io.platter.block.ExtentKind;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.test.Oracle;
import io.platter.testkit.DiskModel;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What QEMU and libvhdi write and read, against what we do. */
class VhdxOracleTest {
    private static final VirtualDiskFormat VHDX = VirtualDisks.named("vhdx").orElseThrow();
    private static final int MIB = 1 << 20;
    private static final DiskModel DISK = DiskModel.random(4, 19 * MIB + 8192, 2_000_000);

    @TempDir
    private Path directory;

    private Path write(VirtualDiskOptions options) throws IOException {
        Path vhdx = directory.resolve("disk.vhdx");
        try (FileChannel channel = FileChannel.open(vhdx, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
                VirtualDiskWriter writer = VHDX.create(channel, DISK.bytes().length, options)) {
            DISK.writeTo(writer, 3);
        }
        return vhdx;
    }

    private static void assertReads(Path vhdx, byte[] expected) throws IOException {
        try (BlockDevice file = FileDevice.open(vhdx, OpenMode.READ);
                BlockDevice disk = VHDX.open(file, VirtualDiskOptions.defaults())) {
            assertThat(disk.size()).isEqualTo(expected.length);
            assertThat(DiskModel.read(disk, 0, expected.length)).isEqualTo(expected);
            DiskModel.assertExtentsTrue(disk);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "subformat=dynamic",
                "subformat=fixed",
                "subformat=dynamic,block_size=1M",
                "subformat=dynamic,block_size=4M,block_state_zero=on,log_size=3M",
                "subformat=fixed,block_size=2M,block_state_zero=off,log_size=2M",
                "subformat=fixed,block_size=256M",
            })
    void whatQemuConvertsReadsBackEqual(String options) throws IOException {
        Path raw = Files.write(directory.resolve("disk.raw"), DISK.bytes());
        Path vhdx = directory.resolve("disk.vhdx");
        Oracle.of("qemu-img").run("convert", "-f", "raw", "-O", "vhdx", "-o", options, raw, vhdx);
        assertReads(vhdx, DISK.bytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"block_state_zero=on", "block_state_zero=off", "subformat=fixed", "block_size=64M"})
    void whatQemuCreatesReadsAsZeros(String options) throws IOException {
        Path vhdx = directory.resolve("disk.vhdx");
        Oracle.of("qemu-img").run("create", "-f", "vhdx", "-o", options, vhdx, "20M");
        assertReads(vhdx, new byte[20 * MIB]);
    }

    /** Each write goes through QEMU's own log, and changes the BAT of a file that QEMU, or we, have made. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatQemuWritesAtRandomPlacesReadsBackEqual(boolean isOurs) throws IOException {
        byte[] model = new byte[DISK.bytes().length];
        Path vhdx = directory.resolve("disk.vhdx");
        if (isOurs) {
            System.arraycopy(DISK.bytes(), 0, model, 0, model.length);
            write(VirtualDiskOptions.defaults());
        } else {
            Oracle.of("qemu-img").run("create", "-f", "vhdx", "-o", "block_size=1M", vhdx, model.length);
        }
        Random random = new Random(5);
        for (int round = 0; round < 4; round++) {
            List<Object> arguments = new ArrayList<>(List.of("-f", "vhdx"));
            for (int i = 0; i < 12; i++) {
                int from = random.nextInt(model.length / 512) * 512;
                int length = Math.min(model.length - from, 512 * (1 + random.nextInt(2000)));
                int pattern = 1 + random.nextInt(255);
                Arrays.fill(model, from, from + length, (byte) pattern);
                arguments.addAll(List.of("-c", "write -P " + pattern + " " + from + " " + length));
            }
            arguments.add(vhdx);
            Oracle.of("qemu-io").run(arguments.toArray());
            assertReads(vhdx, model);
        }
    }

    /** QEMU is made to fail when it brings the BAT's update, which it has logged, to its place. */
    @Test
    void whatIsOnlyInTheLogOfQemuIsRead() throws IOException {
        byte[] model = new byte[16 * MIB];
        Arrays.fill(model, 0, 2 * MIB, (byte) 1);
        Arrays.fill(model, 3 * MIB, 4 * MIB, (byte) 7);
        Path vhdx = directory.resolve("disk.vhdx");
        Oracle qemuImg = Oracle.of("qemu-img");
        Oracle qemuIo = Oracle.of("qemu-io");
        qemuImg.run("create", "-f", "vhdx", "-o", "block_size=1M", vhdx, "16M");
        qemuIo.run("-f", "vhdx", "-c", "write -P 1 0 2M", vhdx);
        int batSector = 2 * MIB / 512;
        String failing = "driver=vhdx,file.driver=blkdebug,file.image.driver=file,file.image.filename=" + vhdx
                + ",file.inject-error.0.event=none,file.inject-error.0.iotype=write,file.inject-error.0.sector="
                + batSector;
        assertThat(qemuIo.tryRun("--image-opts", failing, "-c", "write -P 7 3M 1M")
                        .output())
                .contains("write failed");
        assertThat(qemuImg.tryRun("check", "-f", "vhdx", vhdx).output()).contains("a log that needs to be replayed");
        byte[] before = Files.readAllBytes(vhdx);
        assertReads(vhdx, model);
        assertThat(Files.readAllBytes(vhdx)).isEqualTo(before);
        Path raw = Files.write(directory.resolve("disk.raw"), model);
        qemuImg.run("check", "-r", "all", "-f", "vhdx", vhdx);
        qemuImg.run("compare", "-f", "raw", "-F", "vhdx", raw, vhdx);
    }

    @ParameterizedTest
    @CsvSource({"dynamic, 0", "dynamic, 2097152", "dynamic, 33554432", "fixed, 0", "fixed, 8388608"})
    void qemuAcceptsWhatWeWrite(String subformat, int blockSize) throws IOException {
        VirtualDiskOptions.Builder options = VirtualDiskOptions.builder().subformat(subformat);
        if (blockSize > 0) {
            options.blockSize(blockSize);
        }
        Path vhdx = write(options.build());
        Path raw = Files.write(directory.resolve("disk.raw"), DISK.bytes());
        Oracle qemuImg = Oracle.of("qemu-img");
        assertThat(qemuImg.run("check", "-f", "vhdx", vhdx)).contains("No errors were found");
        assertThat(qemuImg.run("info", "-f", "vhdx", vhdx)).contains("(" + DISK.bytes().length + " bytes)");
        qemuImg.run("compare", "-f", "raw", "-F", "vhdx", raw, vhdx);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dynamic", "fixed"})
    void qemuFindsTheBlocksOfTheSecondChunk(String subformat) throws IOException {
        long size = (4L << 30) + 2 * MIB;
        Path vhdx = writeEnd(size, subformat, 512);
        List<Object> arguments = new ArrayList<>(List.of("-r", "-f", "vhdx"));
        for (int i = 1; i <= 4; i++) {
            arguments.addAll(List.of("-c", "read -P " + i + " " + (size - (5L - i) * MIB) + " 1M"));
        }
        arguments.add(vhdx);
        assertThat(Oracle.of("qemu-io").run(arguments.toArray())).doesNotContain("failed");
    }

    @Test
    @Tag("root")
    void libvhdiFindsTheBlocksOfTheSecondChunkOfLargeSectors() throws IOException {
        long size = (32L << 30) + 2 * MIB;
        Path vhdx = writeEnd(size, "dynamic", 4096);
        for (int i = 1; i <= 4; i++) {
            assertThat(VhdiMount.read(vhdx, size - (5L - i) * MIB, MIB)).containsOnly(i);
        }
    }

    /** Writes a disk whose last four MiB hold bytes of 1, 2, 3 and 4: two before and two after a sector bitmap's entry. */
    private Path writeEnd(long size, String subformat, int sectorSize) throws IOException {
        Path vhdx = directory.resolve("disk.vhdx");
        VirtualDiskOptions options = VirtualDiskOptions.builder()
                .subformat(subformat)
                .logicalSectorSize(sectorSize)
                .build();
        try (FileChannel channel = FileChannel.open(vhdx, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
                VirtualDiskWriter writer = VHDX.create(channel, size, options)) {
            writer.empty(0, size - 4 * MIB, ExtentKind.HOLE);
            for (int i = 1; i <= 4; i++) {
                byte[] block = new byte[MIB];
                Arrays.fill(block, (byte) i);
                writer.data(size - (5L - i) * MIB, ByteBuffer.wrap(block));
            }
            writer.finish();
        }
        return vhdx;
    }

    @Tag("root")
    @ParameterizedTest
    @CsvSource({"dynamic, 512, 1", "dynamic, 4096, 1", "dynamic, 4096, 32", "fixed, 4096, 2"})
    void libvhdiReadsWhatWeWrite(String subformat, int sectorSize, int blockMib) throws IOException {
        Path vhdx = write(VirtualDiskOptions.builder()
                .subformat(subformat)
                .logicalSectorSize(sectorSize)
                .blockSize(blockMib * MIB)
                .build());
        assertThat(Oracle.of("vhdiinfo").run(vhdx))
                .containsPattern("Bytes per sector\\s*: " + sectorSize + " bytes")
                .containsPattern("(?i)Disk type\\s*: " + subformat);
        assertThat(VhdiMount.read(vhdx, 0, DISK.bytes().length)).isEqualTo(DISK.bytes());
    }
}

package io.platter.virtualdisk.vhd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentKind;
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
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VhdFormatTest {
    private static final VirtualDiskFormat VHD = VirtualDisks.named("vhd").orElseThrow();
    private static final VirtualDiskOptions DEFAULTS = VirtualDiskOptions.defaults();
    private static final int BLOCK = 4096;

    @TempDir
    private Path directory;

    @Nested
    class Dynamic implements VirtualDiskFormatContract {
        @Override
        public VirtualDiskFormat format() {
            return VHD;
        }

        @Override
        public VirtualDiskOptions options() {
            return VirtualDiskOptions.builder().blockSize(1 << 16).build();
        }

        @Override
        public int damageRounds() {
            return 1600;
        }
    }

    @Nested
    class UsualBlocks implements VirtualDiskFormatContract {
        @Override
        public VirtualDiskFormat format() {
            return VHD;
        }

        @Override
        public int damageRounds() {
            return 20;
        }
    }

    @Nested
    class Fixed implements VirtualDiskFormatContract {
        @Override
        public VirtualDiskFormat format() {
            return VHD;
        }

        @Override
        public VirtualDiskOptions options() {
            return VirtualDiskOptions.builder().subformat("fixed").build();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "subformat=dynamic,force_size=on",
                "subformat=fixed,force_size=on",
                "subformat=dynamic",
                "subformat=fixed"
            })
    void whatQemuConvertsReadsBackEqual(String options) throws IOException {
        DiskModel disk = DiskModel.random(3, 9 << 20, 2_000_000);
        Path raw = Files.write(directory.resolve("disk.raw"), disk.bytes());
        Path vhd = directory.resolve("disk.vhd");
        Path back = directory.resolve("back.raw");
        Oracle qemuImg = Oracle.of("qemu-img");
        qemuImg.run("convert", "-f", "raw", "-O", "vpc", "-o", options, raw, vhd);
        qemuImg.run("convert", "-f", "vpc", "-O", "raw", vhd, back);
        try (BlockDevice file = FileDevice.open(vhd, OpenMode.READ);
                BlockDevice opened = VHD.open(file, DEFAULTS)) {
            assertThat(opened.size()).isEqualTo(Files.size(back));
            assertThat(DiskModel.read(opened, 0, (int) opened.size())).isEqualTo(Files.readAllBytes(back));
            assertThat(DiskModel.read(opened, 0, disk.bytes().length)).isEqualTo(disk.bytes());
            DiskModel.assertExtentsTrue(opened);
        }
    }

    @ParameterizedTest
    @CsvSource({"dynamic, 0", "dynamic, 524288", "fixed, 0"})
    void qemuAcceptsWhatWeWrite(String subformat, int blockSize) throws IOException {
        DiskModel disk = DiskModel.random(4, (9 << 20) + 512, 2_000_000);
        Path raw = Files.write(directory.resolve("disk.raw"), disk.bytes());
        Path vhd = directory.resolve("disk.vhd");
        VirtualDiskOptions.Builder options = VirtualDiskOptions.builder().subformat(subformat);
        if (blockSize > 0) {
            options.blockSize(blockSize);
        }
        try (FileChannel channel = FileChannel.open(vhd, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
                VirtualDiskWriter writer = VHD.create(channel, disk.bytes().length, options.build())) {
            disk.writeTo(writer, 3);
        }
        Oracle qemuImg = Oracle.of("qemu-img");
        assertThat(qemuImg.run("info", "-f", "vpc", vhd)).contains("(" + disk.bytes().length + " bytes)");
        qemuImg.run("compare", "-f", "raw", "-F", "vpc", raw, vhd);
    }

    @Test
    void theCopyAtTheStartStandsInForADamagedFooter() throws IOException {
        byte[] file = dynamicDisk(new UUID(1, 2));
        Arrays.fill(file, file.length - 512, file.length, (byte) 0);
        try (BlockDevice disk = VHD.open(MemoryDevice.over(file), DEFAULTS)) {
            assertThat(DiskModel.read(disk, 0, 2)).containsExactly(1, 1);
        }
    }

    @Test
    void aFooterOfTheOldLengthIsFound() throws IOException {
        byte[] file = new byte[1024 + 511];
        file[3] = 9;
        byte[] footer =
                Footer.encode(Layout.TYPE_FIXED, 1024, -1, new UUID(1, 2)).array();
        System.arraycopy(footer, 0, file, 1024, 511);
        assertThat(VHD.matches(MemoryDevice.over(file))).isTrue();
        try (BlockDevice disk = VHD.open(MemoryDevice.over(file), DEFAULTS)) {
            assertThat(disk.size()).isEqualTo(1024);
            assertThat(DiskModel.read(disk, 3, 1)).containsExactly(9);
        }
    }

    @Test
    void theGeometryRulesInAFileOfVirtualPcOnly() throws IOException {
        byte[] file = new byte[(1 << 20) + 512];
        ByteBuffer footer = Footer.encode(Layout.TYPE_FIXED, 1 << 20, -1, new UUID(1, 2));
        footer.putInt(56, 20 << 16 | 4 << 8 | 17);
        sign(footer, 64);
        footer.get(0, file, 1 << 20, 512);
        assertThat(VHD.open(MemoryDevice.over(file), DEFAULTS).size()).isEqualTo(1 << 20);
        footer.putInt(28, Layout.CREATOR_VIRTUAL_PC);
        sign(footer, 64);
        footer.get(0, file, 1 << 20, 512);
        assertThat(VHD.open(MemoryDevice.over(file), DEFAULTS).size()).isEqualTo(20 * 4 * 17 * 512);
    }

    @ParameterizedTest
    @CsvSource({
        "9437184, 271, 4, 17",
        "1073741824, 2080, 16, 63",
        "137438953472, 65535, 16, 255",
        "2190433320960, 65535, 16, 255",
        "106954752000, 51200, 16, 255"
    })
    void theGeometryIsThatOfTheSpecification(long size, int cylinders, int heads, int sectors) {
        assertThat(Layout.geometry(size)).isEqualTo(cylinders << 16 | heads << 8 | sectors);
    }

    @Test
    void aDifferencingDiskTakesFromItsParentWhatItsBitmapLeavesOut() throws IOException {
        UUID parentId = new UUID(7, 8);
        byte[] parent = dynamicDisk(parentId);
        byte[] child = differencingDisk(parentId);
        ByteBuffer bytes = ByteBuffer.wrap(child);
        int table = (int) bytes.getLong(512 + 16);
        int block = bytes.getInt(table) * 512;
        Arrays.fill(child, block, block + 512, (byte) 0);
        child[block] = 0b0100_0000;
        Arrays.fill(child, block + 512, block + 512 + BLOCK, (byte) 5);
        VirtualDiskOptions options = VirtualDiskOptions.builder()
                .resolver((role, name) -> {
                    assertThat(role + ":" + name).isEqualTo("parent:père.vhd");
                    return MemoryDevice.over(parent);
                })
                .build();
        try (BlockDevice disk = VHD.open(MemoryDevice.over(child), options)) {
            byte[] expected = new byte[BLOCK * 3];
            Arrays.fill(expected, 0, BLOCK, (byte) 1);
            Arrays.fill(expected, 512, 1024, (byte) 5);
            assertThat(DiskModel.read(disk, 0, 3 * BLOCK)).isEqualTo(expected);
            assertThat(disk.extentAt(BLOCK).kind()).isEqualTo(ExtentKind.HOLE);
            assertThat(disk.extentAt(700).length()).isEqualTo(BLOCK - 700);
        }
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(() -> VHD.open(MemoryDevice.over(child), DEFAULTS))
                .withMessageContaining("père.vhd");
    }

    @Test
    void aParentOfAnotherIdentityIsRefused() throws IOException {
        byte[] parent = dynamicDisk(new UUID(9, 9));
        byte[] child = differencingDisk(new UUID(7, 8));
        VirtualDiskOptions options = VirtualDiskOptions.builder()
                .resolver((role, name) -> MemoryDevice.over(parent))
                .build();
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> VHD.open(MemoryDevice.over(child), options))
                .satisfies(e -> assertThat(e.offset()).isEqualTo(512 + 64));
    }

    @Test
    void aDiskThatIsItsOwnParentIsRefused() throws IOException {
        UUID id = new UUID(7, 8);
        byte[] child = differencingDisk(id);
        VirtualDiskOptions options = VirtualDiskOptions.builder()
                .resolver((role, name) -> MemoryDevice.over(child))
                .build();
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> VHD.open(MemoryDevice.over(child), options))
                .withMessageContaining("chain");
    }

    @ParameterizedTest
    @CsvSource({
        "512, 8, 0, 512",
        "528, 8, 1, 528",
        "528, 8, 0x7fffffffffffff00, 528",
        "528, 8, -4, 528",
        "540, 4, 0, 528",
        "540, 4, 0x7fffffff, 528",
        "544, 4, 0, 544",
        "544, 4, 4097, 544",
        "544, 4, -0x80000000, 544",
        "1536, 4, 0x7fffffff, 1536",
        "1540, 4, 4, 1540",
    })
    void aNumberThatCanNotBeIsRefused(int field, int width, String value, long refusedAt) throws IOException {
        byte[] file = dynamicDisk(new UUID(1, 2));
        ByteBuffer bytes = ByteBuffer.wrap(file);
        if (width == 8) {
            bytes.putLong(field, Long.decode(value));
        } else {
            bytes.putInt(field, Integer.decode(value));
        }
        sign(bytes.slice(512, 1024), 36);
        assertRefusedAt(file, refusedAt);
    }

    @Test
    void aHeaderBehindTheEndIsRefused() throws IOException {
        byte[] file = dynamicDisk(new UUID(1, 2));
        ByteBuffer footer = ByteBuffer.wrap(file, file.length - 512, 512).slice();
        footer.putLong(16, Long.MAX_VALUE);
        sign(footer, 64);
        assertRefusedAt(file, Long.MAX_VALUE);
    }

    private static void assertRefusedAt(byte[] file, long offset) {
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> {
                    try (BlockDevice disk = VHD.open(MemoryDevice.over(file), DEFAULTS)) {
                        DiskModel.read(disk, 0, 10);
                    }
                })
                .satisfies(e -> assertThat(e.offset()).as(e.getMessage()).isEqualTo(offset));
    }

    /** Returns a disk of three blocks, of which the first is all ones. */
    private static byte[] dynamicDisk(UUID id) throws IOException {
        SparseFile file = new SparseFile();
        VirtualDiskOptions options =
                VirtualDiskOptions.builder().blockSize(BLOCK).id(id).build();
        try (VirtualDiskWriter writer = VHD.create(file, 3 * BLOCK, options)) {
            byte[] block = new byte[BLOCK];
            Arrays.fill(block, (byte) 1);
            writer.data(0, ByteBuffer.wrap(block));
            writer.empty(BLOCK, 2 * BLOCK, ExtentKind.HOLE);
            writer.finish();
        }
        return file.toByteArray();
    }

    /** Returns such a disk that says that it stands on another one. */
    private static byte[] differencingDisk(UUID parentId) throws IOException {
        byte[] file = dynamicDisk(parentId);
        ByteBuffer bytes = ByteBuffer.wrap(file);
        for (int footer : new int[] {0, file.length - 512}) {
            bytes.putInt(footer + 60, Layout.TYPE_DIFFERENCING);
            sign(bytes.slice(footer, 512), 64);
        }
        bytes.putLong(512 + 40, parentId.getMostSignificantBits());
        bytes.putLong(512 + 48, parentId.getLeastSignificantBits());
        bytes.put(512 + 64, "père.vhd".getBytes(StandardCharsets.UTF_16BE));
        sign(bytes.slice(512, 1024), 36);
        return file;
    }

    private static void sign(ByteBuffer bytes, int checksumOffset) {
        bytes.putInt(checksumOffset, Layout.checksum(bytes, checksumOffset));
    }
}

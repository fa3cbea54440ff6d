package io.platter.virtualdisk.vmdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentKind;
import io.platter.block.MemoryDevice;
import io.platter.block.UnsupportedImageException;
import io.platter.testkit.DiskModel;
import io.platter.testkit.ReadOnlyDevice;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DescriptorTest {
    private static final VirtualDiskFormat VMDK = VirtualDisks.named("vmdk").orElseThrow();
    private static final VirtualDiskOptions DEFAULTS = VirtualDiskOptions.defaults();

    private static byte[] read(byte[] file, VirtualDiskOptions options) throws IOException {
        try (BlockDevice disk = VMDK.open(MemoryDevice.over(file), options)) {
            return DiskModel.read(disk, 0, (int) disk.size());
        }
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    @Test
    void extentsOfAllKindsFollowEachOther() throws IOException {
        byte[] descriptor = VmdkImage.descriptor(
                "RW 2 FLAT \"flat\" 1",
                "RDONLY 1 ZERO",
                "RW 0 FLAT \"nothing\" 0",
                "RW 63 SPARSE \"sparse\"",
                "RW 1 VMFS \"vmfs\"",
                "RW 64 VMFSSPARSE \"cowd\"",
                "RW 1 FLAT \"\\\\.\\PhysicalDrive0\" 3 partitionUUID device");
        byte[] flat = DiskModel.random(1, 2048, 2048).bytes();
        VirtualDiskOptions options = VmdkImage.resolving(Map.of(
                "extent:flat", flat,
                "extent:sparse", VmdkImage.sparse(),
                "extent:vmfs", filled(512, 8),
                "extent:cowd", VmdkImage.cowd(),
                "extent:\\\\.\\PhysicalDrive0", filled(2048, 9)));
        ByteBuffer expected = ByteBuffer.allocate((2 + 1 + 63 + 1 + 64 + 1) * 512);
        expected.put(flat, 512, 1024).position(3 * 512).put(VmdkImage.content(), 0, 63 * 512);
        expected.put(filled(512, 8)).put(VmdkImage.content()).put(filled(512, 9));
        assertThat(read(descriptor, options)).isEqualTo(expected.array());
        try (BlockDevice disk = VMDK.open(MemoryDevice.over(descriptor), options)) {
            assertThat(disk.extentAt(1024).kind()).isEqualTo(ExtentKind.ZERO);
            assertThat(disk.extentAt(1024).length()).isEqualTo(512);
            DiskModel.assertExtentsTrue(disk);
        }
    }

    @Test
    void aDiskOfManyExtentsReadsInAnyOrder() throws IOException {
        int count = 20;
        String[] lines = new String[count];
        Arrays.fill(lines, "RW 64 SPARSE \"sparse\"");
        VirtualDiskOptions options = VmdkImage.resolving(Map.of("extent:sparse", VmdkImage.sparse()));
        try (BlockDevice disk = VMDK.open(MemoryDevice.over(VmdkImage.descriptor(lines)), options)) {
            assertThat(disk.size()).isEqualTo((long) count * VmdkImage.DISK_SIZE);
            for (int i = 0; i < 3 * count; i++) {
                long start = (long) (i * 7 % count) * VmdkImage.DISK_SIZE;
                assertThat(DiskModel.read(disk, start, VmdkImage.DISK_SIZE)).isEqualTo(VmdkImage.content());
            }
        }
    }

    @Test
    void linesMayEndAsOnWindowsAndWordsHaveSpaces() throws IOException {
        byte[] file = "# Disk DescriptorFile\r\n\r\nVersion = 1\r\ncid=1\r\nRW  1  ZERO \r\n  RW\t1 FLAT \"a b\" 0\r\n"
                .getBytes(StandardCharsets.US_ASCII);
        assertThat(read(file, VmdkImage.resolving(Map.of("extent:a b", filled(512, 3)))))
                .isEqualTo(Arrays.copyOf(
                        ByteBuffer.allocate(1024).put(512, filled(512, 3)).array(), 1024));
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "windows-1252", "GBK"})
    void aNameIsReadInTheEncodingThatTheFileTells(String encoding) throws IOException {
        String name = encoding.equals("GBK") ? "磁盘" : "père";
        byte[] file = ("# Disk DescriptorFile\nversion=1\nencoding=\"" + encoding + "\"\nRW 1 FLAT \"" + name
                        + "\" 0\n")
                .getBytes(Charset.forName(encoding));
        assertThat(read(file, VmdkImage.resolving(Map.of("extent:" + name, filled(512, 3)))))
                .isEqualTo(filled(512, 3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"# Disk DescriptorFile", "# Disk Descriptor File", "#Disk DescriptorFile"})
    void aDescriptorIsRecognisedByItsFirstLine(String line) throws IOException {
        BlockDevice file = MemoryDevice.over((line + "\nversion=1\nRW 3 ZERO\n").getBytes(StandardCharsets.US_ASCII));
        assertThat(VirtualDisks.recognise(file, VirtualDisks.formats()).orElseThrow())
                .isInstanceOf(VmdkFormat.class);
        assertThat(VMDK.open(file, DEFAULTS).size()).isEqualTo(3 * 512);
        assertThat(VMDK.matches(MemoryDevice.over("# Disk".getBytes(StandardCharsets.US_ASCII))))
                .isFalse();
    }

    @Test
    void aHeaderWithoutACapacityLeavesTheDiskToItsDescriptor() throws IOException {
        byte[] file = VmdkImage.sparse("# Disk DescriptorFile\nversion=1\nRW 1 FLAT \"f\" 0\n");
        VmdkImage.littleEndian(file).putLong(12, 0);
        assertThat(read(file, VmdkImage.resolving(Map.of("extent:f", filled(512, 3)))))
                .isEqualTo(filled(512, 3));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "RW",
                "RW FLAT \"f\" 0",
                "RW -1 FLAT \"f\" 0",
                "RW 9999999999999999999 ZERO",
                "RW 99999999999999999 ZERO",
                "RW 1 FLAT f 0",
                "RW 1 FLAT \"f\" 36028797018963968",
                "rw 1 FLAT \"f\" 0",
                "CID=0",
                "parentCID=g",
                "parentCID=123456789",
                "version=1"
            })
    void aLineThatCanNotBeIsRefused(String line) {
        byte[] before = VmdkImage.descriptor("RW 1 ZERO", "parentFileNameHint=\"p\"");
        byte[] file = VmdkImage.descriptor("RW 1 ZERO", "parentFileNameHint=\"p\"", line);
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> read(file, DEFAULTS))
                .satisfies(e -> assertThat(e.offset()).as(e.getMessage()).isEqualTo(before.length));
    }

    @Test
    void aDiskLargerThanAnyIsRefused() {
        byte[] file = VmdkImage.descriptor("RW 18014398509481983 ZERO", "RW 1 ZERO");
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> VMDK.open(MemoryDevice.over(file), DEFAULTS))
                .satisfies(e ->
                        assertThat(e.offset()).isEqualTo(VmdkImage.descriptor("RW 18014398509481983 ZERO").length));
    }

    @ParameterizedTest
    @CsvSource({"FLAT, 3", "FLAT, 36028797018", "SPARSE, 65", "VMFSSPARSE, 65"})
    void anExtentLargerThanItsFileIsRefused(String type, long sectors) {
        byte[] file = VmdkImage.descriptor("RW " + sectors + " " + type + " \"f\"");
        byte[] extent = type.equals("FLAT") ? new byte[1024] : VmdkImage.sparse();
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> read(file, VmdkImage.resolving(Map.of("extent:f", extent))))
                .satisfies(e -> assertThat(e.offset()).isEqualTo(VmdkImage.descriptor().length - 1));
    }

    @ParameterizedTest
    @CsvSource({
        "RW 1 SESPARSE \"f\", SESPARSE",
        "RW 1 VMFSRDM \"f\", VMFSRDM",
        "NOACCESS 1 FLAT \"f\" 0, NOACCESS",
        "encryption.keySafe = \"x\", decryption",
        "encoding=\"no such\", no such",
        "encoding=\"none\", none"
    })
    void whatIsNotReadIsRefusedByName(String line, String named) {
        byte[] file = VmdkImage.descriptor(line);
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(() -> read(file, VmdkImage.resolving(Map.of("extent:f", new byte[512]))))
                .withMessageContaining(named);
    }

    @Test
    void otherVersionsAreRefusedByName() {
        byte[] file = "# Disk DescriptorFile\nversion=4\n".getBytes(StandardCharsets.US_ASCII);
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(() -> read(file, DEFAULTS))
                .withMessageContaining("version 4");
    }

    @Test
    void aDescriptorInOneOfSeveralExtentsIsRefusedByName() {
        byte[] file = VmdkImage.sparse("# Disk DescriptorFile\nversion=1\nRW 64 SPARSE \"a\"\nRW 64 SPARSE \"b\"\n");
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(() -> read(file, DEFAULTS))
                .withMessageContaining("several extents");
    }

    private static byte[] child(String... lines) {
        return VmdkImage.sparse(new String(VmdkImage.descriptor(lines), StandardCharsets.UTF_8));
    }

    @Test
    void aChildTakesFromItsParentWhatIsAbsentButNotWhatIsZeroed() throws IOException {
        byte[] parent = VmdkImage.descriptor("RW 64 FLAT \"flat\" 0");
        byte[] child = child("parentCID=12345678", "parentFileNameHint=\"p\"");
        byte[] expected = filled(VmdkImage.DISK_SIZE, 5);
        System.arraycopy(VmdkImage.content(), 0, expected, 0, VmdkImage.GRAIN);
        System.arraycopy(VmdkImage.content(), 2 * VmdkImage.GRAIN, expected, 2 * VmdkImage.GRAIN, 2 * VmdkImage.GRAIN);
        Map<String, byte[]> files = Map.of("parent:p", parent, "extent:flat", filled(VmdkImage.DISK_SIZE, 5));
        assertThat(read(child, VmdkImage.resolving(files))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"parentCID=12345679", "parentCID=ffffffff"})
    void aParentOfAnotherContentIsRefused(String line) {
        byte[] child = child("parentFileNameHint=\"p\"", line);
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> read(child, VmdkImage.resolving(Map.of("parent:p", VmdkImage.sparse()))))
                .withMessageContaining("has the CID 12345678")
                .satisfies(e -> assertThat(e.offset()).isEqualTo(512 + VmdkImage.descriptor().length - 1));
    }

    @Test
    void aParentWithoutANameIsRefused() {
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> read(child("parentCID=12345678"), DEFAULTS))
                .withMessageContaining("parentFileNameHint");
    }

    @Test
    void whatTheResolverGaveIsClosedWithTheDiskOrWhenItCanNotBeOpened() throws IOException {
        List<ReadOnlyDevice> given = new ArrayList<>();
        VirtualDiskOptions options = VirtualDiskOptions.builder()
                .resolver((role, name) -> {
                    given.add(new ReadOnlyDevice(name, 512) {
                        @Override
                        protected void fill(ByteBuffer target, long offset) {
                            target.position(target.limit());
                        }
                    });
                    return given.get(given.size() - 1);
                })
                .build();
        byte[] good = VmdkImage.descriptor("RW 1 FLAT \"a\" 0", "RW 1 FLAT \"b\" 0");
        BlockDevice disk = VMDK.open(MemoryDevice.over(good), options);
        assertThat(given).hasSize(2).noneMatch(ReadOnlyDevice::isClosed);
        disk.close();
        assertThat(given).allMatch(ReadOnlyDevice::isClosed);
        byte[] bad = VmdkImage.descriptor("RW 1 FLAT \"a\" 0", "RW 2 FLAT \"b\" 0");
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> VMDK.open(MemoryDevice.over(bad), options));
        assertThat(given).hasSize(4).allMatch(ReadOnlyDevice::isClosed);
    }
}

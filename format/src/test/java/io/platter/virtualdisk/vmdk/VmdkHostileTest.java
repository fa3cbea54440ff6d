package io.platter.virtualdisk.vmdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.MemoryDevice;
import io.platter.block.UnsupportedImageException;
import io.platter.testkit.Damage;
import io.platter.testkit.DiskModel;
import io.platter.testkit.SparseFile;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files made to do harm: each is refused with the place of the contradiction. */
@Timeout(20)
class VmdkHostileTest {
    private static final VirtualDiskFormat VMDK = VirtualDisks.named("vmdk").orElseThrow();
    private static final VirtualDiskOptions DEFAULTS = VirtualDiskOptions.defaults();
    private static final int FLAGS = 8;
    /** Where the first grain of a stream stands. */
    private static final int GRAIN = 128 * 512;

    private final byte[] file = VmdkImage.sparse();
    private final ByteBuffer bytes = VmdkImage.littleEndian(file);

    private static byte[] read(byte[] file, VirtualDiskOptions options) throws IOException {
        try (BlockDevice disk = VMDK.open(MemoryDevice.over(file), options)) {
            return DiskModel.read(disk, 0, (int) Math.min(disk.size(), 1 << 20));
        }
    }

    private static void assertRefusedAt(byte[] file, VirtualDiskOptions options, long offset) {
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> read(file, options))
                .satisfies(e -> assertThat(e.offset()).as(e.getMessage()).isEqualTo(offset));
    }

    private static void assertUnsupported(byte[] file, String named) {
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(() -> read(file, DEFAULTS))
                .withMessageContaining(named);
    }

    /** Lets nothing stand in for the first tables. */
    private void withoutRedundantTables() {
        bytes.putInt(FLAGS, bytes.getInt(FLAGS) & ~Layout.FLAG_REDUNDANT);
    }

    @ParameterizedTest
    @CsvSource({
        "12, 8, -1, 12",
        "12, 8, 0x7fffffffffffffff, 12",
        "12, 8, 0x003fffffffffffff, 12",
        "20, 8, 0, 20",
        "20, 8, 3, 20",
        "20, 8, 8192, 20",
        "20, 8, -1, 20",
        "28, 8, -1, 28",
        "28, 8, 0x7fffffffffffff, 28",
        "28, 8, 0x3fffffffffffff, 0x7ffffffffffffe00",
        "28, 8, 25, 12800",
        "36, 8, 0x7fffffffffffffff, 36",
        "36, 8, 0x100000, 36",
        "44, 4, 0, 44",
        "44, 4, 4097, 44",
        "44, 4, -1, 44",
        "56, 8, 0, 56",
        "56, 8, 34, 56",
        "56, 8, 0x003fffffffffffff, 56",
        "56, 8, -2, 56",
        "56, 8, -1, 15360",
        "73, 1, 13, 73",
        "76, 1, 13, 73",
    })
    void aHeaderFieldThatCanNotBeIsRefused(int field, int width, String value, String refusedAt) {
        withoutRedundantTables();
        switch (width) {
            case 8 -> bytes.putLong(field, Long.decode(value));
            case 4 -> bytes.putInt(field, Integer.decode(value));
            default -> bytes.put(field, Byte.decode(value));
        }
        assertRefusedAt(file, DEFAULTS, Long.decode(refusedAt));
    }

    @ParameterizedTest
    @CsvSource({
        "4, 0, VMDK version 0",
        "4, 4, VMDK version 4",
        "8, 0x40001, VMDK flags 40000",
        "8, 0x10001, VMDK compression 0",
        "8, 0x20001, markers without compression",
        "28, 0, the descriptor of its disk"
    })
    void whatIsUnknownIsRefusedByName(int field, String value, String named) {
        bytes.putInt(field, Integer.decode(value));
        assertUnsupported(file, named);
    }

    @Test
    void compressedGrainsWithoutMarkersAreRefusedByName() {
        bytes.putInt(FLAGS, Layout.FLAG_COMPRESSED).putShort(Layout.COMPRESSION_OFFSET, (short) 1);
        assertUnsupported(file, "compressed grains without markers");
    }

    @Test
    void anExtentOfEsxServerAloneIsRefusedAsAPartOfADisk() {
        assertUnsupported(VmdkImage.cowd(), "the descriptor of its disk");
    }

    @ParameterizedTest
    @ValueSource(ints = {33, 0x7FFFFFFF, -1})
    void aTableBehindTheEndIsRefused(int sector) {
        withoutRedundantTables();
        bytes.putInt(VmdkImage.DIRECTORY, sector);
        assertRefusedAt(file, DEFAULTS, VmdkImage.DIRECTORY);
    }

    @ParameterizedTest
    @ValueSource(ints = {25, 0x7FFFFFFF, -1})
    void aGrainBehindTheEndIsRefused(int sector) {
        bytes.putInt(VmdkImage.TABLE + 12, sector);
        bytes.putInt(VmdkImage.REDUNDANT_TABLE + 12, sector);
        assertRefusedAt(file, DEFAULTS, VmdkImage.TABLE + 12);
    }

    @Test
    void twoEntriesForTheSameGrainAreRefused() {
        bytes.putInt(VmdkImage.TABLE + 4, bytes.getInt(VmdkImage.TABLE));
        assertRefusedAt(file, DEFAULTS, VmdkImage.TABLE + 4);
    }

    @Test
    void manyDirectoryEntriesForOneTableAreRefusedWhenTheSecondIsTouched() throws IOException {
        long span = 512L * VmdkImage.GRAIN;
        withoutRedundantTables();
        bytes.putLong(12, 4 * span / 512);
        for (int entry = 0; entry < 4; entry++) {
            bytes.putInt(VmdkImage.DIRECTORY + 4 * entry, VmdkImage.TABLE / 512);
        }
        // The table's entries after those of the small disk are the first grain's bytes.
        Arrays.fill(file, VmdkImage.TABLE + 16, VmdkImage.TABLE + 2048, (byte) 0);
        try (BlockDevice disk = VMDK.open(MemoryDevice.over(file), DEFAULTS)) {
            DiskModel.read(disk, 0, 100);
            assertThatExceptionOfType(CorruptImageException.class)
                    .isThrownBy(() -> disk.extentAt(span))
                    .satisfies(e -> assertThat(e.offset()).isEqualTo(VmdkImage.DIRECTORY + 4));
        }
    }

    @Test
    void aDirectoryThatIsItsOwnTableIsRefused() {
        withoutRedundantTables();
        bytes.putInt(VmdkImage.DIRECTORY, VmdkImage.DIRECTORY / 512);
        bytes.putInt(VmdkImage.DIRECTORY + 4, VmdkImage.DIRECTORY / 512);
        assertRefusedAt(file, DEFAULTS, VmdkImage.DIRECTORY + 4);
    }

    @Test
    void aDiskOfAPebibyteIsOpenedInNoTime() throws IOException {
        SparseFile sparse = new SparseFile();
        withoutRedundantTables();
        long capacity = (1L << 50) / 512;
        bytes.putLong(12, capacity).putLong(20, 128).putLong(56, 1 << 20);
        sparse.write(ByteBuffer.wrap(file));
        sparse.position(1L << 40).write(ByteBuffer.allocate(1));
        try (BlockDevice disk = VMDK.open(sparse.device(), DEFAULTS)) {
            assertThat(disk.size()).isEqualTo(capacity * 512);
            assertThat(DiskModel.read(disk, disk.size() - 10, 10)).isEqualTo(new byte[10]);
            disk.extentAt(0);
        }
    }

    /** Returns a stream of one grain of noise. */
    private static byte[] stream() throws IOException {
        SparseFile sparse = new SparseFile();
        try (VirtualDiskWriter writer = VMDK.create(sparse, 1 << 16, DEFAULTS)) {
            byte[] noise = new byte[1 << 16];
            new Random(3).nextBytes(noise);
            writer.data(0, ByteBuffer.wrap(noise));
            writer.finish();
        }
        return sparse.toByteArray();
    }

    @ParameterizedTest
    @CsvSource({"0, 128, 0", "0, -1, 0", "8, 131073, 8", "8, -1, 8", "8, 0, 12", "8, 100, 12"})
    void aGrainsMarkerThatCanNotBeIsRefused(int field, int value, int refusedAt) throws IOException {
        byte[] stream = stream();
        VmdkImage.littleEndian(stream).putInt(GRAIN + field, value);
        assertRefusedAt(stream, DEFAULTS, GRAIN + refusedAt);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, (1 << 16) - 1, (1 << 16) + 1, 32 << 20})
    void aGrainOfAnotherLengthThanItsOwnIsRefused(int length) throws IOException {
        byte[] stream = stream();
        byte[] compressed = VmdkImage.compress(new byte[length]);
        VmdkImage.littleEndian(stream).putInt(GRAIN + 8, compressed.length).put(GRAIN + 12, compressed);
        assertRefusedAt(stream, DEFAULTS, GRAIN + 12);
    }

    @Test
    void aGrainWithAWrongChecksumIsRefused() throws IOException {
        byte[] stream = stream();
        int length = VmdkImage.littleEndian(stream).getInt(GRAIN + 8);
        stream[GRAIN + 12 + length - 1] ^= 1;
        assertRefusedAt(stream, DEFAULTS, GRAIN + 12);
    }

    @Test
    void aFooterThatRefersToTheFooterIsRefused() throws IOException {
        byte[] stream = stream();
        int footer = stream.length - 1024;
        VmdkImage.littleEndian(stream).putLong(footer + 56, -1);
        assertRefusedAt(stream, DEFAULTS, footer + 56);
    }

    @Test
    void aFileThatNamesItselfAsItsParentIsRefused() {
        byte[] self = VmdkImage.descriptor("parentCID=12345678", "parentFileNameHint=\"self\"", "RW 1 ZERO");
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> read(self, VmdkImage.resolving(Map.of("parent:self", self))))
                .withMessageContaining("chain");
    }

    @Test
    void anExtentThatIsADescriptorIsRefused() {
        byte[] self = VmdkImage.descriptor("RW 8 SPARSE \"self\"");
        assertRefusedAt(Arrays.copyOf(self, 512), VmdkImage.resolving(Map.of("extent:self", new byte[512])), 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../etc/passwd", "/etc/passwd", "\\\\host\\share\\x", "nbd://host/export", ""})
    void aNameIsOnlyEverAskedOfTheResolver(String name) {
        for (String type : new String[] {"FLAT", "SPARSE", "VMFS", "VMFSSPARSE"}) {
            assertUnsupported(VmdkImage.descriptor("RW 1 " + type + " \"" + name + "\" 0"), "extent \"" + name + "\"");
        }
        if (!name.isEmpty()) {
            byte[] child = VmdkImage.descriptor("parentCID=1", "parentFileNameHint=\"" + name + "\"", "RW 1 ZERO");
            assertUnsupported(child, "parent \"" + name + "\"");
        }
    }

    @Test
    void aDescriptorLargerThanAnyIsRefused() {
        byte[] huge = Arrays.copyOf(VmdkImage.descriptor("RW 1 ZERO"), Layout.MAX_DESCRIPTOR_LENGTH + 1);
        assertRefusedAt(huge, DEFAULTS, 0);
    }

    @Test
    void linesWithoutEndTakeNoTime() {
        for (String line :
                new String[] {"RW 1 FLAT \"" + "a ".repeat(900_000), "RW 1 FLAT" + " ".repeat(1_800_000) + "x"}) {
            byte[] file = VmdkImage.descriptor(line);
            assertRefusedAt(file, DEFAULTS, VmdkImage.descriptor().length - 1);
        }
    }

    @Test
    void damageToADescriptorOrATableGivesBytesOrARefusal() {
        byte[] descriptor = VmdkImage.descriptor(
                "parentCID=ffffffff", "RW 64 SPARSE \"s\"", "RW 8 FLAT \"f\" 1", "RW 1 ZERO", "ddb.x = \"1\"");
        VirtualDiskOptions options =
                VmdkImage.resolving(Map.of("extent:s", VmdkImage.cowd(), "extent:f", new byte[10 * 512]));
        Damage.Parser parser = damaged -> {
            try (BlockDevice disk = VMDK.open(damaged, options)) {
                DiskModel.read(disk, 0, (int) Math.min(disk.size(), 1 << 20));
                DiskModel.read(disk, disk.size() - Math.min(disk.size(), 10), (int) Math.min(disk.size(), 10));
            }
        };
        Damage.flips(descriptor, 1, parser);
        Damage.truncations(descriptor, 1, parser);
        Damage.fuzz(descriptor, 5, 2000, parser);
        Damage.flips(Arrays.copyOf(file, 16 * 512), 7, parser);
        Damage.fuzz(file, 5, 2000, parser);
    }
}

package io.platter.virtualdisk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.ImageFormatException;
import io.platter.block.MemoryDevice;
import io.platter.block.UnsupportedImageException;
import io.platter.testkit.DiskModel;
import io.platter.testkit.SparseFile;
import io.platter.virtualdisk.BlockEncoder;
import io.platter.virtualdisk.Compression;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files made to do harm: each is refused with the place of the contradiction. */
@Timeout(20)
class Qcow2HostileTest {
    private static final VirtualDiskFormat QCOW2 = VirtualDisks.named("qcow2").orElseThrow();
    private static final int CLUSTER = 1 << 16;

    private final ByteBuffer file = ByteBuffer.wrap(image());
    private long l1;
    private long l2;

    /** Returns a file of two clusters of data after the header, then the L2 table. */
    private static byte[] image() {
        SparseFile file = new SparseFile();
        try (VirtualDiskWriter writer = QCOW2.create(file, 2 * CLUSTER, VirtualDiskOptions.defaults())) {
            writer.data(0, ByteBuffer.wrap("content.".repeat(CLUSTER / 4).getBytes(StandardCharsets.US_ASCII)));
            writer.finish();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return file.toByteArray();
    }

    @BeforeEach
    void findTables() {
        l1 = file.getLong(40);
        l2 = file.getLong((int) l1) & Layout.OFFSET_MASK;
    }

    private BlockDevice open(VirtualDiskOptions options) throws IOException {
        return QCOW2.open(MemoryDevice.over(file.array()), options);
    }

    private void readAll() throws IOException {
        try (BlockDevice disk = open(VirtualDiskOptions.defaults())) {
            DiskModel.read(disk, 0, (int) Math.min(disk.size(), 2 * CLUSTER));
        }
    }

    private void assertRefusedAt(long offset) {
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(this::readAll)
                .satisfies(e -> assertThat(e.offset()).as(e.getMessage()).isEqualTo(offset));
    }

    @ParameterizedTest
    @CsvSource({
        "8, 8, 112, 16",
        "8, 8, 0x7fffffffffffff00, 16",
        "20, 4, 0, 20",
        "20, 4, 8, 20",
        "20, 4, 22, 20",
        "20, 4, 62, 20",
        "24, 8, 0x7fffffffffffffff, 36",
        "24, 8, -1, 24",
        "36, 4, 0, 36",
        "36, 4, 0x7fffffff, 36",
        "40, 8, 0, 36",
        "40, 8, 1, 36",
        "40, 8, 0x7fffffffffff0000, 36",
        "40, 8, -65536, 40",
        "48, 8, 3, 48",
        "48, 8, 0x7fffffffffff0000, 48",
        "56, 4, 0x7fffffff, 48",
        "60, 4, 0x7fffffff, 60",
        "96, 4, 7, 96",
        "100, 4, 96, 100",
        "100, 4, 113, 100",
        "100, 4, 0x7ffffff8, 100",
        "104, 1, 1, 104"
    })
    void aHeaderFieldThatCanNotBeIsRefused(int field, int width, String value, long refusedAt) {
        if (field == 8) {
            file.putInt(16, 0x7FFFFFFF);
        }
        put(field, width, Long.decode(value));
        assertRefusedAt(refusedAt);
    }

    private void put(int field, int width, long value) {
        if (width == 8) {
            file.putLong(field, value);
        } else if (width == 4) {
            file.putInt(field, (int) value);
        } else {
            file.put(field, (byte) value);
        }
    }

    @ParameterizedTest
    @CsvSource({"32, 1", "32, 2", "4, 1", "4, 4"})
    void encryptionAndUnknownVersionsAreRefusedByName(int field, int value) {
        file.putInt(field, value);
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(this::readAll)
                .withMessageContaining(field == 4 ? "version " + value : "crypt_method " + value);
    }

    @Test
    void anExtensionLongerThanItsClusterIsRefused() {
        file.putInt(112, 0x12345678);
        file.putInt(116, 0x7FFFFFFF);
        assertRefusedAt(116);
    }

    @Test
    void unknownIncompatibleFeaturesAreRefusedByTheNameInTheFile() {
        file.putLong(72, 1L << 40);
        file.putInt(112, 0x6803F857).putInt(116, 48).put(120, (byte) 0).put(121, (byte) 40);
        file.put(122, "time travel".getBytes(StandardCharsets.US_ASCII));
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(this::readAll)
                .withMessageContaining("time travel");
    }

    @ParameterizedTest
    @CsvSource({
        "0x0100000000020000",
        "0x0000000000020200",
        "0x00fffffffffe0000",
        "0x8000000000020002",
    })
    void anL1EntryThatCanNotBeIsRefused(String entry) {
        file.putLong((int) l1, Long.parseUnsignedLong(entry.substring(2), 16));
        assertRefusedAt(l1);
    }

    @ParameterizedTest
    @CsvSource({
        "0x0100000000010000",
        "0x0000000000010200",
        "0x00ffffffffff0000",
        "0x8000000000000000",
        "0x8000000000010002",
        "0x4000ffffffffffff",
    })
    void anL2EntryThatCanNotBeIsRefused(String entry) {
        file.putLong((int) l2, Long.parseUnsignedLong(entry.substring(2), 16));
        assertRefusedAt(l2);
    }

    @Test
    void twoEntriesForTheSameClusterAreRefused() {
        file.putLong((int) l2 + 8, file.getLong((int) l2));
        assertRefusedAt(l2 + 8);
    }

    @Test
    void anL2TableThatIsItsOwnDataIsRefused() {
        file.putLong((int) l2, l2 | Layout.COPIED);
        assertRefusedAt(l2);
    }

    @Test
    void manyL1EntriesForOneL2TableAreRefusedWhenTheSecondIsTouched() throws IOException {
        file.putLong(24, 3L << 29);
        file.putInt(36, 3);
        file.putLong((int) l1 + 8, file.getLong((int) l1));
        try (BlockDevice disk = open(VirtualDiskOptions.defaults())) {
            DiskModel.read(disk, 0, 100);
            assertThatExceptionOfType(CorruptImageException.class)
                    .isThrownBy(() -> disk.extentAt(1L << 29))
                    .satisfies(e -> assertThat(e.offset()).isEqualTo(l1 + 8));
        }
    }

    @Test
    void aCompressedClusterThatEndsEarlyIsRefused() {
        ByteBuffer half = ByteBuffer.allocateDirect(CLUSTER);
        try (BlockEncoder encoder = new Encoder(Compression.DEFLATE, 0, CLUSTER / 2)) {
            encoder.encode(ByteBuffer.allocateDirect(CLUSTER / 2), half);
        }
        file.put(CLUSTER, half, 0, half.position());
        file.putLong((int) l2, Layout.COMPRESSED | CLUSTER);
        assertRefusedAt(CLUSTER);
    }

    @Test
    void aFileThatNamesItselfAsItsParentIsRefused() {
        byte[] name = "self".getBytes(StandardCharsets.US_ASCII);
        file.putLong(8, 200).putInt(16, name.length).put(200, name);
        VirtualDiskOptions options = VirtualDiskOptions.builder()
                .resolver((role, parent) -> MemoryDevice.over(file.array()))
                .build();
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> open(options))
                .satisfies(e -> assertThat(e.offset()).isEqualTo(200));
    }

    @ParameterizedTest
    @CsvSource({"/etc/passwd", "json:{\"driver\":\"file\"}", "nbd://host/export"})
    void aParentIsOnlyEverAskedOfTheResolver(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        file.putLong(8, 200).putInt(16, bytes.length).put(200, bytes);
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(() -> open(VirtualDiskOptions.defaults()))
                .withMessageContaining(name);
    }

    @Test
    void aParentWithoutAMagicIsNotTakenAsRaw() {
        file.putLong(8, 200).putInt(16, 1).put(200, (byte) 'p');
        VirtualDiskOptions options = VirtualDiskOptions.builder()
                .resolver((role, parent) -> MemoryDevice.ofSize(4096))
                .build();
        assertThatExceptionOfType(UnsupportedImageException.class).isThrownBy(() -> open(options));
    }

    @Test
    void aDiskOfManyExbibytesIsOpenedInNoTime() throws IOException {
        SparseFile sparse = new SparseFile();
        int clusterBits = 21;
        ByteBuffer header = ByteBuffer.wrap(file.array(), 0, 112).duplicate();
        header.putInt(20, clusterBits);
        header.putLong(24, 1L << 61);
        header.putInt(36, 1 << 22);
        header.putLong(40, 2 << 20);
        header.putLong(48, 64 << 20);
        sparse.write(header);
        sparse.position(70 << 20).write(ByteBuffer.allocate(1));
        try (BlockDevice disk = QCOW2.open(sparse.device(), VirtualDiskOptions.defaults())) {
            assertThat(disk.size()).isEqualTo(1L << 61);
            assertThat(DiskModel.read(disk, disk.size() - 10, 10)).isEqualTo(new byte[10]);
            disk.extentAt(0);
        }
    }

    @Test
    void snapshotTablesThatCanNotBeAreRefused() {
        VirtualDiskOptions options = VirtualDiskOptions.builder().snapshot("s").build();
        for (long offset : List.of(0L, 1L << 40, Long.MAX_VALUE, (long) CLUSTER)) {
            file.putInt(60, 65_536).putLong(64, offset);
            assertThatExceptionOfType(ImageFormatException.class).isThrownBy(() -> open(options));
            assertThatExceptionOfType(ImageFormatException.class)
                    .isThrownBy(() -> QCOW2.info(MemoryDevice.over(file.array())));
        }
    }
}

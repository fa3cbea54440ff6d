package io.platter.virtualdisk.vhdx;

import static io.platter.virtualdisk.vhdx.VhdxImage.BAT;
import static io.platter.virtualdisk.vhdx.VhdxImage.DATA;
import static io.platter.virtualdisk.vhdx.VhdxImage.HEADERS;
import static io.platter.virtualdisk.vhdx.VhdxImage.ITEMS;
import static io.platter.virtualdisk.vhdx.VhdxImage.METADATA;
import static io.platter.virtualdisk.vhdx.VhdxImage.MIB;
import static io.platter.virtualdisk.vhdx.VhdxImage.REGION_TABLES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentKind;
import io.platter.block.UnsupportedImageException;
import io.platter.testkit.DiskModel;
import io.platter.testkit.SparseFile;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files made to do harm, their checksums right: each is refused with the place of the contradiction. */
@Timeout(20)
class VhdxHostileTest {
    private static final VirtualDiskOptions DEFAULTS = VirtualDiskOptions.defaults();
    private static final UUID ID = new UUID(11, 12);
    private static final UUID UNKNOWN = UUID.fromString("01234567-89ab-cdef-0123-456789abcdef");

    private final byte[] disk = DiskModel.random(3, 4 * MIB, 3 * MIB).bytes();
    private VhdxImage image;

    @BeforeEach
    void writeImage() throws IOException {
        for (int block = 0; block < 4; block++) {
            disk[block * MIB] = 1;
        }
        image = VhdxImage.of(disk, DEFAULTS);
    }

    private void readAll() throws IOException {
        try (BlockDevice opened = image.open(DEFAULTS)) {
            DiskModel.read(opened, 0, (int) Math.min(opened.size(), disk.length));
        }
    }

    private void assertReads() throws IOException {
        try (BlockDevice opened = image.open(DEFAULTS)) {
            assertThat(DiskModel.read(opened, 0, disk.length)).isEqualTo(disk);
        }
    }

    private void assertRefusedAt(long offset) {
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(this::readAll)
                .satisfies(e -> assertThat(e.offset()).as(e.getMessage()).isEqualTo(offset));
    }

    private void assertUnsupported(String message) {
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(this::readAll)
                .withMessageContaining(message);
    }

    private void put(int at, int width, long value) {
        switch (width) {
            case 2 -> image.bytes().putShort(at, (short) value);
            case 4 -> image.bytes().putInt(at, (int) value);
            default -> image.bytes().putLong(at, value);
        }
    }

    private void damage(int at) {
        image.bytes().put(at, (byte) ~image.bytes().get(at));
    }

    @Test
    void aDamagedHeaderIsPassedOver() throws IOException {
        for (int header : HEADERS) {
            damage(header + 2000);
            assertReads();
            damage(header + 2000);
        }
        damage(HEADERS[0]);
        damage(HEADERS[1] + 4);
        assertRefusedAt(HEADERS[0]);
    }

    @ParameterizedTest
    @CsvSource({"1, 2, 1", "5, 4, 0", "-1, 4, 0", "0x7fffffffffffffff, -0x8000000000000000, 1"})
    void theHeaderOfTheGreaterNumberCounts(String first, String second, int current) throws IOException {
        put(HEADERS[0] + 8, 8, Long.decode(first));
        put(HEADERS[1] + 8, 8, Long.decode(second));
        put(HEADERS[1 - current] + 66, 2, 7);
        image.sign();
        assertReads();
        put(HEADERS[current] + 66, 2, 8);
        image.sign();
        assertUnsupported("VHDX version 8");
    }

    @Test
    void headersOfTheSameNumberHaveToBeTheSame() throws IOException {
        put(HEADERS[1] + 8, 8, 1);
        image.sign();
        assertReads();
        put(HEADERS[1] + 100, 4, 1);
        image.sign();
        assertRefusedAt(HEADERS[1]);
    }

    @ParameterizedTest
    @CsvSource({
        "68, 4, 4096",
        "68, 4, 0x7ff00000",
        "68, 4, 0xfff00000",
        "72, 8, 0",
        "72, 8, 65536",
        "72, 8, 0x7ffffffffff00000",
        "72, 8, 0x100000000000"
    })
    void aLogThatCanNotBeIsRefused(int field, int width, String value) {
        put(HEADERS[1] + field, width, Long.decode(value));
        image.sign();
        assertRefusedAt(HEADERS[1] + 68);
    }

    @Test
    void aLogOfAnotherVersionMattersOnlyIfItIsUsed() throws IOException {
        put(HEADERS[1] + 64, 2, 1);
        image.sign();
        assertReads();
        image.logId(ID);
        assertUnsupported("VHDX log version 1");
    }

    @Test
    void aDamagedRegionTableIsPassedOver() throws IOException {
        for (int table : REGION_TABLES) {
            damage(table + 60_000);
            assertReads();
            damage(table + 60_000);
        }
        damage(REGION_TABLES[0]);
        damage(REGION_TABLES[1] + 4);
        assertRefusedAt(REGION_TABLES[0]);
    }

    @ParameterizedTest
    @CsvSource({
        "8, 4, 2048, 8",
        "8, 4, -1, 8",
        "8, 4, 0, 8",
        "8, 4, 1, 8",
        "32, 8, 0, 32",
        "32, 8, 0x200001, 32",
        "32, 8, 0x7ffffffffff00000, 32",
        "32, 8, -0x100000, 32",
        "40, 4, 0, 32",
        "40, 4, 4096, 32",
        "40, 4, 0xfff00000, 32",
        "64, 8, 0x100000000000, 64",
    })
    void aRegionThatCanNotBeIsRefused(int field, int width, String value, int refusedAt) {
        put(REGION_TABLES[0] + field, width, Long.decode(value));
        image.sign();
        assertRefusedAt(REGION_TABLES[0] + refusedAt);
    }

    @Test
    void anUnknownRegionIsRefusedByNameIfItIsRequired() throws IOException {
        int entry = REGION_TABLES[0] + 16 + 64;
        VhdxImage.putGuid(image.bytes(), entry, UNKNOWN);
        put(REGION_TABLES[0] + 8, 4, 3);
        image.sign();
        assertReads();
        put(entry + 28, 4, 1);
        image.sign();
        assertUnsupported(UNKNOWN.toString().toUpperCase(Locale.ROOT));
        image.bytes().put(entry, image.bytes().array(), REGION_TABLES[0] + 16, 32);
        image.sign();
        assertRefusedAt(entry);
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "2, 1", "2, 3", "3, 2"})
    void regionsThatOverlapAreRefused(int fromMib, int toMib) {
        for (int place : new int[] {HEADERS[1] + 72, REGION_TABLES[0] + 32, REGION_TABLES[0] + 64}) {
            if (image.bytes().getLong(place) == (long) fromMib * MIB) {
                put(place, 8, (long) toMib * MIB);
            }
        }
        byte[] metadata = new byte[MIB];
        image.bytes().get(METADATA, metadata);
        if (fromMib == 2) {
            image.bytes().put(toMib * MIB, metadata);
        }
        image.sign();
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(this::readAll)
                .withMessageContaining("a second entry for place");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 8, 0, 0",
        "10, 2, 2048, 10",
        "10, 2, 4, 10",
        "48, 4, 65535, 48",
        "48, 4, 0x100000, 48",
        "48, 4, -1, 48",
        "52, 4, 0, 52",
        "52, 4, 4, 52",
        "52, 4, 16, 52",
        "52, 4, -1, 48",
    })
    void aMetadataTableThatCanNotBeIsRefused(int field, int width, String value, int refusedAt) {
        put(METADATA + field, width, Long.decode(value));
        assertRefusedAt(METADATA + refusedAt);
    }

    @Test
    void anItemLongerThanAMebibyteIsRefused() {
        image.item(UNKNOWN.toString(), 65536, MIB + 1, 0);
        for (int table : REGION_TABLES) {
            put(table + 72, 4, 4 * MIB);
        }
        image.sign();
        assertRefusedAt(METADATA + 32 * 6 + 16);
    }

    @Test
    void anUnknownItemIsRefusedByNameIfItIsRequired() throws IOException {
        image.item(UNKNOWN.toString(), 0, 0, 0);
        image.item("caa16737-fa36-4d43-b3b6-33f0aa44e76b", 0, 0, 1);
        assertReads();
        image.item(UNKNOWN.toString(), 0, 0, 5);
        assertUnsupported(UNKNOWN.toString().toUpperCase(Locale.ROOT));
    }

    @Test
    void anItemThatIsThereTwiceIsRefused() {
        image.item("caa16737-fa36-4d43-b3b6-33f0aa44e76b", 65536, 8, 4);
        assertRefusedAt(METADATA + 32 * 6);
    }

    /** Items in the order in which we write them: parameters, size, identifier, and the sizes of the two sectors. */
    @ParameterizedTest
    @CsvSource({
        "0, 4, 0",
        "0, 4, 524288",
        "0, 4, 0x300000",
        "0, 4, 0x20000000",
        "0, 4, -0x80000000",
        "8, 8, 513",
        "8, 8, 0x400000000200",
        "8, 8, 0x7ffffffffffffe00",
        "8, 8, -512",
        "32, 4, 0",
        "32, 4, 1024",
        "32, 4, -1",
        "36, 4, 0",
        "36, 4, 2048",
    })
    void anItemThatCanNotBeIsRefused(int field, int width, String value) {
        put(ITEMS + field, width, Long.decode(value));
        assertRefusedAt(ITEMS + field);
    }

    @Test
    void aBatTooShortForTheDiskIsRefused() {
        put(ITEMS + 8, 8, 64L << 40);
        assertRefusedAt(REGION_TABLES[0] + 16);
    }

    @Test
    void aChildWithoutALocatorIsRefused() {
        put(ITEMS + 4, 4, 2);
        assertRefusedAt(METADATA + 10);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000000000400004",
                "0000000000400005",
                "0000000000400007",
                "000000000040000e",
                "0000000000480006",
                "0000000000000006",
                "0000000000100006",
                "0000000000200006",
                "0000000000300006",
                "0000000000800006",
                "7ffffffffff00006",
                "fffffffffff00006",
            })
    void aBlockThatCanNotBeIsRefused(String entry) {
        put(BAT + 8, 8, Long.parseUnsignedLong(entry, 16));
        assertRefusedAt(BAT + 8);
    }

    @Test
    void twoEntriesForTheSameBlockAreRefused() {
        image.entry(3, 6, DATA / MIB + 1);
        assertRefusedAt(BAT + 24);
    }

    @Test
    void blocksThatOverlapInPartAreRefused() throws IOException {
        image = VhdxImage.of(
                disk, VirtualDiskOptions.builder().blockSize(2 * MIB).build());
        assertReads();
        image.entry(1, 6, DATA / MIB + 1);
        assertRefusedAt(BAT + 8);
    }

    /** QEMU before version 8 left them so. */
    @Test
    void entriesOfSectorBitmapsDoNotCountWithoutAParent() throws IOException {
        image.entry(4096, 6, DATA / MIB);
        assertReads();
    }

    @Test
    void entriesBehindTheDisksEndDoNotCount() throws IOException {
        image.entry(4, 6, DATA / MIB).entry(5, 7, 0);
        assertReads();
    }

    @Test
    void emptyStatesMayHoldAnyOffset() throws IOException {
        image.entry(0, 0, 4).entry(1, 1, 4).entry(2, 2, 4).entry(3, 3, 1L << 43);
        try (BlockDevice opened = image.open(DEFAULTS)) {
            assertThat(DiskModel.read(opened, 0, disk.length)).isEqualTo(new byte[disk.length]);
            assertThat(opened.extentAt(0).kind()).isEqualTo(ExtentKind.HOLE);
            assertThat(opened.extentAt(2 * MIB).kind()).isEqualTo(ExtentKind.ZERO);
            assertThat(opened.extentAt(3 * MIB).kind()).isEqualTo(ExtentKind.HOLE);
        }
    }

    @Test
    void theLargestDiskIsOpenedInNoTime() throws IOException {
        SparseFile file = new SparseFile();
        long size = 64L << 40;
        try (VirtualDiskWriter writer = VhdxImage.VHDX.create(file, size, DEFAULTS)) {
            writer.empty(0, size - 1, ExtentKind.HOLE);
            writer.data(size - 1, ByteBuffer.wrap(new byte[] {9}));
            writer.finish();
        }
        try (BlockDevice opened = VhdxImage.VHDX.open(file.device(), DEFAULTS)) {
            assertThat(opened.size()).isEqualTo(size);
            assertThat(DiskModel.read(opened, size - 2, 2)).containsExactly(0, 9);
            opened.extentAt(0);
        }
    }
}

package io.platter.virtualdisk.partclone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.MemoryDevice;
import io.platter.block.UnsupportedImageException;
import io.platter.testkit.Damage;
import io.platter.testkit.DiskModel;
import io.platter.testkit.SparseFile;
import io.platter.testkit.VirtualDiskReadingContract;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartcloneFormatTest {
    private static final VirtualDiskFormat PARTCLONE =
            VirtualDisks.named("partclone").orElseThrow();
    private static final VirtualDiskOptions DEFAULTS = VirtualDiskOptions.defaults();

    /** An image of ours, read as every format is. */
    interface Reading extends VirtualDiskReadingContract {
        void choose(PartcloneImage image);

        @Override
        default VirtualDiskFormat format() {
            return PARTCLONE;
        }

        @Override
        default SparseFile write(DiskModel disk, VirtualDiskOptions options) {
            PartcloneImage image = new PartcloneImage(disk);
            choose(image);
            return image.write();
        }
    }

    @Nested
    class Usual implements Reading {
        @Override
        public void choose(PartcloneImage image) {}

        @Override
        public int damageRounds() {
            return 1600;
        }
    }

    @Nested
    class WithoutChecksums implements Reading {
        @Override
        public void choose(PartcloneImage image) {
            image.blocksPerChecksum = 0;
        }
    }

    @Nested
    class OneStripOnly implements Reading {
        @Override
        public void choose(PartcloneImage image) {
            image.blocksPerChecksum = -1;
        }
    }

    @Nested
    class NotReseeded implements Reading {
        @Override
        public void choose(PartcloneImage image) {
            image.reseeded = false;
        }
    }

    @Nested
    class WithoutBitmap implements Reading {
        @Override
        public void choose(PartcloneImage image) {
            image.bitmapMode = 0;
        }
    }

    @Nested
    class BitmapOfBytes implements Reading {
        @Override
        public void choose(PartcloneImage image) {
            image.bitmapMode = 8;
        }
    }

    @Nested
    class Version1 implements Reading {
        @Override
        public void choose(PartcloneImage image) {
            image.version = 1;
        }
    }

    @Nested
    class Version1WithWideChecksums implements Reading {
        @Override
        public void choose(PartcloneImage image) {
            image.version = 1;
            image.checksumLength = 8;
        }
    }

    private final DiskModel disk = DiskModel.random(7, 60_000, 5000);

    private byte[] image(Consumer<PartcloneImage> choice) {
        PartcloneImage image = new PartcloneImage(disk);
        choice.accept(image);
        return image.write().toByteArray();
    }

    private static byte[] readAll(BlockDevice file) throws IOException {
        try (BlockDevice opened = PARTCLONE.open(file, DEFAULTS)) {
            return DiskModel.read(opened, 0, (int) Math.min(opened.size(), 1 << 20));
        }
    }

    @Test
    void nothingDamagedIsEverHandedOut() throws IOException {
        DiskModel small = DiskModel.random(8, 20_000, 3000);
        for (boolean reseeded : new boolean[] {true, false}) {
            PartcloneImage image = new PartcloneImage(small);
            image.reseeded = reseeded;
            Damage.flips(image.write().toByteArray(), 3, damaged -> assertThat(readAll(damaged))
                    .isEqualTo(small.bytes()));
        }
    }

    @Test
    void aDamagedStripLeavesTheOthersReadable() throws IOException {
        byte[] image = image(choice -> {});
        image[image.length - 5] ^= 1;
        try (BlockDevice opened = PARTCLONE.open(MemoryDevice.over(image), DEFAULTS)) {
            assertThat(DiskModel.read(opened, 0, 30_000)).isEqualTo(Arrays.copyOf(disk.bytes(), 30_000));
            assertThatExceptionOfType(CorruptImageException.class)
                    .isThrownBy(() -> DiskModel.read(opened, 0, 60_000))
                    .satisfies(e -> assertThat(e.offset()).isEqualTo(image.length - 4));
        }
    }

    @Test
    void whatPartclone1ChecksOfABlockIsItsFirstByte() throws IOException {
        byte[] image = image(choice -> choice.version = 1);
        image[image.length - 5] ^= 1;
        readAll(MemoryDevice.over(image));
        image[image.length - 4 - PartcloneImage.BLOCK] ^= 1;
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> readAll(MemoryDevice.over(image)))
                .satisfies(e -> assertThat(e.offset()).isEqualTo(image.length - 4));
    }

    @ParameterizedTest
    @CsvSource({
        "52, 8, 0, 52",
        "52, 8, -1, 52",
        "60, 8, -1, 60",
        "60, 8, 0x7fffffffffffffff, 88",
        "60, 8, 0x10000000000, 52",
        "84, 4, 0, 84",
        "84, 4, 0x4000001, 84",
        "98, 2, 8, 98",
    })
    void aHeaderFieldThatCanNotBeIsRefused(int field, int width, String value, long refusedAt) {
        byte[] image = image(choice -> {});
        put(image, field, width, value);
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> readAll(MemoryDevice.over(image)))
                .satisfies(e -> assertThat(e.offset()).as(e.getMessage()).isEqualTo(refusedAt));
    }

    @ParameterizedTest
    @CsvSource({
        "33, 1, 51, version 0003",
        "34, 2, 0xdec0, byte order dec0",
        "88, 4, 19, features of version 2 in 19 bytes",
        "92, 2, 3, features of version 3",
        "96, 2, 0x30, checksum mode 0x30",
        "105, 1, 2, bitmap mode 2",
    })
    void whatIsMissingHereIsNamed(int field, int width, String value, String named) {
        byte[] image = image(choice -> {});
        put(image, field, width, value);
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(() -> readAll(MemoryDevice.over(image)))
                .withMessageContaining(named);
    }

    private static void put(byte[] image, int field, int width, String value) {
        long number = Long.decode(value);
        for (int i = 0; i < width; i++) {
            image[field + i] = (byte) (number >>> (8 * i));
        }
        ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN).putInt(106, PartcloneImage.crc(image, 106));
    }

    @Test
    void aBitmapThatIsNotInTheFileIsRefusedBeforeAnythingIsAllocated() {
        byte[] image = image(choice -> {});
        put(image, 52, 8, "0x4000000000000000");
        put(image, 60, 8, "0x10000000000000");
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> readAll(MemoryDevice.over(image)))
                .withMessageContaining("a bitmap of");
    }

    @Test
    @Timeout(10)
    void aBitmapLargerThanIsReadIsRefusedHoweverSparseTheFile() throws IOException {
        byte[] header = Arrays.copyOf(image(choice -> {}), 110);
        put(header, 52, 8, "0x40000000000000");
        put(header, 60, 8, "0x800000001");
        SparseFile file = new SparseFile();
        file.write(ByteBuffer.wrap(header));
        file.position(1L << 40).write(ByteBuffer.allocate(1));
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(() -> readAll(file.device()))
                .withMessageContaining("a bitmap of 4294967297 bytes");
    }

    @Test
    void theTailOfThePartitionBehindItsBlocksIsUnused() throws IOException {
        byte[] image = image(choice -> {});
        put(image, 52, 8, "1000000000000");
        try (BlockDevice opened = PARTCLONE.open(MemoryDevice.over(image), DEFAULTS)) {
            assertThat(opened.size()).isEqualTo(1_000_000_000_000L);
            assertThat(opened.extentAt(disk.bytes().length + 512).end()).isEqualTo(opened.size());
            DiskModel.assertExtentsTrue(opened);
            assertThat(DiskModel.read(opened, 0, 60_000)).isEqualTo(disk.bytes());
        }
    }

    @Test
    void blocksAreFoundOnEveryPageOfTheBitmap() throws IOException {
        DiskModel large = DiskModel.random(9, 20 << 20, 30_000);
        for (int version = 1; version <= 2; version++) {
            PartcloneImage image = new PartcloneImage(large);
            image.version = version;
            try (BlockDevice opened = PARTCLONE.open(image.write().device(), DEFAULTS)) {
                Random random = new Random(1);
                for (int i = 0; i < 2000; i++) {
                    int offset = random.nextInt(large.bytes().length - 100);
                    assertThat(DiskModel.read(opened, offset, 100))
                            .isEqualTo(Arrays.copyOfRange(large.bytes(), offset, offset + 100));
                }
            }
        }
    }

    @Test
    void itCanNotBeWritten() {
        assertThat(PARTCLONE.canCreate()).isFalse();
        assertThat(PARTCLONE.createsInOnePass(DEFAULTS)).isFalse();
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> PARTCLONE.create(new SparseFile(), 512, DEFAULTS));
    }
}

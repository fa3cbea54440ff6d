package io.platter.virtualdisk.androidsparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentKind;
import io.platter.block.FileDevice;
import io.platter.block.MemoryDevice;
import io.platter.block.OpenMode;
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
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AndroidSparseFormatTest implements VirtualDiskFormatContract {
    private static final VirtualDiskOptions DEFAULTS = VirtualDiskOptions.defaults();

    @TempDir
    private Path directory;

    @Override
    public VirtualDiskFormat format() {
        return VirtualDisks.named("android-sparse").orElseThrow();
    }

    @Override
    public int damageRounds() {
        return 1600;
    }

    @ParameterizedTest
    @ValueSource(ints = {1024, 4096, 65_536})
    void whatImg2simgWritesReadsBackEqual(int blockSize) throws IOException {
        DiskModel disk = DiskModel.random(3, 6 << 20, 200_000);
        Path raw = Files.write(directory.resolve("disk.raw"), disk.bytes());
        Path sparse = directory.resolve("disk.simg");
        Oracle.of("img2simg").run(raw, sparse, blockSize);
        try (BlockDevice file = FileDevice.open(sparse, OpenMode.READ);
                BlockDevice opened = format().open(file, DEFAULTS)) {
            disk.assertEqual(opened, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void simg2imgUnpacksWhatWeWrite(int blockSize) throws IOException {
        DiskModel disk = DiskModel.random(3, 6 << 20, 200_000);
        Path sparse = directory.resolve("disk.simg");
        Path raw = directory.resolve("disk.raw");
        VirtualDiskOptions options =
                VirtualDiskOptions.builder().blockSize(blockSize).build();
        try (FileChannel channel = FileChannel.open(sparse, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
                VirtualDiskWriter writer = format().create(channel, disk.bytes().length, options)) {
            disk.writeTo(writer, 3);
        }
        Oracle.of("simg2img").run(sparse, raw);
        assertThat(Files.readAllBytes(raw)).isEqualTo(disk.bytes());
    }

    @Test
    void aPatternTakesFourBytesHoweverLongItIs() throws IOException {
        SparseFile file = new SparseFile();
        ByteBuffer pattern = ByteBuffer.allocate(1 << 20);
        while (pattern.hasRemaining()) {
            pattern.putInt(0xCAFEBABE);
        }
        try (VirtualDiskWriter writer = format().create(file, 2 << 20, DEFAULTS)) {
            writer.data(0, pattern.flip());
            writer.empty(1 << 20, 1 << 20, ExtentKind.HOLE);
            writer.finish();
        }
        assertThat(file.size()).isEqualTo(28 + 16 + 12);
        try (BlockDevice disk = format().open(file.device(), DEFAULTS)) {
            assertThat(DiskModel.read(disk, 6, 4)).containsExactly(0xBA, 0xBE, 0xCA, 0xFE);
            assertThat(disk.extentAt(5 << 18).kind()).isEqualTo(ExtentKind.HOLE);
        }
    }

    @Test
    void largerHeadersAndChecksumChunksArePassedOver() throws IOException {
        ByteBuffer file = ByteBuffer.allocate(32 + 20 + 4096 + 20 + 16).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(0xED26FF3A)
                .putShort((short) 1)
                .putShort((short) 9)
                .putShort((short) 32)
                .putShort((short) 16);
        file.putInt(4096).putInt(2).putInt(4).putInt(0).putInt(0);
        file.putInt(0xCAC4).putInt(0).putInt(20).putInt(0).putInt(0);
        file.putInt(0xCAC1)
                .putInt(1)
                .putInt(16 + 4096)
                .putInt(0)
                .put(new byte[4095])
                .put((byte) 7);
        file.putInt(0xCAC2).putInt(1).putInt(20).putInt(0);
        BlockDevice device = MemoryDevice.over(Arrays.copyOf(file.array(), file.capacity() + 20));
        try (BlockDevice disk = format().open(device, DEFAULTS)) {
            assertThat(disk.size()).isEqualTo(8192);
            assertThat(DiskModel.read(disk, 4095, 2)).containsExactly(7, 0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0",
        "8, 12, 8",
        "8, 0x0004001c, 10",
        "12, 0, 12",
        "12, 4098, 12",
        "12, -4, 12",
        "16, -1, 56",
        "16, 1, 32",
        "20, 0, 28",
        "20, 1, 44",
        "28, 0, 28",
        "28, 0xcac5, 28",
        "28, 0xcac1, 36",
        "32, 0, 56",
        "32, -1, 32",
        "36, 12, 36",
        "36, 0, 36",
        "36, -1, 36",
        "48, -1, 48",
    })
    void aNumberThatCanNotBeIsRefused(int field, String value, long refusedAt) throws IOException {
        SparseFile written = new SparseFile();
        try (VirtualDiskWriter writer = format().create(written, 4 << 12, DEFAULTS)) {
            writer.empty(0, 2 << 12, ExtentKind.ZERO);
            writer.empty(2 << 12, 2 << 12, ExtentKind.HOLE);
            writer.finish();
        }
        ByteBuffer file = ByteBuffer.wrap(written.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(field, Long.decode(value).intValue());
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> {
                    try (BlockDevice disk = format().open(MemoryDevice.over(file.array()), DEFAULTS)) {
                        disk.extentAt(0);
                        disk.extentAt(disk.size() - 1);
                    }
                })
                .satisfies(e -> assertThat(e.offset()).as(e.getMessage()).isEqualTo(refusedAt));
    }

    @Test
    @Timeout(30)
    void moreChunksThanAreRememberedAreFoundAllTheSame() throws IOException {
        int chunks = 700_000;
        ByteBuffer file = ByteBuffer.allocate(28 + chunks * 16).order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(0xED26FF3A).putInt(1).putShort((short) 28).putShort((short) 12);
        file.putInt(512).putInt(chunks).putInt(chunks).putInt(0);
        for (int i = 0; i < chunks; i++) {
            file.putInt(0xCAC2).putInt(1).putInt(16).putInt(i + 1);
        }
        try (BlockDevice disk = format().open(MemoryDevice.over(file.array()), DEFAULTS)) {
            Random random = new Random(1);
            for (int round = 0; round < 2000; round++) {
                int chunk = round == 0 ? chunks - 1 : random.nextInt(chunks);
                ByteBuffer read = ByteBuffer.wrap(DiskModel.read(disk, chunk * 512L, 4));
                assertThat(read.order(ByteOrder.LITTLE_ENDIAN).getInt()).isEqualTo(chunk + 1);
            }
        }
    }
}

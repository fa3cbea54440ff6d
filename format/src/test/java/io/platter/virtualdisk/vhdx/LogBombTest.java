package io.platter.virtualdisk.vhdx;

import static io.platter.virtualdisk.vhdx.VhdxImage.BAT;
import static io.platter.virtualdisk.vhdx.VhdxImage.HEADERS;
import static io.platter.virtualdisk.vhdx.VhdxImage.LOG;
import static io.platter.virtualdisk.vhdx.VhdxImage.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentKind;
import io.platter.block.UnsupportedImageException;
import io.platter.testkit.DiskModel;
import io.platter.testkit.SparseFile;
import io.platter.virtualdisk.VirtualDiskOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logs made to do harm: their replay takes a bounded time and room, or is refused. */
@Timeout(20)
class LogBombTest {
    private static final VirtualDiskOptions DEFAULTS = VirtualDiskOptions.defaults();
    private static final UUID ID = new UUID(11, 12);

    private final byte[] disk = new byte[4 * MIB];
    private VhdxImage image;

    @BeforeEach
    void writeImage() throws IOException {
        Arrays.fill(disk, (byte) 1);
        image = VhdxImage.of(disk, DEFAULTS);
    }

    private void assertRefusedAt(long offset) {
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> image.open(DEFAULTS))
                .satisfies(e -> assertThat(e.offset()).as(e.getMessage()).isEqualTo(offset));
    }

    private void putHeaders(int field, int width, long value) {
        for (int header : HEADERS) {
            if (width == 4) {
                image.bytes().putInt(header + field, (int) value);
            } else {
                image.bytes().putLong(header + field, value);
            }
        }
    }

    private LogMaker entry(long sequence) {
        return new LogMaker(sequence, ID, 0);
    }

    private void putLog(LogMaker entry) {
        entry.putAt(image, 0);
        image.logId(ID);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 65536, 131072, LOG, LOG + 8192, LOG + MIB - 4096})
    void aLogThatChangesHeadersOrItselfIsRefused(int fileOffset) {
        putLog(entry(1).zero(BAT, 0).data(fileOffset, new byte[4096]));
        assertRefusedAt(LOG + 64 + 32);
        putLog(entry(1).zero(0, 1L << 62));
        assertRefusedAt(LOG + 64);
    }

    @Test
    void aFileThatItsLogMakesEndlessHoldsNoData() throws IOException {
        LogMaker entry = entry(1).sizes(0, Long.MAX_VALUE & -MIB);
        ByteBuffer bat = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        for (int block = 0; block < 4; block++) {
            bat.putLong((1L << 40) * (block + 1) | 6);
        }
        putLog(entry.data(BAT, bat.array()).zero(1L << 50, 1L << 60));
        try (BlockDevice opened = image.open(DEFAULTS)) {
            assertThat(DiskModel.read(opened, 0, disk.length)).isEqualTo(new byte[disk.length]);
            assertThat(opened.extentAt(0).kind()).isEqualTo(ExtentKind.ZERO);
        }
    }

    @Test
    void zerosBehindTheLargestOffsetMakeNoEntry() {
        putLog(entry(1).zero(1L << 62, 1L << 62));
        assertRefusedAt(LOG);
    }

    /** Each sector claims to be an entry as long as the log, so that to check them all would take its length squared. */
    @Test
    void logEntriesThatLieInEachOtherAreRefused() {
        byte[] entry = entry(1).pad(255).make();
        for (int sector = 0; sector < 256; sector++) {
            image.bytes().put(LOG + sector * 4096, entry, 0, 64);
        }
        image.bytes().put(LOG + MIB - 1, (byte) 1);
        image.logId(ID);
        assertRefusedAt(LOG);
    }

    @Test
    void aLogOfTooManyDescriptorsIsRefused() throws IOException {
        image.resize(16 * MIB);
        putHeaders(68, 4, 8 * MIB);
        putHeaders(72, 8, 8L * MIB);
        LogMaker bomb = entry(1);
        for (int i = 0; i <= 1 << 17; i++) {
            bomb.zero((1L << 40) + 8192L * i, 4096);
        }
        image.bytes().put(8 * MIB, bomb.make());
        image.logId(ID);
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(() -> image.open(DEFAULTS))
                .withMessageContaining("descriptors");
    }

    @Test
    void aHugeLogIsRefusedBeforeItIsRead() throws IOException {
        SparseFile file = new SparseFile();
        putHeaders(68, 4, 0xFFF0_0000L);
        putHeaders(72, 8, 8L * MIB);
        image.logId(ID);
        file.write(ByteBuffer.wrap(image.bytes().array()));
        file.position(8L << 30).write(ByteBuffer.allocate(1));
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(() -> VhdxImage.VHDX.open(file.device(), DEFAULTS))
                .withMessageContaining("4293918720");
    }
}

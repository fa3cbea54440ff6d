package io.platter.virtualdisk.vhdx;

import static io.platter.virtualdisk.vhdx.VhdxImage.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.BlockDevice;
import io.platter.testkit.Damage;
import io.platter.testkit.DiskModel;
import io.platter.testkit.VirtualDiskReadingContract;
import io.platter.virtualdisk.VirtualDiskOptions;
import java.io.IOException;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each byte that means something is damaged, with the checksums as they were, or put right again. */
@Timeout(60)
class VhdxDamageTest {
    private static final UUID ID = new UUID(11, 12);
    private static final UUID LINKAGE = new UUID(13, 14);
    private static final int ENTRY_LENGTH = 4 * 4096;

    private final byte[] disk = new byte[2 * MIB];
    private VhdxImage parent;
    private VhdxImage image;
    private byte[] expected;

    /** Makes a child, one block of which is partly its parent's, whose BAT is in the log. */
    @BeforeEach
    void writeImage() throws IOException {
        Arrays.fill(disk, (byte) 1);
        parent = VhdxImage.of(disk, VirtualDiskOptions.defaults()).dataWriteId(LINKAGE);
        Arrays.fill(disk, (byte) 2);
        image = VhdxImage.of(disk, VirtualDiskOptions.defaults()).parent(LINKAGE, "relative_path", "parent");
        int bitmap = image.bytes().capacity();
        image.resize(bitmap + MIB);
        image.bytes().putLong(VhdxImage.BAT + 8 * 4096, bitmap | 6);
        image.bytes().put(bitmap + 3, (byte) 0x5A);
        byte[] bat = Arrays.copyOfRange(image.bytes().array(), VhdxImage.BAT, VhdxImage.BAT + 4096);
        bat[0] = 7;
        byte[] table = Arrays.copyOfRange(image.bytes().array(), VhdxImage.METADATA, VhdxImage.METADATA + 4096);
        new LogMaker(1, ID, 0)
                .data(VhdxImage.BAT, bat)
                .zero(VhdxImage.BAT + 4096, 4096)
                .data(VhdxImage.METADATA, table)
                .pad(1)
                .putAt(image, 0);
        image.logId(ID);
        expected = readSome(image.device());
        assertThat(expected).contains(1, 2);
    }

    private byte[] readSome(BlockDevice file) throws IOException {
        VirtualDiskOptions options = VirtualDiskOptions.builder()
                .resolver((role, name) -> parent.device())
                .build();
        try (BlockDevice opened = VhdxImage.VHDX.open(file, options)) {
            long offset = 0;
            for (int i = 0; i < 100 && offset < opened.size(); i++) {
                offset = opened.extentAt(offset).end();
            }
            DiskModel.read(opened, opened.size() - Math.min(opened.size(), 1000), (int) Math.min(opened.size(), 1000));
            return DiskModel.read(opened, 0, (int) Math.min(opened.size(), 100_000));
        }
    }

    /** Damages a part of the file. */
    private void sweep(int from, int length, boolean isSigned, boolean isGuarded) {
        byte[] part = Arrays.copyOfRange(image.bytes().array(), from, from + length);
        VhdxImage copy = VhdxImage.copyOf(image);
        Damage.Parser parser = damaged -> {
            damaged.read(copy.bytes().slice(from, length), 0);
            if (isSigned) {
                copy.sign();
                VhdxImage.sign(copy.bytes(), VhdxImage.LOG, ENTRY_LENGTH);
            }
            byte[] read = readSome(copy.device());
            if (isGuarded) {
                assertThat(read).isEqualTo(expected);
            }
        };
        Damage.flips(part, 1, parser);
        Damage.fuzz(part, VirtualDiskReadingContract.seed(), 300, parser);
    }

    @ParameterizedTest
    @CsvSource({"65536, 96", "131072, 96", "196608, 96", "262144, 96", "1048576, 300"})
    void whatAChecksumGuardsIsReadRightOrRefused(int from, int length) {
        sweep(from, length, false, true);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 100",
        "131072, 96",
        "196608, 96",
        "1048576, 300",
        "1052672, 100",
        "2097152, 260",
        "2162688, 40",
        "2166784, 300",
        "3145728, 100",
        "3178496, 8",
        "6291456, 100",
    })
    void damageThatNoChecksumTellsGivesBytesOrARefusal(int from, int length) {
        sweep(from, length, true, false);
    }

    @Test
    void aFileThatIsCutOffGivesBytesOrARefusal() {
        Damage.truncations(image.bytes().array(), 50_001, this::readSome);
    }
}

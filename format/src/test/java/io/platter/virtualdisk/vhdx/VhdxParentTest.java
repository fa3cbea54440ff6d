package io.platter.virtualdisk.vhdx;

import static io.platter.virtualdisk.vhdx.VhdxImage.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentKind;
import io.platter.block.UnsupportedImageException;
import io.platter.testkit.DiskModel;
import io.platter.virtualdisk.VirtualDiskOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Differencing disks: each block, or each of its sectors, is the child's or the parent's. */
@Timeout(60)
class VhdxParentTest {
    private static final UUID LINKAGE = UUID.fromString("83ed0ec3-24c8-49a6-a959-5e4bf1288bfb");
    private static final VirtualDiskOptions DEFAULTS = VirtualDiskOptions.defaults();
    private static final int BLOCKS = 8;
    /** At a sector of 512 bytes and blocks of 1 MiB. */
    private static final int CHUNK_RATIO = 4096;

    private final byte[] parentDisk = new byte[BLOCKS * MIB];
    private final byte[] childDisk = new byte[BLOCKS * MIB];

    @BeforeEach
    void fill() {
        new Random(1).nextBytes(parentDisk);
        new Random(2).nextBytes(childDisk);
    }

    private VhdxImage parent() throws IOException {
        return VhdxImage.of(parentDisk, DEFAULTS).dataWriteId(LINKAGE);
    }

    private VhdxImage child() throws IOException {
        return VhdxImage.of(childDisk, DEFAULTS).parent(LINKAGE, "relative_path", "..\\parent.vhdx");
    }

    private static VirtualDiskOptions resolving(VhdxImage parent) {
        return VirtualDiskOptions.builder()
                .resolver((role, name) -> {
                    assertThat(role).isEqualTo("parent");
                    assertThat(name).isEqualTo("..\\parent.vhdx");
                    return parent.device();
                })
                .build();
    }

    /** Puts the child's sector bitmap after its blocks, and marks a block as partly there. */
    private static void putBitmap(VhdxImage child, int block, int sectorSize, BitSet sectors) {
        int end = child.bytes().capacity();
        child.resize(end + MIB);
        int ratio = CHUNK_RATIO * sectorSize / 512;
        child.bytes().putLong(VhdxImage.BAT + 8 * ratio, end | 6);
        byte[] bits = sectors.toByteArray();
        child.bytes().put(end + block * (MIB / sectorSize / 8), bits);
        child.entry(block, 7, VhdxImage.DATA / MIB + block);
    }

    @Test
    void eachStateOfABlockIsTheChildsOrTheParents() throws IOException {
        VhdxImage child = child();
        child.entry(0, 0, 0).entry(1, 0, 5).entry(2, 1, 6).entry(3, 2, 7).entry(4, 3, 8);
        byte[] expected = childDisk.clone();
        System.arraycopy(parentDisk, 0, expected, 0, 2 * MIB);
        Arrays.fill(expected, 2 * MIB, 5 * MIB, (byte) 0);
        try (BlockDevice disk = child.open(resolving(parent()))) {
            assertThat(DiskModel.read(disk, 0, expected.length)).isEqualTo(expected);
            assertThat(disk.extentAt(0).kind()).isEqualTo(ExtentKind.DATA);
            assertThat(disk.extentAt(2 * MIB).kind()).isEqualTo(ExtentKind.HOLE);
            assertThat(disk.extentAt(3 * MIB).kind()).isEqualTo(ExtentKind.ZERO);
            DiskModel.assertExtentsTrue(disk);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void theBitmapTellsWhoseEachSectorIs(int sectorSize) throws IOException {
        VirtualDiskOptions options =
                VirtualDiskOptions.builder().logicalSectorSize(sectorSize).build();
        VhdxImage parent = VhdxImage.of(parentDisk, options).dataWriteId(LINKAGE);
        VhdxImage child = VhdxImage.of(childDisk, options).parent(LINKAGE, "relative_path", "..\\parent.vhdx");
        BitSet sectors = new BitSet();
        Random random = new Random(3);
        for (int sector = 0; sector < MIB / sectorSize; sector += 1 + random.nextInt(9)) {
            sectors.set(sector, sector + random.nextInt(4));
        }
        sectors.clear(MIB / sectorSize, Integer.MAX_VALUE);
        putBitmap(child, 5, sectorSize, sectors);
        byte[] expected = childDisk.clone();
        for (int sector = 0; sector < MIB / sectorSize; sector++) {
            if (!sectors.get(sector)) {
                int at = 5 * MIB + sector * sectorSize;
                System.arraycopy(parentDisk, at, expected, at, sectorSize);
            }
        }
        try (BlockDevice disk = child.open(resolving(parent))) {
            assertThat(disk.logicalSectorSize()).isEqualTo(sectorSize);
            assertThat(DiskModel.read(disk, 0, expected.length)).isEqualTo(expected);
            for (int i = 0; i < 200; i++) {
                int from = 5 * MIB - 3000 + random.nextInt(MIB);
                int length = random.nextInt(20_000);
                assertThat(DiskModel.read(disk, from, length))
                        .isEqualTo(Arrays.copyOfRange(expected, from, from + length));
            }
        }
    }

    @Test
    void behindAShorterParentAreZeros() throws IOException {
        VhdxImage parent =
                VhdxImage.of(Arrays.copyOf(parentDisk, MIB + 512), DEFAULTS).dataWriteId(LINKAGE);
        VhdxImage child = child().entry(1, 0, 0);
        byte[] expected = Arrays.copyOf(Arrays.copyOfRange(parentDisk, MIB, MIB + 512), MIB);
        try (BlockDevice disk = child.open(resolving(parent))) {
            assertThat(DiskModel.read(disk, MIB, MIB)).isEqualTo(expected);
        }
    }

    @Test
    @Tag("root")
    void libvhdiReadsTheSameChain(@TempDir Path directory) throws IOException {
        BitSet sectors = new BitSet();
        sectors.set(3, 700);
        sectors.set(2000);
        VhdxImage child = VhdxImage.of(childDisk, DEFAULTS)
                .parent(LINKAGE, "relative_path", ".\\parent.vhdx", "absolute_win32_path", "\\\\?\\c:\\parent.vhdx");
        putBitmap(child, 5, 512, sectors);
        child.entry(0, 0, 0);
        Files.write(directory.resolve("parent.vhdx"), parent().bytes().array());
        Path file = Files.write(directory.resolve("child.vhdx"), child.bytes().array());
        VhdxImage parent = parent();
        VirtualDiskOptions options = VirtualDiskOptions.builder()
                .resolver((role, name) -> parent.device())
                .build();
        try (BlockDevice disk = child.open(options)) {
            assertThat(DiskModel.read(disk, 0, childDisk.length)).isEqualTo(VhdiMount.read(file, 0, childDisk.length));
        }
    }

    @Test
    void nobodyIsAskedForTheParentButTheResolver() throws IOException {
        VhdxImage child = child();
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(() -> child.open(DEFAULTS))
                .withMessageContaining("..\\parent.vhdx");
    }

    @ParameterizedTest
    @CsvSource({
        "absolute_win32_path, volume_path, volume_path",
        "absolute_win32_path, relative_path, relative_path",
        "volume_path, relative_path, relative_path",
        "unknown_path, absolute_win32_path, absolute_win32_path",
    })
    void theFirstKindOfPathIsTaken(String one, String other, String taken) throws IOException {
        VhdxImage child = VhdxImage.of(childDisk, DEFAULTS).parent(LINKAGE, one, "of " + one, other, "of " + other);
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(() -> child.open(DEFAULTS))
                .withMessageContaining("of " + taken);
    }

    @Test
    void theSecondLinkageIsAsGoodAsTheFirst() throws IOException {
        VhdxImage child = VhdxImage.of(childDisk, DEFAULTS)
                .parent(
                        new UUID(1, 2),
                        "parent_linkage2",
                        LINKAGE.toString().toUpperCase(Locale.ROOT),
                        "relative_path",
                        "..\\parent.vhdx");
        child.entry(0, 0, 0);
        try (BlockDevice disk = child.open(resolving(parent()))) {
            assertThat(DiskModel.read(disk, 0, MIB)).isEqualTo(Arrays.copyOf(parentDisk, MIB));
        }
    }

    @Test
    void aParentThatIsAnotherOneIsRefused() throws IOException {
        VhdxImage other = parent().dataWriteId(new UUID(3, 4));
        assertRefused(other, "expected [" + LINKAGE);
        VhdxImage sectors = VhdxImage.of(
                        parentDisk,
                        VirtualDiskOptions.builder().logicalSectorSize(4096).build())
                .dataWriteId(LINKAGE);
        assertRefused(sectors, "sectors of 4096");
    }

    private void assertRefused(VhdxImage parent, String message) throws IOException {
        VhdxImage child = child();
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> child.open(resolving(parent)))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.offset()).isEqualTo(VhdxImage.ITEMS + 4096));
    }

    @Test
    void aDiskThatIsItsOwnParentIsRefused() throws IOException {
        VhdxImage child = child().dataWriteId(LINKAGE);
        assertRefused(child, "chain");
    }

    @Test
    void aPartlyPresentBlockNeedsABitmap() throws IOException {
        VhdxImage child = child().entry(2, 7, 6);
        try (BlockDevice disk = child.open(resolving(parent()))) {
            assertThatExceptionOfType(CorruptImageException.class)
                    .isThrownBy(() -> DiskModel.read(disk, 2 * MIB, 1))
                    .satisfies(e -> assertThat(e.offset()).isEqualTo(VhdxImage.BAT + 8 * CHUNK_RATIO));
        }
    }

    @ParameterizedTest
    @CsvSource({"18, 2, 0xffff", "18, 2, 0", "20, 4, 0x7fffffff", "20, 4, 0", "24, 4, -1", "30, 2, 0xffff", "30, 2, 1"})
    void aLocatorThatCanNotBeIsRefused(int field, int width, String value) throws IOException {
        VhdxImage child = child();
        int at = VhdxImage.ITEMS + 4096 + field;
        if (width == 2) {
            child.bytes().putShort(at, Integer.decode(value).shortValue());
        } else {
            child.bytes().putInt(at, Integer.decode(value));
        }
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> child.open(DEFAULTS))
                .satisfies(e -> assertThat(e.offset()).isBetween(at - field - 0L, at + (1L << 32)));
    }

    @Test
    void aParentOfAnotherTypeIsRefused() throws IOException {
        VhdxImage child = child();
        VhdxImage.putGuid(child.bytes(), VhdxImage.ITEMS + 4096, new UUID(1, 2));
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(() -> child.open(DEFAULTS))
                .withMessageContaining(new UUID(1, 2).toString());
    }
}

package io.platter.virtualdisk.vhdx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.ExtentKind;
import io.platter.testkit.SparseFile;
import io.platter.testkit.VirtualDiskFormatContract;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VhdxFormatTest {
    private static final VirtualDiskFormat VHDX = VirtualDisks.named("vhdx").orElseThrow();
    private static final int MIB = 1 << 20;

    @Nested
    class Dynamic implements VirtualDiskFormatContract {
        @Override
        public VirtualDiskFormat format() {
            return VHDX;
        }

        /** The damage that matters is done in {@link VhdxDamageTest}. */
        @Override
        public int damageRounds() {
            return 100;
        }
    }

    @Nested
    class Fixed implements VirtualDiskFormatContract {
        @Override
        public VirtualDiskFormat format() {
            return VHDX;
        }

        @Override
        public VirtualDiskOptions options() {
            return VirtualDiskOptions.builder().subformat("fixed").build();
        }

        @Override
        public int damageRounds() {
            return 20;
        }
    }

    @Nested
    class LargeSectors implements VirtualDiskFormatContract {
        @Override
        public VirtualDiskFormat format() {
            return VHDX;
        }

        @Override
        public VirtualDiskOptions options() {
            return VirtualDiskOptions.builder()
                    .logicalSectorSize(4096)
                    .blockSize(2 * MIB)
                    .build();
        }

        @Override
        public int damageRounds() {
            return 20;
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1099511627776, 1", "1099511627777, 2", "70368744177664, 64"})
    void blocksGrowWithTheDisk(long diskSize, int blockMib) throws IOException {
        SparseFile file = new SparseFile();
        try (VirtualDiskWriter writer = VHDX.create(file, diskSize, VirtualDiskOptions.defaults())) {
            writer.empty(0, diskSize, ExtentKind.HOLE);
            writer.finish();
        }
        assertThat(OpenFile.read(file.device()).metadata().blockSize()).isEqualTo(blockMib * MIB);
    }

    @Test
    void zerosAndUnusedBlocksAreToldApart() throws IOException {
        SparseFile file = new SparseFile();
        try (VirtualDiskWriter writer = VHDX.create(file, 3 * MIB, VirtualDiskOptions.defaults())) {
            writer.empty(0, MIB, ExtentKind.ZERO);
            writer.empty(MIB, MIB, ExtentKind.HOLE);
            writer.data(2 * MIB, ByteBuffer.allocate(MIB));
            writer.finish();
        }
        try (BlockDevice disk = VHDX.open(file.device(), VirtualDiskOptions.defaults())) {
            assertThat(disk.extentAt(0).length()).isEqualTo(MIB);
            assertThat(disk.extentAt(0).kind()).isEqualTo(ExtentKind.ZERO);
            assertThat(disk.extentAt(MIB).kind()).isEqualTo(ExtentKind.HOLE);
            assertThat(disk.extentAt(2 * MIB).kind()).isEqualTo(ExtentKind.ZERO);
        }
        assertThat(file.size()).isEqualTo(4 * MIB);
    }

    @Test
    void theSizesOfBothKindsOfSectorAreThoseInTheFile() throws IOException {
        VhdxImage image = VhdxImage.of(new byte[4096], VirtualDiskOptions.defaults());
        try (BlockDevice disk = image.open(VirtualDiskOptions.defaults())) {
            assertThat(disk.logicalSectorSize()).isEqualTo(512);
            assertThat(disk.physicalSectorSize()).isEqualTo(4096);
        }
    }

    @Test
    void whatCanNotBeWrittenIsRefused() {
        assertRefused(1L << 47, VirtualDiskOptions.builder());
        assertRefused(10, VirtualDiskOptions.builder().blockSize(MIB / 2));
        assertRefused(10, VirtualDiskOptions.builder().subformat("differencing"));
    }

    private static void assertRefused(long diskSize, VirtualDiskOptions.Builder options) {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> VHDX.create(new SparseFile(), diskSize, options.build()));
    }

    @Test
    void aFixedFileThatCanSeekGetsItsHeadersLast() throws IOException {
        SparseFile file = new SparseFile();
        VirtualDiskOptions options =
                VirtualDiskOptions.builder().subformat("fixed").build();
        try (VirtualDiskWriter writer = VHDX.create(file, MIB, options)) {
            writer.data(0, ByteBuffer.allocate(MIB));
            assertThat(VHDX.matches(file.device())).isFalse();
            writer.finish();
        }
        assertThat(VHDX.matches(file.device())).isTrue();
    }
}

package io.platter.virtualdisk.vmdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.platter.block.BlockDevice;
import io.platter.block.ExtentKind;
import io.platter.block.MemoryDevice;
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
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VmdkFormatTest {
    private static final VirtualDiskFormat VMDK = VirtualDisks.named("vmdk").orElseThrow();
    private static final VirtualDiskOptions DEFAULTS = VirtualDiskOptions.defaults();

    interface Contract extends VirtualDiskFormatContract {
        @Override
        default VirtualDiskFormat format() {
            return VMDK;
        }
    }

    @Nested
    class UsualGrains implements Contract {
        @Override
        public int damageRounds() {
            return 1600;
        }
    }

    @Nested
    class SmallestGrains implements Contract {
        @Override
        public VirtualDiskOptions options() {
            return VirtualDiskOptions.builder().blockSize(8192).build();
        }
    }

    @Nested
    class FastestLevel implements Contract {
        @Override
        public VirtualDiskOptions options() {
            return VirtualDiskOptions.builder().compressionLevel(1).build();
        }

        @Override
        public int damageRounds() {
            return 20;
        }
    }

    /** The layout that VMware's tools write: whoever reads the stream only forwards finds his way by the markers. */
    @Test
    void theStreamReadsForwardsByItsMarkers() throws IOException {
        DiskModel disk = DiskModel.random(3, 9 << 20, 500_000);
        ByteBuffer file = VmdkImage.littleEndian(write(disk.bytes().length, disk));
        byte[] read = new byte[disk.bytes().length];
        List<Long> markers = new ArrayList<>();
        long lastSector = -1;
        int position = 128 * 512;
        while (position < file.limit()) {
            long value = file.getLong(position);
            int size = file.getInt(position + 8);
            if (size > 0) {
                assertThat(value).isGreaterThan(lastSector).isEqualTo(value / 16 * 16);
                lastSector = value;
                byte[] grain = new byte[8192];
                byte[] compressed = new byte[size];
                file.get(position + 12, compressed);
                assertThat(GrainCompression.decompress(compressed, size, grain)).isEqualTo(grain.length);
                int start = (int) value * 512;
                System.arraycopy(grain, 0, read, start, Math.min(grain.length, read.length - start));
                position += (12 + size + 511) / 512 * 512;
            } else {
                markers.add(file.getInt(position + 12) * 1000L + value);
                position += 512 * (int) (1 + value);
            }
        }
        assertThat(read).isEqualTo(disk.bytes());
        assertThat(position).isEqualTo(file.limit());
        assertThat(markers).containsExactly(1004L, 1004L, 1004L, 2001L, 3001L, 0L);
        ByteBuffer footer = file.slice(file.limit() - 1024, 512).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(file.getLong(56)).isEqualTo(-1);
        assertThat(footer.getLong(56) * 512).isEqualTo(file.limit() - 2048);
        footer.putLong(56, -1);
        assertThat(footer).isEqualTo(file.slice(0, 512));
    }

    @Test
    void theDescriptorTellsSizeGeometryAndIdentity() throws IOException {
        byte[] file = write(16L << 30, null);
        String text = new String(file, 512, 20 * 512, StandardCharsets.UTF_8);
        assertThat(text.substring(0, text.indexOf('\0')).lines())
                .startsWith("# Disk DescriptorFile", "version=1")
                .contains(
                        "CID=89abcdef",
                        "parentCID=ffffffff",
                        "createType=\"streamOptimized\"",
                        "RW 33554432 SPARSE \"disk.vmdk\"",
                        "ddb.adapterType = \"lsilogic\"",
                        "ddb.geometry.cylinders = \"2088\"",
                        "ddb.geometry.heads = \"255\"",
                        "ddb.geometry.sectors = \"63\"",
                        "ddb.longContentID = \"00112233445566770123456789abcdef\"");
        assertThat(VmdkImage.littleEndian(file).getLong(12)).isEqualTo(33_554_432);
    }

    @ParameterizedTest
    @CsvSource({
        "512, 1, 64, 32",
        "1073741312, 1023, 64, 32",
        "1073741824, 512, 128, 32",
        "2147483648, 261, 255, 63",
        "42949672960, 5221, 255, 63",
        "68169720922112, 65535, 255, 63"
    })
    void theGeometryIsThatOfAScsiDisk(long size, int cylinders, int heads, int sectors) {
        assertThat(Descriptor.encode(size, new UUID(1, 2)))
                .contains("cylinders = \"" + cylinders + "\"", "heads = \"" + heads + "\"", "sectors = \"" + sectors);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, -2, 0xFFFF_FFFFL, 0xFFFF_FFFEL})
    void aContentIdNeverSaysThatThereIsNone(long low) {
        assertThat(Descriptor.encode(512, new UUID(0, low)))
                .containsPattern("\nCID=7fffff(ff|fe)\n")
                .containsPattern("longContentID = \"0{16}[0-9a-f]{8}7fffff(ff|fe)\"");
    }

    private static byte[] write(long size, @Nullable DiskModel disk) throws IOException {
        SparseFile file = new SparseFile();
        UUID id = new UUID(0x0011223344556677L, 0x0123456789ABCDEFL);
        VirtualDiskOptions options =
                VirtualDiskOptions.builder().blockSize(8192).id(id).build();
        try (VirtualDiskWriter writer = VMDK.create(file, size, options)) {
            if (disk != null) {
                disk.writeTo(writer, 5);
            } else {
                writer.empty(0, size, ExtentKind.HOLE);
                writer.finish();
            }
        }
        return file.toByteArray();
    }

    @Test
    void sizesGrainsAndSubformatsThatAreNotToBeHadAreMisuse() {
        assertMisuse(0, DEFAULTS, "0");
        assertMisuse(-1, DEFAULTS, "-1");
        assertMisuse((62L << 40) + 1, DEFAULTS, "for vmdk");
        assertMisuse(512, VirtualDiskOptions.builder().blockSize(4096).build(), "4096");
        assertMisuse(512, VirtualDiskOptions.builder().blockSize(1 << 17).build(), "131072");
        assertMisuse(
                512, VirtualDiskOptions.builder().subformat("monolithicFlat").build(), "monolithicFlat");
    }

    private static void assertMisuse(long size, VirtualDiskOptions options, String named) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VMDK.create(new SparseFile(), size, options))
                .withMessageContaining(named);
    }

    @Test
    void aSparseFileTellsZerosFromWhatIsAbsent() throws IOException {
        try (BlockDevice disk = VMDK.open(MemoryDevice.over(VmdkImage.sparse()), DEFAULTS)) {
            assertThat(disk.size()).isEqualTo(VmdkImage.DISK_SIZE);
            assertThat(DiskModel.read(disk, 0, VmdkImage.DISK_SIZE)).isEqualTo(VmdkImage.content());
            assertThat(disk.extentAt(0).kind()).isEqualTo(ExtentKind.DATA);
            assertThat(disk.extentAt(VmdkImage.GRAIN).kind()).isEqualTo(ExtentKind.HOLE);
            assertThat(disk.extentAt(2 * VmdkImage.GRAIN).kind()).isEqualTo(ExtentKind.ZERO);
        }
    }

    @Test
    void theRedundantTablesStandInForDamagedOnes() throws IOException {
        int[] damaged = {56, VmdkImage.DIRECTORY, VmdkImage.TABLE, VmdkImage.TABLE + 12};
        for (int place : damaged) {
            byte[] file = VmdkImage.sparse();
            VmdkImage.littleEndian(file).putInt(place, 0x7FFFFFFF);
            try (BlockDevice disk = VMDK.open(MemoryDevice.over(file), DEFAULTS)) {
                assertThat(DiskModel.read(disk, 0, VmdkImage.DISK_SIZE)).isEqualTo(VmdkImage.content());
            }
        }
    }

    @Test
    void aLastGrainThatWasCompressedShortIsWhole() throws IOException {
        byte[] content = DiskModel.random(3, (1 << 16) + 1024, 9000).bytes();
        Arrays.fill(content, 1 << 16, content.length, (byte) 7);
        SparseFile file = new SparseFile();
        try (VirtualDiskWriter writer = VMDK.create(file, content.length, DEFAULTS)) {
            writer.data(0, ByteBuffer.wrap(content));
            writer.finish();
        }
        byte[] bytes = file.toByteArray();
        int grain = bytes.length - 512 * (3 + 1 + 1 + 4 + 1 + 1);
        ByteBuffer marker = VmdkImage.littleEndian(bytes).slice(grain, 512).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(marker.getLong(0)).isEqualTo(128);
        byte[] last = new byte[1024];
        Arrays.fill(last, (byte) 7);
        byte[] compressed = VmdkImage.compress(last);
        marker.putInt(8, compressed.length).put(12, compressed);
        try (BlockDevice disk = VMDK.open(MemoryDevice.over(bytes), DEFAULTS)) {
            assertThat(DiskModel.read(disk, 0, content.length)).isEqualTo(content);
        }
    }
}

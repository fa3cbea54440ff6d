package io.platter.virtualdisk.ewf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentKind;
import io.platter.block.MemoryDevice;
import io.platter.block.UnsupportedImageException;
import io.platter.testkit.Damage;
import io.platter.testkit.DiskModel;
import io.platter.testkit.ReadOnlyDevice;
import io.platter.testkit.SparseFile;
import io.platter.testkit.VirtualDiskReadingContract;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EwfFormatTest {
    private static final VirtualDiskFormat EWF = VirtualDisks.named("ewf").orElseThrow();
    private static final VirtualDiskOptions DEFAULTS = VirtualDiskOptions.defaults();

    /** An image of ours, read as every format is. */
    interface Reading extends VirtualDiskReadingContract {
        EwfImage.Kind kind();

        @Override
        default VirtualDiskFormat format() {
            return EWF;
        }

        @Override
        default SparseFile write(DiskModel disk, VirtualDiskOptions options) {
            SparseFile file = new SparseFile();
            file.write(ByteBuffer.wrap(new EwfImage(disk, kind()).write().get(0)));
            return file;
        }
    }

    @Nested
    class ChunksInSectorsSections implements Reading {
        @Override
        public EwfImage.Kind kind() {
            return EwfImage.Kind.SECTORS;
        }

        @Override
        public int damageRounds() {
            return 1600;
        }
    }

    @Nested
    class ChunksInTableSections implements Reading {
        @Override
        public EwfImage.Kind kind() {
            return EwfImage.Kind.IN_TABLE;
        }
    }

    @Nested
    class Original implements Reading {
        @Override
        public EwfImage.Kind kind() {
            return EwfImage.Kind.ORIGINAL;
        }
    }

    /** A file in memory with a name, which knows whether it was closed. */
    private static final class Segment extends ReadOnlyDevice {
        private final byte[] bytes;

        Segment(String name, byte[] bytes) {
            super(name, bytes.length);
            this.bytes = bytes;
        }

        @Override
        protected void fill(ByteBuffer target, long offset) {
            target.put(bytes, (int) offset, target.remaining());
        }
    }

    private final DiskModel disk = DiskModel.random(7, 600_000, 5000);
    private final List<Segment> resolved = new ArrayList<>();

    /** Opens the first segment; the others come through the resolver. */
    private BlockDevice open(List<byte[]> segments) throws IOException {
        VirtualDiskOptions options = VirtualDiskOptions.builder()
                .resolver((role, name) -> {
                    assertThat(role).isEqualTo("extent");
                    int number = Integer.parseInt(name.substring(name.length() - 2));
                    assertThat(name).isEqualTo("a disk.E%02d", number);
                    resolved.add(new Segment(name, segments.get(number - 1)));
                    return resolved.get(resolved.size() - 1);
                })
                .build();
        return EWF.open(new Segment("/some/where/a disk.E01", segments.get(0)), options);
    }

    private List<byte[]> segments() {
        EwfImage image = new EwfImage(disk, EwfImage.Kind.SECTORS);
        image.tablesInSegment = 1;
        return image.write();
    }

    @Test
    void segmentsAreClosedWithTheDisk() throws IOException {
        List<byte[]> segments = segments();
        assertThat(segments).hasSize(5);
        try (BlockDevice opened = open(segments)) {
            disk.assertEqual(opened, 1);
            assertThat(opened.extentAt(5).kind()).isEqualTo(ExtentKind.DATA);
            assertThat(resolved).hasSize(4).noneMatch(Segment::isClosed);
        }
        assertThat(resolved).hasSize(4).allMatch(Segment::isClosed);
    }

    @Test
    void segmentsAreClosedIfTheDiskCanNotBeOpened() {
        List<byte[]> segments = segments();
        segments.get(3)[20] ^= 1;
        assertThatExceptionOfType(CorruptImageException.class).isThrownBy(() -> open(segments));
        assertThat(resolved).hasSize(3).allMatch(Segment::isClosed);
    }

    @Test
    void aSegmentInAnothersPlaceIsRefused() {
        List<byte[]> segments = segments();
        segments.set(1, segments.get(0));
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> open(segments))
                .withMessageContaining("segment 1, expected segment 2");
    }

    @Test
    void aSegmentOfAnotherImageIsRefused() {
        List<byte[]> segments = segments();
        EwfImage other = new EwfImage(disk, EwfImage.Kind.SECTORS);
        other.tablesInSegment = 1;
        other.setId = 6;
        segments.set(1, other.write().get(1));
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> open(segments))
                .satisfies(e -> assertThat(e.offset()).isEqualTo(13 + EwfImage.DESCRIPTOR + 64))
                .withMessageContaining("segment of the set");
    }

    @Test
    void aLaterSegmentIsNotTheStartOfAnImage() {
        byte[] second = segments().get(1);
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> EWF.open(MemoryDevice.over(second), DEFAULTS))
                .withMessageContaining("segment 2, expected segment 1");
    }

    @Test
    void withoutAResolverTheNextSegmentIsNamed() {
        List<byte[]> segments = segments();
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(() -> EWF.open(new Segment("C:\\cases\\X.e01", segments.get(0)), DEFAULTS))
                .withMessageContaining("\"X.e02\"");
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(() -> EWF.open(MemoryDevice.over(segments.get(0)), DEFAULTS))
                .withMessageContaining("segment 2")
                .withMessageContaining("image.E01");
    }

    @ParameterizedTest
    @CsvSource({
        "a.E01, 2, a.E02",
        "a.E01, 99, a.E99",
        "a.E01, 100, a.EAA",
        "a.E01, 101, a.EAB",
        "a.E01, 125, a.EAZ",
        "a.E01, 126, a.EBA",
        "a.E01, 775, a.EZZ",
        "a.E01, 776, a.FAA",
        "a.E01, 14971, a.ZZZ",
        "dir.x/b.c.s01, 100, b.c.saa",
        "b.s01, 776, b.taa",
    })
    void segmentsHaveTheNamesOfTheConvention(String first, int number, String name) throws IOException {
        assertThat(Segments.nameOf(first, number)).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({"a.E01, 14972", "a.zzz, 2", "a.E02, 2", "E01, 2", "a.01, 2"})
    void behindTheConventionThereIsNoName(String first, int number) {
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(() -> Segments.nameOf(first, number))
                .withMessageContaining("segment " + number);
    }

    @ParameterizedTest
    @CsvSource({"LVF\\t\\r\\n, 0xff, L01", "EVF2\\r\\n, 0x81, Ex01", "LEF2\\r\\n, 0x81, Lx01"})
    void otherFormatsOfTheFamilyAreRefusedByName(String start, String sixth, String named) throws IOException {
        ByteBuffer file = ByteBuffer.allocate(100);
        file.put(start.translateEscapes().getBytes(StandardCharsets.US_ASCII));
        file.put(6, Integer.decode(sixth).byteValue());
        BlockDevice device = MemoryDevice.over(file.array());
        assertThat(VirtualDisks.recognise(device, VirtualDisks.formats()).map(VirtualDiskFormat::name))
                .hasValue("ewf");
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(() -> EWF.open(device, DEFAULTS))
                .withMessageContaining(named);
    }

    @Test
    void nothingDamagedIsEverHandedOut() {
        DiskModel small = DiskModel.random(8, 20_000, 3000);
        EwfImage image = new EwfImage(small, EwfImage.Kind.SECTORS);
        image.chunksInTable = 3;
        Damage.flips(image.write().get(0), 3, damaged -> {
            try (BlockDevice opened = EWF.open(damaged, DEFAULTS)) {
                small.assertEqual(opened, 1);
            }
        });
    }

    @Test
    void itCanNotBeWritten() {
        assertThat(EWF.canCreate()).isFalse();
        assertThat(EWF.createsInOnePass(DEFAULTS)).isFalse();
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> EWF.create(new SparseFile(), 512, DEFAULTS));
    }
}

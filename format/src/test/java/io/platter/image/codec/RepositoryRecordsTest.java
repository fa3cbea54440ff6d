package io.platter.image.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.BlockDevice;
import io.platter.block.ImageFormatException;
import io.platter.block.MemoryDevice;
import io.platter.image.FileId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a repository writes besides what image files have. */
class RepositoryRecordsTest {
    private static final FileId ONE = FileId.parse("00000000000000000000000000000001");
    private static final FileId TWO = FileId.parse("00000000000000000000000000000002");
    private static final List<FileId> IDS = List.of(ONE, TWO);

    /** Packs that are numbered from 1. */
    private record Named(BlockDevice file) implements Packs {
        @Override
        public BlockDevice pack(int number) {
            return file;
        }

        @Override
        public boolean mayBeNamed() {
            return true;
        }

        @Override
        public int number(FileId id) {
            return IDS.indexOf(id) + 1;
        }
    }

    private static FileId name(int number) {
        return IDS.get(number - 1);
    }

    private static StoredRecord stored(ByteBuffer record) throws IOException {
        byte[] bytes = new byte[100 + record.remaining()];
        record.get(bytes, 100, record.remaining());
        RecordReader reader = new RecordReader(new Named(MemoryDevice.over(bytes)));
        RecordLocation place = RecordLocation.of(100, bytes.length - 100);
        return reader.read(place, ByteBuffer.allocate(place.length()));
    }

    private static Packs packs() {
        return new Named(MemoryDevice.ofSize(0));
    }

    private static ByteBuffer sealed(RecordType type, byte[] table, ByteBuffer plain) {
        return new RecordSeal().seal(type, ByteBuffer.wrap(table), plain);
    }

    @Test
    void usageIsReadAsItWasWritten() throws IOException {
        PackUsage.Cells cells = new PackUsage.Cells();
        cells.add(RecordLocation.of(8192, 100_000));
        cells.add(RecordLocation.of((64 << 20) - 1, 1));
        ByteBuffer plain =
                PackUsage.encode(List.of(new PackUsage(ONE, cells), new PackUsage(TWO, new PackUsage.Cells())));
        List<PackUsage> read = PackUsage.decode(stored(sealed(RecordType.USAGE, new byte[0], plain)));
        assertThat(read).extracting(PackUsage::pack).containsExactly(ONE, TWO);
        PackUsage.Cells found = read.get(0).cells();
        // A cell is 64 KiB: one in which a record starts, and one into which it only reaches.
        assertThat(found.hasStart(0)).isTrue();
        assertThat(found.hasStart(65_535)).isTrue();
        assertThat(found.hasStart(65_536)).isFalse();
        assertThat(found.hasStart((64 << 20) - 10)).isTrue();
        assertThat(found.bytes()).isEqualTo(3 << 16);
        assertThat(read.get(1).cells().isEmpty()).isTrue();
        found.removeStarts(List.of(9000L, (64L << 20) - 1));
        assertThat(found.isEmpty()).isTrue();
    }

    @Test
    void movedRecordsAreReadAsTheyWereWritten() throws IOException {
        SortedMap<Long, RecordLocation> records = new TreeMap<>();
        for (long i = 0; i < 400_000; i++) {
            records.put(8192 + 48 * i, new RecordLocation(i % 3 == 0 ? 1 : 2, 8192 + 50 * i, 48));
        }
        List<MovedRecords> parts = MovedRecords.parts(TWO, records);
        assertThat(parts).hasSize(3);
        SortedMap<Long, RecordLocation> read = new TreeMap<>();
        for (MovedRecords part : parts) {
            StoredRecord record = stored(part.encode(RepositoryRecordsTest::name, new RecordSeal(), 1));
            for (MovedRecords found : MovedRecords.decode(record, packs())) {
                assertThat(found.pack()).isEqualTo(TWO);
                read.putAll(found.records());
            }
        }
        assertThat(read).isEqualTo(records);
        assertThat(MovedRecords.parts(ONE, new TreeMap<>())).hasSize(1);
    }

    @Test
    void whatContradictsItselfIsRefused() throws IOException {
        SortedMap<Long, RecordLocation> records = new TreeMap<>(Map.of(8192L, new RecordLocation(1, 8192, 100)));
        StoredRecord record =
                stored(new MovedRecords(TWO, records).encode(RepositoryRecordsTest::name, new RecordSeal(), 1));
        ByteBuffer decoded = record.decodedPayload(1 << 10);
        byte[] plain = new byte[decoded.remaining()];
        decoded.get(plain);
        byte[] table = new byte[record.table().remaining()];
        record.table().duplicate().get(table);
        for (int length = 1; length < plain.length; length++) {
            StoredRecord cut = stored(sealed(RecordType.MOVED, table, ByteBuffer.wrap(plain, 0, length)));
            assertThatThrownBy(() -> MovedRecords.decode(cut, packs())).isInstanceOf(ImageFormatException.class);
        }
        StoredRecord unnamed = stored(sealed(RecordType.MOVED, new byte[0], ByteBuffer.wrap(plain)));
        assertThatThrownBy(() -> MovedRecords.decode(unnamed, packs()))
                .isInstanceOf(ImageFormatException.class)
                .hasMessageContaining("record in pack 1, expected 0");
        StoredRecord odd = stored(sealed(RecordType.USAGE, new byte[0], ByteBuffer.allocate(271)));
        assertThatThrownBy(() -> PackUsage.decode(odd))
                .isInstanceOf(ImageFormatException.class)
                .hasMessageContaining("usage of 271 bytes, expected a multiple of 272");
        assertThatThrownBy(() -> MovedRecords.decode(record, Packs.none()))
                .isInstanceOf(ImageFormatException.class)
                .hasMessageContaining("with 1 other packs, expected 0");
    }
}

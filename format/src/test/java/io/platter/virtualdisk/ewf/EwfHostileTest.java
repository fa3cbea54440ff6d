package io.platter.virtualdisk.ewf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.MemoryDevice;
import io.platter.block.UnsupportedImageException;
import io.platter.testkit.DiskModel;
import io.platter.testkit.SparseFile;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files made to do harm, with right checksums: each is refused with the place of the contradiction. */
@Timeout(20)
class EwfHostileTest {
    private static final VirtualDiskFormat EWF = VirtualDisks.named("ewf").orElseThrow();
    private static final int DESCRIPTOR = EwfImage.DESCRIPTOR;

    private final DiskModel disk = DiskModel.random(7, 100_000, 5000);
    private final ByteBuffer file = ByteBuffer.wrap(
                    new EwfImage(disk, EwfImage.Kind.SECTORS).write().get(0))
            .order(ByteOrder.LITTLE_ENDIAN);

    private byte[] readAll() throws IOException {
        try (BlockDevice opened = EWF.open(MemoryDevice.over(file.array()), VirtualDiskOptions.defaults())) {
            return DiskModel.read(opened, 0, (int) Math.min(opened.size(), 1 << 20));
        }
    }

    private void assertRefusedAt(long offset) {
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(this::readAll)
                .satisfies(e -> assertThat(e.offset()).as(e.getMessage()).isEqualTo(offset));
    }

    /** Returns where the first section of a type stands. */
    private int find(String type) {
        int offset = 13;
        while (!new String(file.array(), offset, type.length() + 1, StandardCharsets.ISO_8859_1).equals(type + "\0")) {
            offset = (int) file.getLong(offset + 16);
        }
        return offset;
    }

    /** Makes the checksum right that stands after some bytes. */
    private void sign(int from, int length) {
        byte[] signed = EwfImage.signed(Arrays.copyOfRange(file.array(), from, from + length));
        file.put(from, signed);
    }

    private void put(int offset, int width, long value) {
        for (int i = 0; i < width; i++) {
            file.put(offset + i, (byte) (value >>> (8 * i)));
        }
    }

    @ParameterizedTest
    @CsvSource({"16, 13, 16", "16, 0, 16", "16, -1, 16", "16, 0x7fffffffffffffff, 16", "24, 77, 24", "24, -1, 24"})
    void aSectionThatLeadsAstrayIsRefused(int field, String value, int refusedAt) {
        int section = find("sectors");
        put(section + field, 8, Long.decode(value));
        sign(section, 72);
        assertRefusedAt(section + refusedAt);
    }

    @Test
    void aSectionThatIsItsOwnNextIsRefused() {
        int section = find("sectors");
        put(section + 16, 8, section);
        sign(section, 72);
        assertRefusedAt(section + 16);
    }

    @ParameterizedTest
    @CsvSource({
        "8, 4, 0, 8",
        "12, 4, 0, 8",
        "12, 4, 65537, 8",
        "16, 8, -1, 16",
        "16, 8, 0x7fffffffffffffff, 16",
        "16, 8, 1000000, -76",
    })
    void aVolumeThatCanNotBeIsRefused(int field, int width, String value, int refusedAt) {
        int volume = find("volume") + DESCRIPTOR;
        put(volume + field, width, Long.decode(value));
        sign(volume, 1048);
        assertRefusedAt(volume + refusedAt);
    }

    @Test
    void chunksLargerThanAreReadAreRefusedByName() {
        int volume = find("volume") + DESCRIPTOR;
        put(volume + 8, 4, 65_537);
        sign(volume, 1048);
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(this::readAll)
                .withMessageContaining("chunks of 65537 sectors");
    }

    @Test
    void logicalEvidenceIsRefusedByName() {
        int volume = find("volume") + DESCRIPTOR;
        file.put(volume, (byte) 0x0E);
        sign(volume, 1048);
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(this::readAll)
                .withMessageContaining("L01");
    }

    @ParameterizedTest
    @CsvSource({"0, 4, 1000", "8, 8, 0x7fffffff", "8, 8, 0x7fffffffffffffff"})
    void aTableThatCanNotBeIsRefused(int field, int width, String value) {
        for (String type : new String[] {"table", "table2"}) {
            int table = find(type) + DESCRIPTOR;
            put(table + field, width, Long.decode(value));
            sign(table, 20);
        }
        assertRefusedAt(find("table") + DESCRIPTOR);
    }

    @Test
    void aTableOfMoreChunksThanAreReadIsRefusedBeforeAnythingIsAllocated() {
        int table = find("table") + DESCRIPTOR;
        put(table, 4, -1);
        sign(table, 20);
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(this::readAll)
                .withMessageContaining("4294967295 chunks");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 0x7FFFFFFF, 0x80000000, -1})
    void chunksThatOverlapOrAreElsewhereAreRefused(int entry) {
        int entries = find("table") + DESCRIPTOR + 24;
        int copy = find("table2") + DESCRIPTOR + 24;
        int length = 4 * file.getInt(entries - 24);
        for (int table : new int[] {entries, copy}) {
            put(table + 4, 4, entry);
            sign(table, length);
        }
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(this::readAll)
                .satisfies(e -> assertThat(e.offset()).isBetween((long) entries, (long) entries + length));
    }

    @Test
    void theCopyStandsInForADamagedTable() throws IOException {
        int table = find("table") + DESCRIPTOR;
        file.put(table + 30, (byte) ~file.get(table + 30));
        assertThat(Arrays.copyOf(readAll(), disk.bytes().length)).isEqualTo(disk.bytes());
        file.put(table, (byte) ~file.get(table));
        assertThat(Arrays.copyOf(readAll(), disk.bytes().length)).isEqualTo(disk.bytes());
        int copy = find("table2") + DESCRIPTOR;
        file.put(copy, (byte) ~file.get(copy));
        assertRefusedAt(table + 20);
    }

    @Test
    void aBombIsNotInflatedFurtherThanAChunk() {
        byte[] bomb = EwfImage.deflate(new byte[EwfImage.CHUNK + 1]);
        int table = find("table") + DESCRIPTOR;
        int base = (int) file.getLong(table + 8);
        int chunk = base + (file.getInt(table + 24 + 4) & 0x7FFFFFFF);
        file.put(chunk, bomb);
        assertRefusedAt(chunk);
    }

    @Test
    void manySectionsWithoutEndAreNotGoneThrough() {
        int count = (1 << 20) + 10;
        ByteBuffer many = ByteBuffer.allocate(13 + count * DESCRIPTOR).order(ByteOrder.LITTLE_ENDIAN);
        many.put(file.array(), 0, 13);
        for (int i = 1; i <= count; i++) {
            ByteBuffer descriptor = ByteBuffer.allocate(72).order(ByteOrder.LITTLE_ENDIAN);
            descriptor.put((byte) 'x').putLong(16, 13L + (long) i * DESCRIPTOR);
            many.put(EwfImage.signed(descriptor.array()));
        }
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(() -> EWF.open(MemoryDevice.over(many.array()), VirtualDiskOptions.defaults()))
                .withMessageContaining("1048576 sections");
    }

    /** EnCase 6.7 used the bit that tells of compression for offsets of 2 GiB and more. */
    @Test
    void offsetsThatHaveOverflownAreThoseOfPlainChunks() throws IOException {
        int volume = find("volume");
        int sectors = volume + DESCRIPTOR + 1052;
        put(volume + DESCRIPTOR + 16, 8, 3 * EwfImage.CHUNK / 512);
        sign(volume + DESCRIPTOR, 1048);
        SparseFile sparse = new SparseFile();
        sparse.write(ByteBuffer.wrap(file.array(), 0, sectors));
        long[] offsets = {sectors + DESCRIPTOR, 0x7FFF_F000L, 0x8000_1004L};
        ByteBuffer entries = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < offsets.length; i++) {
            byte[] plain = new byte[EwfImage.CHUNK];
            Arrays.fill(plain, (byte) (i + 1));
            sparse.position(offsets[i]).write(ByteBuffer.wrap(EwfImage.signed(plain)));
            entries.putInt((int) offsets[i]);
        }
        long table = sparse.size();
        section(sparse.position(sectors), "sectors", table - sectors);
        section(sparse.position(table), "table", DESCRIPTOR + 24 + 16);
        ByteBuffer header =
                ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN).putInt(3);
        sparse.write(ByteBuffer.wrap(EwfImage.signed(header.array())));
        sparse.write(ByteBuffer.wrap(EwfImage.signed(entries.array())));
        section(sparse, "done", 0);
        try (BlockDevice opened = EWF.open(sparse.device(), VirtualDiskOptions.defaults())) {
            for (int i = 0; i < 3; i++) {
                assertThat(DiskModel.read(opened, (long) i * EwfImage.CHUNK, 1)[0])
                        .isEqualTo((byte) (i + 1));
            }
        }
    }

    private static void section(SeekableByteChannel target, String type, long size) throws IOException {
        ByteBuffer descriptor = ByteBuffer.allocate(72).order(ByteOrder.LITTLE_ENDIAN);
        descriptor.put(type.getBytes(StandardCharsets.US_ASCII)).position(16);
        descriptor.putLong(target.position() + size).putLong(size);
        target.write(ByteBuffer.wrap(EwfImage.signed(descriptor.array())));
    }
}

package io.platter.virtualdisk.vhdx;

import static io.platter.virtualdisk.vhdx.VhdxImage.BAT;
import static io.platter.virtualdisk.vhdx.VhdxImage.DATA;
import static io.platter.virtualdisk.vhdx.VhdxImage.LOG;
import static io.platter.virtualdisk.vhdx.VhdxImage.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentKind;
import io.platter.test.Oracle;
import io.platter.testkit.DiskModel;
import io.platter.testkit.VirtualDiskReadingContract;
import io.platter.virtualdisk.VirtualDiskOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that were not closed: what their logs hold is read as if it stood in its place. */
@Timeout(60)
class LogTest {
    private static final VirtualDiskOptions DEFAULTS = VirtualDiskOptions.defaults();
    private static final UUID ID = new UUID(0x1122334455667788L, 0x99AABBCCDDEEFF00L);
    private static final int BLOCKS = 4;

    @TempDir
    private Path directory;

    private final byte[] disk = new byte[BLOCKS * MIB];
    private VhdxImage image;

    @BeforeEach
    void writeImage() throws IOException {
        for (int block = 0; block < BLOCKS; block++) {
            Arrays.fill(disk, block * MIB, (block + 1) * MIB, (byte) (block + 1));
        }
        image = VhdxImage.of(disk, DEFAULTS);
    }

    /** Returns the first sector of the BAT with these blocks in the place of each other; −1 for one that is not there. */
    private byte[] bat(int... order) {
        ByteBuffer sector = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        for (int block : order) {
            sector.putLong(block < 0 ? 0 : (DATA / MIB + (long) block) << 20 | 6);
        }
        return sector.array();
    }

    private LogMaker entry(long sequence, int tail) {
        long size = image.bytes().capacity();
        return new LogMaker(sequence, ID, tail).sizes(size, size);
    }

    private void dirty() {
        image.logId(ID);
    }

    /** Asserts what each block is filled with, for us and for QEMU once it has replayed the log of a copy. */
    private void assertBlocks(int... values) throws IOException {
        assertReads(blocks(values));
    }

    private static byte[] blocks(int... values) {
        byte[] expected = new byte[values.length * MIB];
        for (int block = 0; block < values.length; block++) {
            Arrays.fill(expected, block * MIB, (block + 1) * MIB, (byte) values[block]);
        }
        return expected;
    }

    private void assertReads(byte[] expected) throws IOException {
        assertWeRead(expected);
        assertThat(readByQemu()).isEqualTo(expected);
    }

    private void assertWeRead(byte[] expected) throws IOException {
        byte[] before = image.bytes().array().clone();
        try (BlockDevice opened = image.open(DEFAULTS)) {
            assertThat(DiskModel.read(opened, 0, expected.length)).isEqualTo(expected);
            DiskModel.assertExtentsTrue(opened);
        }
        assertThat(image.bytes().array()).isEqualTo(before);
    }

    private byte[] readByQemu() throws IOException {
        Path copy = Files.write(directory.resolve("copy.vhdx"), image.bytes().array());
        Path raw = directory.resolve("copy.raw");
        Oracle qemuImg = Oracle.of("qemu-img");
        qemuImg.run("check", "-r", "all", "-f", "vhdx", copy);
        qemuImg.run("convert", "-f", "vhdx", "-O", "raw", copy, raw);
        return Files.readAllBytes(raw);
    }

    private void assertRefusedAt(long offset) {
        assertThatExceptionOfType(CorruptImageException.class)
                .isThrownBy(() -> image.open(DEFAULTS))
                .satisfies(e -> assertThat(e.offset()).as(e.getMessage()).isEqualTo(offset));
    }

    @Test
    void aLoggedSectorIsReadInItsPlace() throws IOException {
        entry(1, 0).data(BAT, bat(3, 2, 1, 0)).putAt(image, 0);
        dirty();
        assertBlocks(4, 3, 2, 1);
    }

    @Test
    void loggedZerosAreReadInTheirPlace() throws IOException {
        entry(7, 0).zero(BAT, MIB).putAt(image, 0);
        dirty();
        assertBlocks(0, 0, 0, 0);
    }

    @Test
    void aLaterDescriptorWinsOverAnEarlierOne() throws IOException {
        int next = entry(5, 0).data(BAT, bat(0, 0, 0, 0)).zero(BAT, 8192).putAt(image, 0);
        entry(6, 0).zero(BAT, MIB).data(BAT, bat(1, -1, 3, 2)).putAt(image, next);
        dirty();
        assertBlocks(2, 0, 4, 3);
    }

    @Test
    void theLogIsNotLookedAtWithoutAnIdentifier() throws IOException {
        entry(1, 0).data(BAT, bat(3, 2, 1, 0)).putAt(image, 0);
        assertBlocks(1, 2, 3, 4);
    }

    @Test
    void entriesOfAnotherIdentifierAreStale() throws IOException {
        int next = entry(1, 0).data(BAT, bat(3, 2, 1, 0)).putAt(image, 0);
        new LogMaker(2, new UUID(5, 6), 0).zero(BAT, 4096).putAt(image, next);
        dirty();
        assertBlocks(4, 3, 2, 1);
    }

    @Test
    void theSequenceOfTheGreaterNumberIsActive() throws IOException {
        entry(90, 0).data(BAT, bat(0, 0, 0, 0)).putAt(image, 0);
        entry(100, 40960).data(BAT, bat(1, 2, 3, 0)).putAt(image, 40960);
        entry(95, 81920).data(BAT, bat(2, 2, 2, 2)).putAt(image, 81920);
        dirty();
        assertBlocks(2, 3, 4, 1);
    }

    @Test
    void sequenceNumbersAreUnsigned() throws IOException {
        entry(Long.MAX_VALUE, 0).data(BAT, bat(0, 0, 0, 0)).putAt(image, 0);
        entry(Long.MIN_VALUE + 5, 40960).data(BAT, bat(1, 2, 3, 0)).putAt(image, 40960);
        dirty();
        assertBlocks(2, 3, 4, 1);
    }

    /** QEMU takes the entries after the start of the log for the sequence, for it does not ask for their tail. */
    @ParameterizedTest
    @ValueSource(ints = {4096, 8192, 12288, 16384})
    void entriesRunOverTheEndOfTheLog(int beforeEnd) throws IOException {
        int tail = MIB - beforeEnd;
        int next = entry(41, tail)
                .data(BAT, bat(0, 0, 0, 0))
                .data(BAT + 4096, bat())
                .zero(BAT + 8192, 4096)
                .putAt(image, tail);
        next = entry(42, tail).data(BAT, bat(3, 0, 1, -1)).putAt(image, next);
        entry(43, tail).data(BAT + 8192, bat()).putAt(image, next);
        dirty();
        assertWeRead(blocks(4, 1, 2, 0));
    }

    @Test
    void aTornHeadWasNeverPromised() throws IOException {
        int next = entry(1, 0).data(BAT, bat(3, 2, 1, 0)).putAt(image, 0);
        entry(2, 0).data(BAT, bat(0, 0, 0, 0)).zero(BAT, 4096).putAt(image, next);
        image.bytes().put(LOG + next + 4096 + 1000, (byte) 77);
        dirty();
        assertBlocks(4, 3, 2, 1);
    }

    /** QEMU replays it, for it does not ask whether the tail is there. */
    @Test
    void aSequenceWithoutItsTailIsNotComplete() throws IOException {
        int next = entry(1, 0).data(BAT, bat(3, 2, 1, 0)).putAt(image, 0);
        int torn = next;
        next = entry(2, 0).data(BAT, bat(0, 0, 0, 0)).putAt(image, next);
        entry(3, 0).zero(BAT, 4096).putAt(image, next);
        image.bytes().put(LOG + torn + 4096, (byte) 0);
        dirty();
        try (BlockDevice opened = image.open(DEFAULTS)) {
            assertThat(DiskModel.read(opened, 0, 1)).containsExactly(4);
        }
    }

    @Test
    void entriesBeforeTheTailAreNotReplayed() throws IOException {
        int tail = entry(1, 0).data(DATA, new byte[4096]).putAt(image, 0);
        entry(2, tail).data(BAT, bat(1, 0, 3, 2)).putAt(image, tail);
        dirty();
        try (BlockDevice opened = image.open(DEFAULTS)) {
            assertThat(DiskModel.read(opened, MIB, 1)).containsExactly(1);
        }
    }

    @Test
    void aLogWithoutACompleteSequenceIsRefused() {
        dirty();
        assertRefusedAt(LOG);
        entry(1, 4096).data(BAT, bat(3, 2, 1, 0)).putAt(image, 0);
        assertRefusedAt(LOG);
    }

    @Test
    void aFileShorterThanItWasWhenItWasLoggedIsRefused() {
        long size = image.bytes().capacity();
        entry(1, 8192).sizes(size + MIB, size + MIB).zero(BAT, 4096).putAt(image, 8192);
        dirty();
        assertRefusedAt(LOG + 8192);
    }

    @Test
    void aFileThatHadToGrowReadsAsZerosThere() throws IOException {
        long size = image.bytes().capacity();
        byte[] bat = bat(0, 1, 2, 3);
        ByteBuffer.wrap(bat).order(ByteOrder.LITTLE_ENDIAN).putLong(16, size | 6);
        entry(1, 0).sizes(size, size + MIB).data(BAT, bat).putAt(image, 0);
        dirty();
        try (BlockDevice opened = image.open(DEFAULTS)) {
            assertThat(DiskModel.read(opened, 2 * MIB, MIB)).isEqualTo(new byte[MIB]);
            assertThat(opened.extentAt(2 * MIB).kind()).isEqualTo(ExtentKind.ZERO);
            assertThat(DiskModel.read(opened, 3 * MIB, 1)).containsExactly(4);
        }
    }

    @Test
    void regionTablesAndMetadataAreReadAfterTheReplay() throws IOException {
        byte[] metadata = Arrays.copyOfRange(image.bytes().array(), VhdxImage.METADATA, VhdxImage.METADATA + 4096);
        byte[] regions = Arrays.copyOfRange(image.bytes().array(), 196608, 196608 + 4096);
        entry(9, 0)
                .data(VhdxImage.METADATA, metadata)
                .data(196608, regions)
                .zero(262144, 65536)
                .putAt(image, 0);
        Arrays.fill(image.bytes().array(), VhdxImage.METADATA, VhdxImage.METADATA + 4096, (byte) 0);
        Arrays.fill(image.bytes().array(), 196608, 196608 + 4096, (byte) 0);
        for (int header : VhdxImage.HEADERS) {
            VhdxImage.putGuid(image.bytes(), header + 48, ID);
            VhdxImage.sign(image.bytes(), header, 4096);
        }
        try (BlockDevice opened = image.open(DEFAULTS)) {
            assertThat(DiskModel.read(opened, 0, disk.length)).isEqualTo(disk);
        }
    }

    @Test
    void entriesWithoutDescriptorsCount() throws IOException {
        int next = entry(1, 0).data(BAT, bat(3, 2, 1, 0)).putAt(image, 0);
        entry(2, 0).putAt(image, next);
        dirty();
        assertBlocks(4, 3, 2, 1);
    }

    /** Which a writer may do that aligns its entries to more than 4 KiB; QEMU does not take them. */
    @Test
    void entriesMayBePadded() throws IOException {
        int next = entry(1, 0).pad(3).putAt(image, 0);
        entry(2, 0).data(BAT, bat(3, 2, 1, 0)).pad(1).putAt(image, next);
        dirty();
        try (BlockDevice opened = image.open(DEFAULTS)) {
            assertThat(DiskModel.read(opened, 0, 1)).containsExactly(4);
        }
    }

    @Test
    void aSectorIsFullOfDescriptors() throws IOException {
        manyDescriptors(63).putAt(image, 0);
        dirty();
        assertBlocks(3, 0, 0, 4);
    }

    /** QEMU refuses an entry whose descriptors need more than one sector. */
    @ParameterizedTest
    @ValueSource(ints = {64, 100, 126, 127, 128})
    void descriptorsFillManySectors(int pairs) throws IOException {
        manyDescriptors(pairs).putAt(image, MIB - 8192);
        dirty();
        try (BlockDevice opened = image.open(DEFAULTS)) {
            assertThat(DiskModel.read(opened, 0, 1)).containsExactly((pairs - 1) % 4 + 1);
            assertThat(DiskModel.read(opened, 3 * MIB, 1)).containsExactly(pairs % 4 + 1);
        }
    }

    private LogMaker manyDescriptors(int pairs) {
        LogMaker entry = entry(1, pairs > 63 ? MIB - 8192 : 0);
        for (int i = 0; i < pairs; i++) {
            entry.zero(BAT + 4096L * (i + 1), 4096).data(BAT, bat(i % 4, -1, -1, (i + 1) % 4));
        }
        return entry;
    }

    /** Random entries from a random place on, with stale ones after and before them; the model is the file itself. */
    @Test
    void randomLogsReadAsTheirReplay() throws IOException {
        for (int round = 0; round < 12; round++) {
            Random random = new Random(VirtualDiskReadingContract.seed() + round);
            image = VhdxImage.of(disk, DEFAULTS);
            VhdxImage model = VhdxImage.copyOf(image);
            boolean isWrapped = round % 2 == 0;
            int position = 4096 * (isWrapped ? 256 - random.nextInt(30) : random.nextInt(50)) % MIB;
            for (int stale = 0; stale < random.nextInt(5); stale++) {
                UUID id = random.nextBoolean() ? ID : new UUID(random.nextLong(), 1);
                randomEntry(1 + stale * 10L, id, position, random, null).putAt(image, position);
                position = (position + 4096 * random.nextInt(30)) % MIB;
            }
            int tail = position;
            int entries = 1 + random.nextInt(8);
            for (int i = 0; i < entries; i++) {
                position = randomEntry(100 + i, ID, tail, random, model.bytes()).putAt(image, position);
            }
            dirty();
            try (BlockDevice replayed = model.open(DEFAULTS)) {
                byte[] expected = DiskModel.read(replayed, 0, disk.length);
                assertThat(expected).as("round %d", round).isNotEqualTo(disk);
                if (isWrapped) {
                    assertWeRead(expected);
                } else {
                    assertReads(expected);
                }
            }
        }
    }

    /** Returns an entry of updates of the BAT, of which block 0 never has its own place; the model takes them too. */
    private LogMaker randomEntry(long sequence, UUID id, int tail, Random random, @Nullable ByteBuffer model) {
        long size = image.bytes().capacity();
        LogMaker entry = new LogMaker(sequence, id, tail).sizes(size, size);
        List<Integer> places = new ArrayList<>(List.of(1, 2, 3));
        for (int i = 0; i <= random.nextInt(12); i++) {
            if (random.nextInt(4) == 0) {
                int start = 4096 * random.nextInt(20);
                int length = 4096 * (1 + random.nextInt(20));
                entry.zero(BAT + start, length);
                if (model != null) {
                    model.put(BAT + start, new byte[length]);
                }
            } else {
                Collections.shuffle(places, random);
                byte[] sector = bat(places.get(0), random.nextBoolean() ? -1 : places.get(1), places.get(2));
                random.ints(1000).forEach(j -> sector[1024 + Math.floorMod(j, 3072)] = (byte) j);
                entry.data(BAT, sector);
                if (model != null) {
                    model.put(BAT, sector);
                }
            }
        }
        return entry;
    }
}

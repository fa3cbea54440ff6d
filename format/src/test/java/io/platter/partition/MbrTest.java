package io.platter.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.ExtentSet;
import io.platter.block.MemoryDevice;
import io.platter.partition.Finding.Severity;
import io.platter.test.Oracle;
import io.platter.testkit.FaultyDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MbrTest {
    private static final int SIZE = 1 << 20;
    private static final PartitionLayout LAYOUT = PartitionLayout.mbr()
            .alignment(4096)
            .signature(0x01234567)
            .add(PartitionSpec.ofSize("linux", 65536).bootable())
            .add(PartitionSpec.ofSize("linux", 8192).logical())
            .add(PartitionSpec.ofSize("linux", 8192).logical())
            .add(PartitionSpec.ofSize("swap", 8192).logical())
            .build();

    /** Sectors of the first EBR and of the extended partition, which it starts. */
    private static final int EXTENDED = (4096 + 65536) / 512;

    private static byte[] aDisk() throws IOException {
        byte[] disk = new byte[SIZE];
        LAYOUT.write(MemoryDevice.over(disk), new Random(1));
        return disk;
    }

    private static Mbr read(byte[] disk) throws IOException {
        return (Mbr) PartitionTables.read(MemoryDevice.over(disk));
    }

    private static void entry(byte[] disk, int sector, int slot, MbrEntry entry) {
        ByteBuffer record = ByteBuffer.wrap(disk, 512 * sector, 512).slice();
        entry.encode(record, slot, 0);
        record.order(ByteOrder.LITTLE_ENDIAN).putShort(510, (short) 0xAA55);
    }

    private static List<String> errors(PartitionTable table) {
        return table.findings().stream()
                .filter(finding -> finding.severity() == Severity.ERROR)
                .map(Finding::message)
                .toList();
    }

    @Test
    void logicalPartitionsAreListedBehindTheExtendedOne() throws IOException {
        Mbr table = read(aDisk());
        assertThat(table.findings()).isEmpty();
        assertThat(table.id()).isEqualTo("0x01234567");
        assertThat(table.partitions()).extracting(Partition::index).containsExactly(1, 2, 5, 6, 7);
        assertThat(table.partitions())
                .extracting(Partition::id)
                .containsExactly("01234567-01", "01234567-02", "01234567-05", "01234567-06", "01234567-07");
        assertThat(table.partitions().get(0).is(PartitionFlag.BOOTABLE)).isTrue();
        assertThat(table.partitions().get(1).is(PartitionFlag.EXTENDED)).isTrue();
        assertThat(table.partitions().get(2).is(PartitionFlag.LOGICAL)).isTrue();
        assertThat(table.tableExtents().bytes()).isEqualTo(4 * 512);
    }

    @Test
    void theChainThatComesBackIsAnErrorAndEnds() throws IOException {
        byte[] disk = aDisk();
        int last = (int) (read(disk).partitions().get(4).diskOffset() / 512 - 8);
        entry(disk, last, 1, new MbrEntry(0, 5, 0, 24));
        Mbr table = read(disk);
        assertThat(table.partitions()).hasSize(5);
        assertThat(errors(table)).containsExactly("the chain of EBRs comes back to sector " + EXTENDED);
        assertThat(table.findings().get(0).diskOffset()).isEqualTo(512L * EXTENDED);
    }

    @Test
    void theChainThatLeavesTheExtendedPartitionIsAnError() throws IOException {
        byte[] disk = aDisk();
        entry(disk, EXTENDED, 1, new MbrEntry(0, 5, 1000, 24));
        assertThat(errors(read(disk))).containsExactly("the chain of EBRs leaves the extended partition");
    }

    @Test
    void aBrokenChainIsAnError() throws IOException {
        byte[] disk = aDisk();
        disk[512 * EXTENDED + 510] = 0;
        Mbr table = read(disk);
        assertThat(table.partitions()).hasSize(2);
        assertThat(errors(table)).containsExactly("the chain of EBRs is broken: no EBR: its signature is missing");
    }

    @Test
    void anEndlessChainEndsAtTheLimit() throws IOException {
        byte[] disk = new byte[4 << 20];
        entry(disk, 0, 0, new MbrEntry(0, 5, 1, disk.length / 512 - 1));
        for (int sector = 1; sector < disk.length / 512; sector++) {
            entry(disk, sector, 1, new MbrEntry(0, 5, sector, 1));
        }
        assertThat(errors(read(disk)))
                .containsExactly("more than " + MbrReader.MAX_EBRS + " EBRs, the others are not followed");
    }

    @Test
    void aLinkBeforeThePartitionAndAnEmptyRecordAreFine() throws IOException {
        byte[] disk = aDisk();
        List<Partition> before = read(disk).partitions();
        byte[] ebr = Arrays.copyOfRange(disk, 512 * EXTENDED, 512 * EXTENDED + 512);
        System.arraycopy(ebr, 446 + 16, disk, 512 * EXTENDED + 446, 16);
        Arrays.fill(disk, 512 * EXTENDED + 446 + 16, 512 * EXTENDED + 446 + 32, (byte) 0);
        Mbr table = read(disk);
        assertThat(table.findings()).isEmpty();
        assertThat(table.partitions()).extracting(Partition::index).containsExactly(1, 2, 5, 6);
        assertThat(table.partitions().get(2).diskOffset())
                .isEqualTo(before.get(3).diskOffset());
    }

    @Test
    void aSecondExtendedPartitionIsAnError() throws IOException {
        byte[] disk = aDisk();
        entry(disk, 0, 2, new MbrEntry(0, 5, 1500, 24));
        assertThat(errors(read(disk))).containsExactly("entry 3 is a second extended partition, and is not followed");
    }

    /** Linux reads them so, too: {@code block/partitions/msdos.c}, "OS/2 seems to use all four entries". */
    @Test
    void partitionsInAnySlotOfARecordAreReadAsPartxReadsThem(@TempDir Path directory) throws IOException {
        byte[] disk = new byte[SIZE];
        entry(disk, 0, 0, new MbrEntry(0, 5, 100, 1000));
        entry(disk, 100, 2, new MbrEntry(0, 0x83, 10, 40));
        entry(disk, 100, 3, new MbrEntry(0, 5, 200, 300));
        entry(disk, 300, 1, new MbrEntry(0, 0x83, 8, 50));
        entry(disk, 300, 2, new MbrEntry(0, 0x07, 60, 100));
        entry(disk, 300, 3, new MbrEntry(0, 0x83, 0x20_0000, 0x20_2020));
        Mbr table = read(disk);
        Path file = Files.write(directory.resolve("disk"), disk);
        StringBuilder ours = new StringBuilder();
        for (Partition partition : table.partitions()) {
            ours.append(String.format(
                    "%d %d %d%n", partition.index(), partition.diskOffset() / 512, partition.length() / 512));
        }
        assertThat(ours.toString())
                .isEqualToNormalizingWhitespace(Oracle.of("partx").run("-g", "-o", "NR,START,SECTORS", file))
                .contains("7 360 100");
        assertThat(table.findings()).extracting(Finding::severity).containsExactly(Severity.WARNING);
        assertThat(table.tableExtents())
                .isEqualTo(ExtentSet.builder()
                        .add(0, 512)
                        .add(100 * 512, 512)
                        .add(300 * 512, 512)
                        .build());
    }

    @Test
    void partitionsOfARecordThatOverlapAreAnError() throws IOException {
        byte[] disk = aDisk();
        entry(disk, EXTENDED, 2, new MbrEntry(0, 0x83, 9, 2));
        assertThat(errors(read(disk))).containsExactly("partition 6 overlaps partition 5, which ends at 81920");
    }

    @Test
    void aSecondLinkOfARecordIsAnError() throws IOException {
        byte[] disk = aDisk();
        entry(disk, EXTENDED, 2, new MbrEntry(0, 5, 9, 2));
        assertThat(errors(read(disk))).containsExactly("entry 3 of the EBR is a second link, and is not followed");
    }

    @Test
    void partitionsThatOverlapOrLeaveTheDiskAreErrors() throws IOException {
        byte[] disk = aDisk();
        entry(disk, 0, 2, new MbrEntry(0, 0x83, 100, 10));
        entry(disk, 0, 3, new MbrEntry(0, 0x83, 2040, 10));
        assertThat(errors(read(disk)))
                .containsExactly(
                        "partition 4 covers bytes 1044480 to 1049600, expected inside 512 to 1048576",
                        "partition 3 overlaps partition 1, which ends at 69632");
    }

    @Test
    void aLogicalPartitionOverTheNextRecordIsAnError() throws IOException {
        byte[] disk = aDisk();
        entry(disk, EXTENDED, 0, new MbrEntry(0, 0x83, 8, 17));
        assertThat(errors(read(disk))).containsExactly("an EBR lies in partition 5");
    }

    @Test
    void aPartitionOverTheTableIsAnError() throws IOException {
        byte[] disk = new byte[SIZE];
        entry(disk, 0, 3, new MbrEntry(0x80, 0xA5, 0, 50000));
        assertThat(errors(read(disk))).hasSize(1);
    }

    @Test
    void theLargestEntryFitsIntoALong() throws IOException {
        byte[] disk = new byte[SIZE];
        entry(disk, 0, 0, new MbrEntry(0, 0x83, MbrEntry.MAX_SECTORS, MbrEntry.MAX_SECTORS));
        PartitionTable table = PartitionTables.read(MemoryDevice.over(disk), 65536);
        assertThat(table.partitions().get(0).end()).isEqualTo(2 * MbrEntry.MAX_SECTORS * 65536);
        assertThat(table.isSound()).isFalse();
    }

    @Test
    void entriesThatAreNotUsedAreNoPartitions() throws IOException {
        byte[] disk = aDisk();
        entry(disk, 0, 2, new MbrEntry(0, 0, 5, 7));
        entry(disk, 0, 3, new MbrEntry(0, 0x83, 5, 0));
        Mbr table = read(disk);
        assertThat(table.partitions()).hasSize(5);
        assertThat(table.findings()).extracting(Finding::severity).containsOnly(Severity.INFO);
    }

    @Test
    void newIdsChangeTheSignatureAlone() throws IOException {
        byte[] disk = aDisk();
        byte[] before = disk.clone();
        Mbr renewed = read(disk).withNewIds(new Random(3));
        PartitionTables.write(renewed, MemoryDevice.over(disk));
        assertThat(read(disk).partitions()).isEqualTo(renewed.partitions());
        assertThat(read(disk).id()).isEqualTo(renewed.id()).isNotEqualTo("0x01234567");
        Arrays.fill(disk, 440, 444, (byte) 0);
        Arrays.fill(before, 440, 444, (byte) 0);
        assertThat(disk).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 2048, 4096})
    void whatIsWrittenIsReadBack(int sectorSize) throws IOException {
        MemoryDevice device = MemoryDevice.over(new byte[SIZE], sectorSize);
        PartitionTable table = LAYOUT.tableFor(SIZE, sectorSize, new Random(1));
        assertThat(PartitionTables.write(table, device)).isEqualTo(table.tableExtents());
        PartitionTable read = PartitionTables.read(device);
        assertThat(read.findings()).isEmpty();
        assertThat(read.partitions()).isEqualTo(table.partitions());
        assertThat(read.tableExtents()).isEqualTo(table.tableExtents());
    }

    @Test
    void theFirstSectorIsWrittenLast() throws IOException {
        PartitionTable table = LAYOUT.tableFor(SIZE, 512, new Random(1));
        byte[] disk = new byte[SIZE];
        try {
            PartitionTables.write(table, FaultyDevice.losingPowerAfter(MemoryDevice.over(disk), 3 * 512));
        } catch (io.platter.block.DeviceException expected) {
            assertThat(expected.diskOffset()).isZero();
        }
        assertThat(PartitionTables.read(MemoryDevice.over(disk)).scheme()).isEqualTo(PartitionScheme.NONE);
    }
}

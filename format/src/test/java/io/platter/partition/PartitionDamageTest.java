package io.platter.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.BlockDevice;
import io.platter.block.MemoryDevice;
import io.platter.testkit.Damage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever the bytes are, reading ends, in bounded memory, and what was read can be used. */
@Timeout(120)
class PartitionDamageTest {
    private static final long SEED = Long.getLong("test.seed", 20261121);
    /** Small, so that damage hits the table. */
    private static final int GPT_SIZE = 32 * 512;

    private static final int BACKUP_ENTRIES = GPT_SIZE - 5 * 512;

    private static byte[] aGpt() throws IOException {
        byte[] disk = new byte[GPT_SIZE];
        PartitionLayout.gpt()
                .alignment(512)
                .entries(16)
                .add(PartitionSpec.ofSize("efi", 2048).named("one"))
                .add(PartitionSpec.ofSize("linux", 4096).named("two"))
                .build()
                .write(MemoryDevice.over(disk), new Random(1));
        return disk;
    }

    private static byte[] anMbr() throws IOException {
        byte[] disk = new byte[24 * 512];
        PartitionLayout.mbr()
                .alignment(512)
                .add(PartitionSpec.ofSize("linux", 2048))
                .add(PartitionSpec.ofSize("linux", 1024).logical())
                .add(PartitionSpec.ofSize("linux", 1024).logical())
                .add(PartitionSpec.ofSize("linux", 1024).logical())
                .add(PartitionSpec.rest("linux"))
                .build()
                .write(MemoryDevice.over(disk), new Random(1));
        return disk;
    }

    /** Reads a table and does with it all that can be done. */
    private static PartitionTable use(BlockDevice device) throws IOException {
        PartitionTable table = PartitionTables.read(device);
        assertThat(table.findings()).hasSizeLessThanOrEqualTo(Findings.MAX_COUNT + 1);
        assertThat(table.tableExtents().complement(0, device.size()).bytes()
                        + table.tableExtents().bytes())
                .isEqualTo(device.size());
        if (table.isSound()) {
            table.partitions().forEach(partition -> device.slice(partition.diskOffset(), partition.length()));
        }
        if (table instanceof Gpt gpt) {
            gpt.hybridPartitions();
            gpt.fittedTo(gpt.minimumDiskSize());
            write(gpt.withNewIds(new Random(1)), device);
        } else if (table instanceof Mbr mbr) {
            write(mbr.withNewIds(new Random(1)), device);
        }
        return table;
    }

    private static void write(PartitionTable table, BlockDevice device) throws IOException {
        byte[] copy = new byte[(int) device.size()];
        try {
            PartitionTables.write(table, MemoryDevice.over(copy));
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("the table");
            assertThat(Arrays.equals(copy, new byte[copy.length])).isTrue();
        }
    }

    @Test
    void noSingleFlipOutsideOfTheFirstSectorCostsAGptAPartition() throws IOException {
        byte[] disk = aGpt();
        List<Partition> partitions =
                PartitionTables.read(MemoryDevice.over(disk)).partitions();
        Damage.flips(disk, 1, device -> {
            PartitionTable table = use(device);
            if (table instanceof Gpt) {
                assertThat(table.partitions()).isEqualTo(partitions);
                assertThat(table.isSound()).isTrue();
            } else {
                assertThat(bootRecordOf(device)).isNotEqualTo(Arrays.copyOf(disk, 512));
            }
        });
    }

    private static byte[] bootRecordOf(BlockDevice device) throws IOException {
        ByteBuffer sector = ByteBuffer.allocate(512);
        device.read(sector, 0);
        return sector.array();
    }

    @Test
    void damagedTablesAreReadAsFarAsTheyCanBe() throws IOException {
        Damage.flips(anMbr(), 1, PartitionDamageTest::use);
        for (byte[] disk : List.of(aGpt(), anMbr())) {
            Damage.truncations(disk, 37, PartitionDamageTest::use);
            Damage.fuzz(disk, SEED, 10_000, PartitionDamageTest::use);
        }
    }

    @Test
    void hostileNumbersInsideOfGoodChecksumsAreContained() throws IOException {
        Random random = new Random(SEED);
        byte[] original = aGpt();
        for (int round = 0; round < 15_000; round++) {
            byte[] disk = original.clone();
            for (int i = 1 + random.nextInt(3); i > 0; i--) {
                mutateNumber(ByteBuffer.wrap(disk).order(ByteOrder.LITTLE_ENDIAN), random);
            }
            seal(disk, 512, 1024);
            seal(disk, GPT_SIZE - 512, BACKUP_ENTRIES);
            try {
                use(MemoryDevice.over(disk));
            } catch (Throwable e) {
                throw new AssertionError("seed " + SEED + ", round " + round, e);
            }
        }
    }

    /** Puts an interesting number into a field of either header or into one of the first entries. */
    private static void mutateNumber(ByteBuffer disk, Random random) {
        int header = random.nextBoolean() ? 512 : GPT_SIZE - 512;
        int entries = random.nextBoolean() ? 1024 : BACKUP_ENTRIES;
        long number =
                switch (random.nextInt(6)) {
                    case 0 -> random.nextLong();
                    case 1 -> random.nextInt(100);
                    case 2 -> Long.MAX_VALUE - random.nextInt(3);
                    case 3 -> Long.MAX_VALUE / 512 - random.nextInt(3);
                    case 4 -> Long.MAX_VALUE / 1024 - random.nextInt(3);
                    default -> 1L << random.nextInt(64);
                };
        switch (random.nextInt(3)) {
            case 0 -> disk.putLong(header + 24 + 8 * random.nextInt(4), number);
            case 1 -> disk.putLong(header + 72 + 4 * random.nextInt(3), number);
            default -> disk.putLong(entries + 128 * random.nextInt(3) + 8 * random.nextInt(7), number);
        }
    }

    /** Gives a header and its entries the checksums that they need. */
    private static void seal(byte[] disk, int header, int entries) {
        ByteBuffer bytes = ByteBuffer.wrap(disk).order(ByteOrder.LITTLE_ENDIAN);
        int count = bytes.getInt(header + 80);
        int size = bytes.getInt(header + 84);
        if (count > 0 && size > 0 && (long) count * size <= GPT_SIZE - entries) {
            byte[] array = Arrays.copyOfRange(disk, entries, entries + count * size);
            bytes.putInt(header + 88, GptHeader.crc(array, array.length));
        }
        bytes.putInt(header + 16, 0);
        byte[] array = Arrays.copyOfRange(disk, header, header + 92);
        bytes.putInt(header + 16, GptHeader.crc(array, array.length));
    }
}

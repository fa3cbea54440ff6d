package io.platter.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.CorruptImageException;
import io.platter.block.ExtentSet;
import io.platter.block.MemoryDevice;
import io.platter.partition.Finding.Severity;
import io.platter.testkit.FaultyDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GptTest {
    private static final int SIZE = 1 << 20;
    private static final PartitionLayout TWO_PARTITIONS = PartitionLayout.gpt()
            .alignment(4096)
            .add(PartitionSpec.ofSize("efi", 65536).named("EFI ☃ 𝄞"))
            .add(PartitionSpec.ofSize("linux", 131072).attributes(1L << 60))
            .build();

    /** Returns a disk with two partitions. */
    private static byte[] aDisk(int sectorSize) throws IOException {
        byte[] disk = new byte[SIZE];
        TWO_PARTITIONS.write(MemoryDevice.over(disk, sectorSize), new Random(1));
        return disk;
    }

    private static Gpt read(byte[] disk) throws IOException {
        return (Gpt) PartitionTables.read(MemoryDevice.over(disk));
    }

    /** Changes a header and gives it the checksum that it then needs. */
    private static void edit(byte[] disk, long diskOffset, Consumer<ByteBuffer> change) {
        ByteBuffer header = ByteBuffer.wrap(disk, (int) diskOffset, 512).slice().order(ByteOrder.LITTLE_ENDIAN);
        change.accept(header);
        header.putInt(GptHeader.CRC_POSITION, 0);
        byte[] bytes = new byte[GptHeader.SIZE];
        header.get(0, bytes);
        header.putInt(GptHeader.CRC_POSITION, GptHeader.crc(bytes, bytes.length));
    }

    /** Changes the entries of the primary copy and gives them the checksums that they then need. */
    private static void editEntries(byte[] disk, Consumer<ByteBuffer> change) {
        ByteBuffer entries = ByteBuffer.wrap(disk, 1024, 16384).slice().order(ByteOrder.LITTLE_ENDIAN);
        change.accept(entries);
        byte[] bytes = Arrays.copyOfRange(disk, 1024, 1024 + 16384);
        edit(disk, 512, header -> header.putInt(88, GptHeader.crc(bytes, bytes.length)));
    }

    private static List<String> messages(PartitionTable table, Severity severity) {
        return table.findings().stream()
                .filter(finding -> finding.severity() == severity)
                .map(Finding::message)
                .toList();
    }

    @Nested
    class Reading {
        @ParameterizedTest
        @ValueSource(ints = {512, 1024, 2048, 4096})
        void returnsWhatWasWrittenForAnySectorSize(int sectorSize) throws IOException {
            byte[] disk = aDisk(sectorSize);
            PartitionTable table = PartitionTables.read(MemoryDevice.over(disk, sectorSize));
            assertThat(table.findings()).isEmpty();
            assertThat(table.sectorSize()).isEqualTo(sectorSize);
            assertThat(table.partitions()).extracting(Partition::name).containsExactly("EFI ☃ 𝄞", "");
            assertThat(table.partitions()).extracting(Partition::length).containsExactly(65536L, 131072L);
            assertThat(table.partitions().get(1).attributes()).isEqualTo(1L << 60);
        }

        @ParameterizedTest
        @CsvSource({"512, 4096", "4096, 512", "512, 2048"})
        void findsATableForOtherSectorsThanTheDevices(int written, int claimed) throws IOException {
            byte[] disk = aDisk(written);
            PartitionTable expected = PartitionTables.read(MemoryDevice.over(disk, written));
            PartitionTable table = PartitionTables.read(MemoryDevice.over(disk, claimed));
            assertThat(table.partitions()).isEqualTo(expected.partitions());
            assertThat(table.tableExtents()).isEqualTo(expected.tableExtents());
            assertThat(messages(table, Severity.WARNING))
                    .containsExactly("the GPT was written for sectors of " + written
                            + " bytes, the device has sectors of " + claimed);
            byte[] before = disk.clone();
            PartitionTables.write(table, MemoryDevice.over(disk, claimed));
            assertThat(disk).isEqualTo(before);
        }

        @Test
        void keepsTheBytesOfAllPartsInItsExtents() throws IOException {
            ExtentSet extents = read(aDisk(512)).tableExtents();
            assertThat(extents)
                    .isEqualTo(ExtentSet.builder()
                            .add(0, 34 * 512)
                            .add(SIZE - 33 * 512, 33 * 512)
                            .build());
        }

        @Test
        void readsEntriesOfAnotherSize() throws IOException {
            byte[] disk = aDisk(512);
            Gpt usual = read(disk);
            byte[] wide = new byte[16384];
            for (int i = 0; i < 2; i++) {
                System.arraycopy(disk, 1024 + 128 * i, wide, 256 * i, 128);
            }
            System.arraycopy(wide, 0, disk, 1024, wide.length);
            edit(disk, 512, header -> header.putInt(80, 64).putInt(84, 256).putInt(88, GptHeader.crc(wide, 16384)));
            Gpt table = read(disk);
            assertThat(table.partitions()).isEqualTo(usual.partitions());
            assertThat(messages(table, Severity.WARNING))
                    .containsExactly("the backup GPT differs from the primary one");
            PartitionTables.write(table, MemoryDevice.over(disk));
            assertThat(read(disk).findings()).isEmpty();
            assertThat(read(disk).partitions()).isEqualTo(usual.partitions());
        }

        @Test
        void readsTheOtherCopyIfASectorIsBad() throws IOException {
            byte[] disk = aDisk(512);
            Gpt good = read(disk);
            for (long bad : new long[] {600, 1500, SIZE - 100, SIZE - 600}) {
                PartitionTable table = PartitionTables.read(FaultyDevice.withBadSector(MemoryDevice.over(disk), bad));
                assertThat(table.partitions()).isEqualTo(good.partitions());
                assertThat(table.findings()).hasSize(1);
                assertThat(table.tableExtents()).isEqualTo(good.tableExtents());
            }
        }

        @Test
        void reportsABadFirstSector() throws IOException {
            PartitionTable table = PartitionTables.read(FaultyDevice.withBadSector(MemoryDevice.over(aDisk(512)), 5));
            assertThat(table.scheme()).isEqualTo(PartitionScheme.NONE);
            assertThat(table.isSound()).isFalse();
        }

        @Test
        void findsTheBackupOfAGrownDiskByItsProtectiveMbr() throws IOException {
            byte[] disk = aDisk(512);
            Gpt good = read(disk);
            byte[] grown = Arrays.copyOf(disk, 3 * SIZE / 2);
            grown[512] ^= 1;
            Gpt table = read(grown);
            assertThat(table.partitions()).isEqualTo(good.partitions());
            PartitionTables.write(table.fittedTo(grown.length), MemoryDevice.over(grown));
            assertThat(read(grown).findings()).isEmpty();
        }

        @Test
        void doesNotTrustATableWithoutAProtectiveMbr() throws IOException {
            byte[] disk = aDisk(512);
            Arrays.fill(disk, 0, 512, (byte) 0);
            PartitionTable table = PartitionTables.read(MemoryDevice.over(disk));
            assertThat(table.scheme()).isEqualTo(PartitionScheme.NONE);
            assertThat(messages(table, Severity.ERROR)).containsExactly("a GPT without the MBR that should protect it");
            assertThat(PartitionTables.readGpt(MemoryDevice.over(disk), 512).partitions())
                    .hasSize(2);
        }

        @Test
        void reportsBothDamagedCopies() throws IOException {
            byte[] disk = aDisk(512);
            disk[512 + 30] ^= 1;
            disk[SIZE - 512 + 30] ^= 1;
            PartitionTable table = PartitionTables.read(MemoryDevice.over(disk));
            assertThat(table.scheme()).isEqualTo(PartitionScheme.MBR);
            assertThat(table.findings())
                    .extracting(Finding::severity)
                    .containsExactly(Severity.WARNING, Severity.ERROR, Severity.ERROR);
            assertThat(table.findings()).extracting(Finding::diskOffset).containsExactly(512L, SIZE - 512L, 0L);
            assertThatThrownBy(() -> PartitionTables.readGpt(MemoryDevice.over(disk), 512))
                    .isInstanceOf(CorruptImageException.class)
                    .hasMessageContaining("CRC-32 mismatch");
        }
    }

    @Nested
    class Contradictions {
        @Test
        void overlapIsAnError() throws IOException {
            byte[] disk = aDisk(512);
            editEntries(disk, entries -> entries.putLong(128 + 32, entries.getLong(32) + 5));
            Gpt table = read(disk);
            assertThat(table.isSound()).isFalse();
            assertThat(messages(table, Severity.ERROR))
                    .singleElement()
                    .asString()
                    .startsWith("partition 2 overlaps partition 1")
                    .contains("1");
        }

        @Test
        void aPartitionOutsideOfTheUsableSectorsIsAnError() throws IOException {
            byte[] disk = aDisk(512);
            editEntries(disk, entries -> entries.putLong(40, SIZE / 512 + 5));
            assertThat(messages(read(disk), Severity.ERROR)).hasSize(2);
            editEntries(disk, entries -> entries.putLong(32, 3).putLong(40, 50));
            assertThat(messages(read(disk), Severity.ERROR)).hasSize(1);
        }

        @Test
        void aPartitionThatNoDiskCanHoldIsLeftOut() throws IOException {
            byte[] disk = aDisk(512);
            editEntries(disk, entries -> entries.putLong(40, -5));
            Gpt table = read(disk);
            assertThat(table.partitions()).hasSize(1);
            assertThat(messages(table, Severity.ERROR))
                    .singleElement()
                    .asString()
                    .endsWith("is left out");
            assertThat(table.findings()).extracting(Finding::diskOffset).contains(1024L);
        }

        @Test
        void theSameIdTwiceIsAWarning() throws IOException {
            byte[] disk = aDisk(512);
            editEntries(disk, entries -> {
                byte[] id = new byte[16];
                entries.get(16, id);
                entries.put(128 + 16, id);
            });
            assertThat(messages(read(disk), Severity.WARNING))
                    .hasSize(2)
                    .anyMatch(message -> message.startsWith("partition 2 has the id of another one"));
        }

        @Test
        void aTableInsideItsUsableSectorsIsAnErrorAndIsNotWritten() throws IOException {
            byte[] disk = aDisk(512);
            edit(disk, 512, header -> header.putLong(32, 500));
            Gpt table = read(disk);
            assertThat(table.isSound()).isFalse();
            edit(disk, 512, header -> header.putLong(32, 200));
            byte[] before = disk.clone();
            assertThatThrownBy(() -> PartitionTables.write(read(disk), MemoryDevice.over(disk)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("would write over partition");
            assertThat(disk).isEqualTo(before);
        }

        @Test
        void aHeaderThatIsItsOwnCopyIsAnError() throws IOException {
            byte[] disk = aDisk(512);
            edit(disk, 512, header -> header.putLong(32, 1));
            assertThat(read(disk).isSound()).isFalse();
        }

        @Test
        void hugeEntriesAreRefusedBeforeTheyAreRead() throws IOException {
            byte[] disk = aDisk(512);
            edit(disk, 512, header -> header.putInt(80, 65537));
            assertThat(messages(read(disk), Severity.WARNING))
                    .singleElement()
                    .asString()
                    .contains("NumberOfPartitionEntries 65537, expected 1 to 65536");
            edit(disk, 512, header -> header.putInt(80, 65536).putInt(84, 4096));
            assertThat(messages(read(disk), Severity.WARNING))
                    .singleElement()
                    .asString()
                    .contains("65536 GPT entries of 4096 bytes");
            edit(disk, 512, header -> header.putInt(80, 128).putInt(84, 384));
            assertThat(messages(read(disk), Severity.WARNING))
                    .singleElement()
                    .asString()
                    .contains("expected a power of two");
        }

        @Test
        void onlySoManyFindingsAreKept() throws IOException {
            byte[] disk = new byte[4 << 20];
            PartitionLayout.gpt().entries(8192).build().write(MemoryDevice.over(disk), new Random(1));
            byte[] entries = new byte[1 << 20];
            for (int position = 0; position < entries.length; position += 128) {
                Arrays.fill(entries, position, position + 16, (byte) 1);
                entries[position + 32] = 1;
                entries[position + 40] = 1;
            }
            System.arraycopy(entries, 0, disk, 1024, entries.length);
            edit(disk, 512, header -> header.putInt(88, GptHeader.crc(entries, entries.length)));
            Gpt table = read(disk);
            assertThat(table.partitions()).hasSize(8192);
            assertThat(table.findings()).hasSize(Findings.MAX_COUNT + 1);
            assertThat(table.isSound()).isFalse();
            assertThat(table.findings().get(Findings.MAX_COUNT).severity()).isEqualTo(Severity.ERROR);
        }

        @Test
        void aHybridEntryThatIsNoPartitionIsAnError() throws IOException {
            byte[] disk = aDisk(512);
            new MbrEntry(0, 0x83, 100, 7).encode(ByteBuffer.wrap(disk), 1, 0);
            Gpt table = read(disk);
            assertThat(table.hybridPartitions()).hasSize(1);
            assertThat(messages(table, Severity.ERROR))
                    .containsExactly("entry 2 of the hybrid MBR is no partition of the GPT");
        }

        @Test
        void aProtectiveEntryInAStrangePlaceIsAWarning() throws IOException {
            byte[] disk = aDisk(512);
            new MbrEntry(0, MbrEntry.PROTECTIVE, 2, 7).encode(ByteBuffer.wrap(disk), 0, 0);
            assertThat(messages(read(disk), Severity.WARNING)).hasSize(1);
        }
    }

    @Nested
    class Writing {
        @Test
        void leavesOneGoodTableWheneverPowerFails() throws IOException {
            byte[] old = aDisk(512);
            Gpt before = read(old);
            Gpt after = before.withNewIds(new Random(2));
            long total = after.tableExtents().bytes();
            for (long bytes = 0; bytes <= total; bytes += bytes < total - 512 ? 97 : 1) {
                byte[] disk = old.clone();
                try {
                    PartitionTables.write(after, FaultyDevice.losingPowerAfter(MemoryDevice.over(disk), bytes));
                    assertThat(bytes).isEqualTo(total);
                } catch (io.platter.block.DeviceException expected) {
                    assertThat(bytes).isLessThan(total);
                }
                assertThat(read(disk).partitions())
                        .as("power fails after %d bytes", bytes)
                        .isIn(before.partitions(), after.partitions());
            }
        }

        @Test
        void keepsTheBootCodeAndTheFlagOfTheProtectiveEntry() throws IOException {
            byte[] disk = aDisk(512);
            Arrays.fill(disk, 0, 440, (byte) 0x90);
            disk[446] = (byte) 0x80;
            byte[] before = disk.clone();
            disk[512] ^= 1;
            PartitionTables.write(read(disk), MemoryDevice.over(disk));
            assertThat(disk).isEqualTo(before);
        }

        @Test
        void refusesADiskThatIsTooSmall() throws IOException {
            Gpt table = read(aDisk(512));
            assertThatThrownBy(() -> PartitionTables.write(table, MemoryDevice.ofSize(SIZE - 512)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("the table reaches to disk offset " + SIZE);
        }
    }

    @Nested
    class Fitting {
        @Test
        void worksDownToTheMinimumAndNoFurther() throws IOException {
            Gpt table = read(aDisk(512));
            long minimum = table.minimumDiskSize();
            Gpt smallest = table.fittedTo(minimum);
            assertThat(smallest.partitions()).isEqualTo(table.partitions());
            assertThat(smallest.findings()).isEmpty();
            assertThat(smallest.minimumDiskSize()).isEqualTo(minimum);
            assertThatThrownBy(() -> table.fittedTo(minimum - 512)).isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void ignoresAnOddTail() throws IOException {
            Gpt fitted = read(aDisk(512)).fittedTo(SIZE + 1000);
            assertThat(fitted.findings()).isEmpty();
            byte[] disk = new byte[SIZE + 1000];
            PartitionTables.write(fitted, MemoryDevice.over(disk));
            assertThat(read(disk).findings()).isEmpty();
            assertThat(read(disk).tableExtents().contains(SIZE, 512)).isTrue();
        }

        @Test
        void coversADiskOfManyTebibytes() throws IOException {
            Gpt fitted = read(aDisk(512)).fittedTo(1L << 54);
            assertThat(fitted.findings()).isEmpty();
            assertThat(fitted.tableExtents().end(1)).isEqualTo(1L << 54);
        }
    }

    @Test
    void newIdsAreOfVersion4AndFollowTheSource() throws IOException {
        Gpt table = read(aDisk(512));
        Gpt renewed = table.withNewIds(new Random(7));
        assertThat(renewed.id()).isEqualTo(table.withNewIds(new Random(7)).id());
        assertThat(renewed.id()).isNotEqualTo(table.id());
        for (Partition partition : renewed.partitions()) {
            UUID id = UUID.fromString(partition.id());
            assertThat(id.version()).isEqualTo(4);
            assertThat(id.variant()).isEqualTo(2);
        }
    }
}

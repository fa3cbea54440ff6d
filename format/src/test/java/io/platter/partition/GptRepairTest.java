package io.platter.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.CorruptImageException;
import io.platter.block.MemoryDevice;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a GPT is repaired from, and what is never taken for one. */
class GptRepairTest {
    private static final int MIB = 1 << 20;

    private final byte[] disk = new byte[16 * MIB];
    private final MemoryDevice device = MemoryDevice.over(disk);

    @BeforeEach
    void writeGpt() throws IOException {
        gpt(device);
    }

    private static void gpt(MemoryDevice target) throws IOException {
        PartitionLayout.gpt()
                .add(PartitionSpec.ofSize("linux", 2 * MIB))
                .build()
                .write(target, new Random(3));
    }

    private void assertIsRepaired() throws IOException {
        PartitionTables.write(PartitionTables.repaired(device, 512), device);
        PartitionTable repaired = PartitionTables.read(device);
        assertThat(repaired.findings()).isEmpty();
        assertThat(repaired.partitions()).hasSize(1);
    }

    private void assertIsRefused(String message) {
        byte[] before = disk.clone();
        assertThatThrownBy(() -> PartitionTables.repaired(device, 512))
                .isInstanceOf(CorruptImageException.class)
                .hasMessageContaining(message);
        assertThat(disk).isEqualTo(before);
    }

    @Test
    void aDamagedPrimaryIsRepairedFromTheBackup() throws IOException {
        disk[512 + 20]++;
        assertIsRepaired();
    }

    @Test
    void aLostProtectiveMbrIsWrittenAgain() throws IOException {
        Arrays.fill(disk, 0, 512, (byte) 0);
        assertIsRepaired();
    }

    @Test
    void aDiskThatLostItsFirstMebibyteIsRepairedFromTheBackup() throws IOException {
        Arrays.fill(disk, 0, MIB, (byte) 0);
        assertIsRepaired();
    }

    @Test
    void aDiskThatGrewIsRepairedFromWhereItEnded() throws IOException {
        byte[] grown = Arrays.copyOf(disk, 24 * MIB);
        grown[512 + 20]++;
        MemoryDevice larger = MemoryDevice.over(grown);
        PartitionTables.write(PartitionTables.repaired(larger, 512), larger);
        assertThat(PartitionTables.read(larger).findings()).isEmpty();
    }

    @Test
    void anMbrWithPartitionsIsNotReplacedByAnOldGpt() throws IOException {
        byte[] small = new byte[8 * MIB];
        PartitionLayout.mbr()
                .add(PartitionSpec.ofSize("linux", 2 * MIB))
                .build()
                .write(MemoryDevice.over(small), new Random(4));
        System.arraycopy(small, 0, disk, 0, small.length);
        assertIsRefused("1 partitions");
    }

    @Test
    void anMbrWithPartitionsIsNotReplacedByAGptWithBothCopies() throws IOException {
        byte[] other = new byte[16 * MIB];
        PartitionLayout.mbr()
                .add(PartitionSpec.ofSize("linux", 2 * MIB))
                .build()
                .write(MemoryDevice.over(other), new Random(4));
        System.arraycopy(other, 0, disk, 0, 512);
        assertIsRefused("1 partitions");
    }

    /** Source: XFS, fs/xfs/libxfs/xfs_format.h, XFS_SB_MAGIC. */
    @Test
    void aVolumeOnTheWholeDiskIsNotReplacedByAnOldGpt() {
        Arrays.fill(disk, 0, MIB, (byte) 0);
        System.arraycopy(new byte[] {'X', 'F', 'S', 'B'}, 0, disk, 0, 4);
        assertIsRefused("XFS");
    }

    @Test
    void theBackupOfADiskOfAnotherSizeThanTheProtectiveMbrSaysIsRefused() throws IOException {
        byte[] small = new byte[8 * MIB];
        gpt(MemoryDevice.over(small));
        small[512 + 20]++;
        Arrays.fill(small, small.length - 512, small.length, (byte) 0);
        System.arraycopy(small, 0, disk, 0, small.length);
        assertIsRefused("another size");
        assertThat(PartitionTables.read(device).isSound()).isFalse();
    }

    @Test
    void theBackupThatTheProtectiveMbrMeansIsPreferred() throws IOException {
        byte[] small = new byte[8 * MIB];
        PartitionLayout.gpt()
                .add(PartitionSpec.ofSize("efi", MIB))
                .add(PartitionSpec.ofSize("linux", MIB))
                .build()
                .write(MemoryDevice.over(small), new Random(5));
        small[512 + 20]++;
        System.arraycopy(small, 0, disk, 0, small.length);
        assertThat(PartitionTables.repaired(device, 512).partitions()).hasSize(2);
    }
}

package io.platter.filesystem.opaque;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.block.ExtentSet;
import io.platter.block.MemoryDevice;
import io.platter.filesystem.Filesystems;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpaqueTest {
    private static final int SIZE = (2 << 20) + 70_000;

    @ParameterizedTest
    @CsvSource({
        "luks, 0, 4c554b53babe0002",
        "bitlocker, 0, eb58902d4656452d46532d",
        // Both as in dislocker, volume_header.c: INFORMATION_OFFSET_GUID and EOW_INFORMATION_OFFSET_GUID.
        "bitlocker, 424, 3bd66749292ed84a8399f6a339e3d001",
        "bitlocker, 424, 3b4da89280dd0e4d9e4eb1e3284eaed8",
        "refs, 3, 5265465300000000",
        "apfs, 32, 4e585342",
        "bcache, 4120, c68573f64e1a45ca8265f57f48ba6d81",
        "bcachefs, 4120, c68573f666ce90a9d96a60cf803df7ef",
        "storage-spaces, 0, 5350414345444220",
        "storage-spaces, 4096, 5350414345444220",
        "vmfs, 1048576, 0dd001c0",
        "zfs, 131072, 0cb1ba0000000000",
        "zfs, 132096, 0000000000bab10c",
        "zfs, 500736, 0cb1ba0000000000",
    })
    void isRecognisedAndTakenWhole(String kind, int offset, String bytes) throws IOException {
        MemoryDevice volume = MemoryDevice.ofSize(SIZE);
        volume.write(ByteBuffer.wrap(HexFormat.of().parseHex(bytes)), offset);
        assertWhole(volume, kind);
    }

    @ParameterizedTest
    @CsvSource({"0", "4096", "2158592"})
    void arrayMemberIsRecognisedByTheSuperblockThatKnowsItsPlace(int offset) throws IOException {
        MemoryDevice volume = MemoryDevice.ofSize(SIZE);
        ByteBuffer superblock = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
        superblock.putInt(0, 0xA92B4EFC).putInt(4, 1).putLong(144, offset / 512 + 1L);
        volume.write(superblock.duplicate(), offset);
        assertThat(new Opaque().map(volume)).isEmpty();
        superblock.putLong(144, offset / 512);
        volume.write(superblock.duplicate(), offset);
        assertWhole(volume, "md");
    }

    @Test
    void arrayMemberOfTheOldVersionIsRecognisedInBothByteOrders() throws IOException {
        int offset = SIZE / 65536 * 65536 - 65536;
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            MemoryDevice volume = MemoryDevice.ofSize(SIZE);
            volume.write(
                    ByteBuffer.allocate(128).order(order).putInt(0, 0xA92B4EFC).putInt(8, 90), offset);
            assertWhole(volume, "md");
        }
    }

    @Test
    void otherContentIsNotRecognised() throws IOException {
        for (int size : new int[] {0, 1, 511, 4096, 65536, SIZE}) {
            assertThat(new Opaque().map(MemoryDevice.ofSize(size))).isEmpty();
        }
    }

    private static void assertWhole(MemoryDevice volume, String kind) throws IOException {
        AllocationMap map = Filesystems.probe(volume);
        assertThat(map.filesystem()).isEqualTo(kind);
        assertThat(map.reason()).isEqualTo(Reason.OPAQUE);
        assertThat(map.used()).isEqualTo(ExtentSet.of(0, SIZE));
    }
}

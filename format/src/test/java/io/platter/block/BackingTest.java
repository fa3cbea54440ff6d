package io.platter.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.Backing.Relation;
import io.platter.testkit.ReadOnlyDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackingTest {
    private static final FileIdentity DISK = FileIdentity.ofDisk("8:0");

    /** Disks, logical volumes on them, and files of filesystems on them. */
    @ParameterizedTest
    @CsvSource({
        "SAME,SAME,true",
        "SAME,INSIDE,true",
        "SAME,STORED_ON,true",
        "INSIDE,SAME,true",
        "INSIDE,INSIDE,false",
        "INSIDE,STORED_ON,false",
        "STORED_ON,SAME,false",
        "STORED_ON,INSIDE,false",
        "STORED_ON,STORED_ON,false",
    })
    void whatHoldsOrIsTheSourceOverwritesIt(Relation written, Relation read, boolean overwrites) {
        assertThat(Backing.overwritten(List.of(Backing.of(DISK, written)), List.of(Backing.of(DISK, read))))
                .isEqualTo(overwrites ? java.util.Optional.of(Backing.of(DISK, read)) : java.util.Optional.empty());
        assertThat(Backing.overwritten(
                        List.of(Backing.of(DISK, written)), List.of(Backing.of(FileIdentity.ofDisk("8:16"), read))))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0,100,100,100,false",
        "0,101,100,100,true",
        "200,9223372036854775807,100,100,false",
        "199,9223372036854775807,100,100,true",
        "0,9223372036854775807,100,100,true",
        "150,10,100,100,true",
    })
    void rangesCount(long writtenAt, long writtenLength, long readAt, long readLength, boolean overwrites) {
        Backing written = new Backing(DISK, writtenAt, writtenLength, Relation.SAME);
        Backing read = new Backing(DISK, readAt, readLength, Relation.SAME);
        assertThat(Backing.overwritten(List.of(written), List.of(read)).isPresent())
                .isEqualTo(overwrites);
    }

    @Test
    void aPartOfADeviceStandsOnThatPartOfItsFile() throws IOException {
        BlockDevice device = new ReadOnlyDevice("disk", 1000) {
            @Override
            protected void fill(ByteBuffer target, long offset) {
                throw new AssertionError();
            }

            @Override
            public List<Backing> backing() {
                return List.of(
                        new Backing(DISK, 50, 1000, Relation.SAME),
                        Backing.of(FileIdentity.ofDisk("8:16"), Relation.INSIDE));
            }
        };
        assertThat(device.slice(100, 200).slice(10, 20).backing())
                .containsExactly(
                        new Backing(DISK, 160, 20, Relation.SAME),
                        Backing.of(FileIdentity.ofDisk("8:16"), Relation.INSIDE));
    }

    @Test
    void aDeviceWithOtherSectorsIsStillOnItsFileAndUsedByTheSame() throws IOException {
        List<Backing> backing = List.of(new Backing(DISK, 50, 1000, Relation.SAME));
        List<DiskUse> uses = List.of(new DiskUse(DiskUse.Kind.MOUNTED, "/dev/loop0 on /mnt"));
        BlockDevice device = new ReadOnlyDevice("disk", 8192) {
            @Override
            protected void fill(ByteBuffer target, long offset) {
                throw new AssertionError();
            }

            @Override
            public List<Backing> backing() {
                return backing;
            }

            @Override
            public List<DiskUse> uses() {
                return uses;
            }

            @Override
            public Optional<String> state() {
                return Optional.of("written 7 sectors");
            }

            @Override
            public Map<String, String> identity() {
                return Map.of(BlockDevice.SERIAL, "S1");
            }
        };
        BlockDevice view = device.withLogicalSectorSize(4096);
        assertThat(view.logicalSectorSize()).isEqualTo(4096);
        assertThat(view.backing()).isEqualTo(backing);
        assertThat(view.uses()).isEqualTo(uses);
        assertThat(view.state()).contains("written 7 sectors");
        assertThat(view.identity()).containsEntry(BlockDevice.SERIAL, "S1");
    }
}

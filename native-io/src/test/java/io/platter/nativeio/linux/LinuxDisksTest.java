package io.platter.nativeio.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.Backing;
import io.platter.block.Backing.Relation;
import io.platter.block.DiskUse;
import io.platter.block.DiskUse.Kind;
import io.platter.block.FileIdentity;
import io.platter.device.DiskDescription;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine that exists as a tree of files only. */
class LinuxDisksTest {
    @TempDir
    Path root;

    private FakeTree machine;
    private LinuxDisks disks;

    @BeforeEach
    void anEmptyMachine() throws IOException {
        machine = new FakeTree(root);
        disks = new LinuxDisks(machine.tree());
    }

    @Test
    void identityComesFromWhereEachDriverPutsIt() throws IOException {
        machine.disk("pci0000:00/0000:00:01.0/nvme/nvme0/nvme0n1", "259:0", 2048);
        machine.put("sys/block/nvme0n1/device/model", "Fast Disk 1TB   \n");
        machine.put("sys/block/nvme0n1/device/serial", "S123      \n");
        machine.put("sys/block/nvme0n1/wwid", "eui.0025385b71b00c3a\n");
        machine.put("sys/block/nvme0n1/queue/logical_block_size", "4096\n");
        machine.put("sys/block/nvme0n1/queue/physical_block_size", "4096\n");
        machine.disk("pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sdb", "8:16", 4096);
        machine.put("sys/block/sdb/device/vendor", "SanDisk \n");
        machine.put("sys/block/sdb/device/model", "Ultra           \n");
        machine.put("sys/block/sdb/removable", "1\n");
        machine.put("sys/block/sdb/queue/rotational", "1\n");
        machine.put("run/udev/data/b8:16", "N:sdb\nE:ID_SERIAL=SanDisk_Ultra_4C53\nE:ID_SERIAL_SHORT=4C53\n");
        machine.disk("pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda", "8:0", 8192);
        machine.put("sys/block/sda/device/vendor", "ATA     \n");
        machine.put("sys/block/sda/device/model", "Old Disk\n");
        machine.put("sys/block/sda/device/vpd_pg80", "\0\u0080\0\u0008  WD1234");
        machine.put("sys/block/sda/device/wwid", "naa.50014ee2\n");
        machine.disk("virtual/block/loop0", "7:0", 0);

        assertThat(disks.list(List.of()))
                .containsExactly(
                        new DiskDescription(
                                machine.node("nvme0n1"),
                                "Fast Disk 1TB",
                                "S123",
                                "eui.0025385b71b00c3a",
                                "nvme",
                                1 << 20,
                                4096,
                                4096,
                                false,
                                false,
                                false,
                                List.of(),
                                List.of()),
                        new DiskDescription(
                                machine.node("sda"),
                                "Old Disk",
                                "WD1234",
                                "naa.50014ee2",
                                "ata",
                                4 << 20,
                                512,
                                512,
                                false,
                                false,
                                false,
                                List.of(),
                                List.of()),
                        new DiskDescription(
                                machine.node("sdb"),
                                "SanDisk Ultra",
                                "4C53",
                                "",
                                "usb",
                                2 << 20,
                                512,
                                512,
                                true,
                                false,
                                true,
                                List.of(),
                                List.of()));
    }

    @Test
    void aLogicalVolumeUsesTheDisksUnderIt() throws IOException {
        machine.disk("sda", "8:0", 8192);
        machine.partition("sda", "sda1", 1, "8:1", 2048, 1024);
        machine.partition("sda", "sda2", 2, "8:2", 4096, 1024);
        machine.disk("virtual/block/dm-0", "253:0", 1024);
        machine.put("sys/block/dm-0/slaves/sda2", "");
        machine.put("sys/block/sda/sda2/holders/dm-0", "");
        machine.mounts("30 1 253:0 / / rw shared:1 - ext4 /dev/mapper/vg-root rw");

        DiskDescription sda = disks.describe("sda", List.of());

        assertThat(sda.partitions()).extracting(p -> p.number()).containsExactly(1, 2);
        assertThat(sda.partitions()).extracting(p -> p.diskOffset()).containsExactly(1L << 20, 2L << 20);
        assertThat(sda.uses())
                .containsExactly(
                        new DiskUse(Kind.MOUNTED, "/dev/mapper/vg-root on /"),
                        new DiskUse(Kind.SYSTEM, "/dev/mapper/vg-root on /"),
                        new DiskUse(Kind.HELD, machine.node("sda2") + " by " + machine.node("dm-0")));
        assertThat(disks.describe("sda1", List.of()).uses()).isEmpty();
        assertThat(disks.describe("sda1", List.of()).size()).isEqualTo(512 * 1024);
        assertThat(disks.describe("sda2", List.of()).hasUse(Kind.SYSTEM)).isTrue();

        Files.createDirectories(root.resolve("lvm/images"));
        assertThat(disks.describe("sda", List.of(root.resolve("lvm/images/new")))
                        .hasUse(Kind.HOLDS_FILE))
                .isTrue();
    }

    @Test
    void allDisksOfABtrfsAreMounted() throws IOException {
        machine.disk("sda", "8:0", 8192);
        machine.disk("sdb", "8:16", 8192);
        machine.disk("sdc", "8:32", 8192);
        machine.put("sys/fs/btrfs/0bd8/devices/sda", "");
        machine.put("sys/fs/btrfs/0bd8/devices/sdb", "");
        machine.mounts("30 1 0:42 /sub /a\\040b rw - btrfs "
                + machine.node("sda").toString().replace(" ", "\\040") + " rw");

        assertThat(disks.describe("sda", List.of()).uses())
                .containsExactly(new DiskUse(Kind.MOUNTED, machine.node("sda") + " on /a b"));
        assertThat(disks.describe("sdb", List.of()).hasUse(Kind.MOUNTED)).isTrue();
        assertThat(disks.describe("sdc", List.of()).uses()).isEmpty();
    }

    @Test
    void swapSpaceAndFilesBehindLoopDevicesCount() throws IOException {
        machine.disk("sda", "8:0", 8192);
        machine.disk("sdb", "8:16", 8192);
        machine.partition("sda", "sda1", 1, "8:1", 2048, 1024);
        machine.disk("virtual/block/loop0", "7:0", 512);
        machine.put("sys/block/loop0/loop/backing_file", machine.node("sdb") + "\n");
        machine.put(
                "proc/swaps",
                "Filename\tType\tSize\tUsed\tPriority\n" + machine.node("sda1") + "   partition\t512\t0\t-2\n");
        machine.mounts("30 1 7:0 / /mnt rw - ext4 /dev/loop0 rw");

        assertThat(disks.describe("sda", List.of()).uses())
                .containsExactly(new DiskUse(Kind.SWAP, "swap on " + machine.node("sda1")));
        assertThat(disks.describe("sdb", List.of()).uses())
                .containsExactly(
                        new DiskUse(Kind.MOUNTED, "/dev/loop0 on /mnt"),
                        new DiskUse(Kind.HELD, "by " + machine.node("loop0")));
    }

    @Test
    void aLoopDeviceIsAskedForItsFileWhereItsPathLeadsToAnother() throws IOException {
        machine.disk("sda", "8:0", 8192);
        machine.partition("sda", "sda1", 1, "8:1", 2048, 1024);
        machine.disk("virtual/block/loop0", "7:0", 512);
        machine.put("sys/block/loop0/loop/offset", "1024\n");
        machine.mounts("30 1 7:0 / /mnt rw - ext4 /dev/loop0 rw");
        Path other = root.resolve("other");
        machine.put("other", "too short for such a device");
        machine.loopFile("loop0", new SystemTree.Node("8:1", 1234, false, "0:0"));
        for (String path : List.of(root + "/gone (deleted)", other.toString())) {
            machine.put("sys/block/loop0/loop/backing_file", path + "\n");
            assertThat(LinuxBacking.ofDevice(disks.blocks(), "loop0"))
                    .containsExactly(
                            Backing.of(FileIdentity.ofDisk("7:0")),
                            new Backing(FileIdentity.ofFile("8:1", 1234), 1024, 512 * 512, Relation.SAME),
                            Backing.of(FileIdentity.ofDisk("8:1"), Relation.STORED_ON),
                            new Backing(FileIdentity.ofDisk("8:0"), 2048 * 512, 1024 * 512, Relation.STORED_ON));
            assertThat(new DiskUses(machine.tree(), disks.blocks(), List.of()).ofFile(other))
                    .isEmpty();
        }
    }

    @Test
    void aFileAtALoopDevicesPathIsUsedAsTheDeviceIs() throws IOException {
        machine.disk("virtual/block/loop0", "7:0", 2);
        machine.partition("loop0", "loop0p1", 1, "259:0", 1, 1);
        machine.put("sys/block/loop0/loop0p1/holders/dm-0", "");
        machine.put("sys/block/loop0/loop/backing_file", root + "/file\n");
        machine.mounts("30 1 7:0 / /mnt rw - ext4 /dev/loop0 rw");
        Path file = Files.write(root.resolve("file"), new byte[1024]);
        machine.put("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n" + file + "  file\t1\t0\t-2\n");

        assertThat(new DiskUses(machine.tree(), disks.blocks(), List.of()).ofFile(file))
                .containsExactly(
                        new DiskUse(Kind.MOUNTED, "/dev/loop0 on /mnt"),
                        new DiskUse(Kind.SWAP, "swap on " + file),
                        new DiskUse(Kind.HELD, "by " + machine.node("loop0")),
                        new DiskUse(Kind.HELD, machine.node("loop0p1") + " by " + machine.node("dm-0")));
    }

    @Test
    void whatUsesBytesUsesAllThatStandsForThem() throws IOException {
        machine.disk("sda", "8:0", 8192);
        machine.partition("sda", "sda1", 1, "8:1", 2048, 1024);
        machine.partition("sda", "sda2", 2, "8:2", 4096, 1024);
        Path file = Files.write(root.resolve("file"), new byte[4096]);
        for (int loop = 0; loop < 4; loop++) {
            machine.disk("virtual/block/loop" + loop, "7:" + loop, loop == 0 ? 8 : 2);
            machine.put("sys/block/loop" + loop + "/loop/backing_file", file + "\n");
        }
        machine.put("sys/block/loop1/loop/offset", "1024\n");
        machine.put("sys/block/loop1/loop/sizelimit", "1024\n");
        machine.put("sys/block/loop2/loop/offset", "1024\n");
        machine.put("sys/block/loop2/loop/sizelimit", "1024\n");
        machine.put("sys/block/loop3/loop/offset", "2048\n");
        machine.put("sys/block/loop3/loop/sizelimit", "1024\n");
        machine.partition("loop0", "loop0p1", 1, "259:1", 2, 2);
        machine.partition("loop0", "loop0p2", 2, "259:2", 4, 2);
        machine.disk("virtual/block/loop4", "7:4", 1024);
        machine.put("sys/block/loop4/loop/backing_file", machine.node("sda") + "\n");
        machine.put("sys/block/loop4/loop/offset", 4096 * 512 + "\n");
        machine.put("sys/block/loop4/loop/sizelimit", 1024 * 512 + "\n");
        machine.put("sys/block/loop3/holders/dm-0", "");
        machine.mounts("30 1 7:1 / /a rw - ext4 /dev/loop1 rw", "31 1 7:4 / /b rw - ext4 /dev/loop4 rw");

        DiskUse mounted = new DiskUse(Kind.MOUNTED, "/dev/loop1 on /a");
        DiskUse held = new DiskUse(Kind.HELD, machine.node("loop3") + " by " + machine.node("dm-0"));
        assertThat(disks.describe("loop0", List.of()).uses()).containsExactly(mounted, held);
        assertThat(disks.describe("loop0p1", List.of()).uses()).containsExactly(mounted);
        assertThat(disks.describe("loop0p2", List.of()).uses()).containsExactly(held);
        assertThat(disks.describe("loop2", List.of()).uses()).containsExactly(mounted);
        assertThat(disks.describe("loop3", List.of()).uses()).containsExactly(held);
        assertThat(disks.describe("sda1", List.of()).uses()).isEmpty();
        assertThat(disks.describe("sda2", List.of()).uses())
                .containsExactly(new DiskUse(Kind.MOUNTED, "/dev/loop4 on /b"));
        machine.put("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n" + file + "  file\t1\t0\t-2\n");
        assertThat(disks.describe("loop2", List.of()).uses())
                .containsExactly(mounted, new DiskUse(Kind.SWAP, "swap on " + file));
    }

    @Test
    void logicalVolumesStandInsideTheirDisksAndFilesOnThem() throws IOException {
        machine.disk("sda", "8:0", 8192);
        machine.partition("sda", "sda2", 2, "8:2", 4096, 1024);
        machine.disk("virtual/block/dm-0", "253:0", 512);
        machine.put("sys/block/dm-0/slaves/sda2", "");
        machine.disk("virtual/block/dm-1", "253:1", 512);
        machine.put("sys/block/dm-1/slaves/sda2", "");

        List<Backing> first = LinuxBacking.ofDevice(disks.blocks(), "dm-0");
        List<Backing> second = LinuxBacking.ofDevice(disks.blocks(), "dm-1");
        List<Backing> partition = LinuxBacking.ofDevice(disks.blocks(), "sda2");
        List<Backing> disk = LinuxBacking.ofDevice(disks.blocks(), "sda");

        assertThat(partition)
                .containsExactly(
                        Backing.of(FileIdentity.ofDisk("8:2")),
                        new Backing(FileIdentity.ofDisk("8:0"), 4096 * 512, 1024 * 512, Relation.SAME));
        assertThat(Backing.overwritten(first, second)).isEmpty();
        assertThat(Backing.overwritten(first, partition)).isPresent();
        assertThat(Backing.overwritten(disk, first)).isPresent();
        Path file = Files.createDirectories(root.resolve("lvm")).resolve("file");
        List<Backing> image = LinuxBacking.ofFile(
                disks.blocks(), new FilePlaces(machine.tree(), disks.blocks()), Files.createFile(file));
        assertThat(Backing.overwritten(first, image)).isPresent(); // FakeTree: it is on 253:0
        assertThat(Backing.overwritten(disk, image)).isPresent();
        assertThat(Backing.overwritten(second, image)).isEmpty();
    }

    @Test
    void aReadOnlyDiskIsShownAsSuch() throws IOException {
        machine.disk("sda", "8:0", 8192);
        machine.put("sys/block/sda/ro", "1\n");
        assertThat(disks.describe("sda", List.of()).readOnly()).isTrue();
        assertThat(disks.describe("sda", List.of()).hasUse(Kind.READ_ONLY)).isTrue();
    }

    @Test
    void whatTheKernelDidNotWriteIsAnError() throws IOException {
        machine.disk("sda", "8:0", 8192);
        machine.mounts("too short");
        assertThatThrownBy(() -> disks.list(List.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("mountinfo");
        machine.mounts();
        machine.put("sys/block/sda/size", "many\n");
        assertThatThrownBy(() -> disks.list(List.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("\"many\"");
        assertThatThrownBy(() -> disks.nameOf(root)).isInstanceOf(FileSystemException.class);
    }

    @Test
    void deviceNumbersAreThoseOfTheCLibrary() {
        assertThat(FileIdentity.deviceNumber(0x0801)).isEqualTo("8:1");
        assertThat(FileIdentity.deviceNumber(0x1_0000_0L << 12 | 259 << 8))
                .isEqualTo("259:" + (0x1_0000_0L & 0xfff_ff00L));
    }
}

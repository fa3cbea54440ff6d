package io.platter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.OpenMode;
import io.platter.test.LoopDevice;
import io.platter.test.Oracle;
import io.platter.testkit.DiskModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where commands write, where they refuse to, and what they would do. */
@Timeout(60)
class TargetsTest {
    private static final byte[] DISK = DiskModel.random(8, 2 << 20, 300_000).bytes();

    @TempDir
    Path directory;

    private Path disk = Path.of("");
    private Path image = Path.of("");

    @BeforeEach
    void capture() throws IOException {
        disk = Files.write(directory.resolve("disk.img"), DISK);
        image = directory.resolve("disk.platter");
        assertThat(ProgramResult.of("capture", "--all", disk, image).exitCode()).isZero();
    }

    private static ProgramResult succeed(Object... words) {
        ProgramResult result = ProgramResult.of(words);
        assertThat(result.errors()).isEmpty();
        assertThat(result.exitCode()).isZero();
        return result;
    }

    private static void assertRefused(String message, Object... words) {
        ProgramResult result = ProgramResult.of(words);
        assertThat(result.errors()).contains(message);
        assertThat(result.exitCode()).isEqualTo(2);
    }

    @Test
    void theDiskGoesToStandardOutput() {
        ProgramResult result = ProgramResult.of("restore", image, "-");
        assertThat(result.output()).isEqualTo(DISK);
        assertThat(result.errors()).startsWith("restored 2.0 MiB (2097152 bytes): ");
        assertThat(Path.of("-")).doesNotExist();
        assertRefused("goes with none of --compare", "restore", "--compare", image, "-");
        assertRefused("name the image's file", "restore", "-", "-");
    }

    @Test
    void aPartitionGoesToStandardOutput() throws IOException {
        Oracle.of("sfdisk").runWithInput("label: gpt\nstart=2048,size=1024\n", "-q", disk);
        Path table = directory.resolve("table.platter");
        succeed("capture", "--all", disk, table);
        byte[] bytes = Files.readAllBytes(disk);
        assertThat(ProgramResult.of("restore", "-q", "--partition", "1", table, "-")
                        .output())
                .isEqualTo(java.util.Arrays.copyOfRange(bytes, 1 << 20, (1 << 20) + 1024 * 512));
        assertRefused("no partition 7", "restore", "--partition", "7", table, "-");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev/platter-none", "/dev/disk/../platter-none", "/dev/nowhere/none"})
    void noFileIsMadeInPlaceOfADevice(String device) {
        String message = "there is no such device, and no file is made here";
        assertRefused(message, "restore", image, device);
        assertRefused(message, "restore", "--force", image, device);
        assertRefused(message, "convert", "--to", "raw", image, device);
        assertRefused(message, "capture", disk, device);
        assertThat(Path.of("/dev/platter-none")).doesNotExist();
    }

    @Test
    void aLinkThatLeadsNowhereAndADirectoryAreRefused() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("/dev/platter-none"));
        assertRefused("is a link to /dev/platter-none, which does not exist", "restore", image, link);
        assertRefused("is a directory, expected a file or a disk", "restore", "--force", image, directory);
        assertRefused("is a directory, expected a file or a disk", "capture", directory, directory.resolve("x"));
        assertRefused("is a directory, expected an image file", "map", directory);
        assertRefused("exists and would be written over; --force allows it", "restore", image, disk);
        assertRefused("exists; --append adds an image to it", "capture", disk, image);
        assertRefused(directory + " is a directory, expected an image file", "capture", disk, directory);
    }

    @Test
    void aStreamOfMoreImagesGivesTheFirst() throws IOException {
        Path second = Files.write(directory.resolve("second.img"), new byte[1 << 20]);
        succeed("capture", "--append", second, image);
        Path target = directory.resolve("target.img");
        ProgramResult result = ProgramResult.withInput(Files.readAllBytes(image), "restore", "-", target);
        assertThat(result.exitCode()).isZero();
        assertThat(result.errors()).isEqualTo("platter: standard input holds more images; the first was restored\n");
        assertThat(target).hasBinaryContent(DISK);
    }

    @Test
    void aPipeIsCalledByItsName() {
        ProgramResult result = ProgramResult.withInput(new byte[4096], "restore", "-", directory.resolve("x"));
        assertThat(result.errors()).contains("standard input").doesNotContain("channel");
        assertThat(result.exitCode()).isEqualTo(1);
    }

    @Test
    void aFailureThatLeavesATargetHalfWrittenSaysSo() throws IOException {
        byte[] content = new byte[16 << 20];
        new Random(7).nextBytes(content);
        Path large = directory.resolve("large.platter");
        succeed("capture", "--all", Files.write(directory.resolve("large.img"), content), large);
        byte[] damaged = Files.readAllBytes(large);
        damaged[12 << 20] ^= 1;
        Files.write(large, damaged);
        Path target = Files.write(directory.resolve("target.img"), new byte[16 << 20]);
        ProgramResult result = ProgramResult.of("restore", "--force", large, target);
        assertThat(result.errors()).endsWith("; " + target + " is incomplete now: it was being written\n");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(ProgramResult.of("restore", large, directory.resolve("new")).errors())
                .doesNotContain("incomplete");
    }

    @Test
    void aFileIsWrittenByOneOnly() throws IOException {
        Path target = Files.write(directory.resolve("target.img"), new byte[2 << 20]);
        try (BlockDevice held = BlockDevices.open(target, OpenMode.WRITE)) {
            List<List<String>> commands = List.of(
                    List.of("restore", "--force", image.toString(), target.toString()),
                    List.of("convert", "--force", "--to", "raw", image.toString(), target.toString()),
                    List.of("partition-table", "write", "--force", target.toString(), "linux,rest"));
            for (List<String> words : commands) {
                ProgramResult here = ProgramResult.of(words.toArray());
                assertThat(here.errors()).contains(target + ": is being written by this program");
                assertThat(here.exitCode()).isEqualTo(3);
                ProgramProcess other =
                        ProgramProcess.ofScript(directory, "C.UTF-8", "platter '" + String.join("' '", words) + "'");
                assertThat(other.errors()).contains(target + ": is being written by another program");
                assertThat(other.exitCode()).isEqualTo(3);
            }
            assertThat(held.size()).isEqualTo(2 << 20);
        }
        assertThat(target).hasBinaryContent(new byte[2 << 20]);
        succeed("restore", "--force", image, target);
    }

    @Test
    void aPartitionsReportSaysItsSize() throws IOException {
        Oracle.of("sfdisk").runWithInput("label: gpt\nstart=2048,size=1024\n", "-q", disk);
        Path table = directory.resolve("table.platter");
        succeed("capture", "--all", disk, table);
        assertThat(succeed("restore", "--partition", "1", table, directory.resolve("part"))
                        .text())
                .startsWith("restored 512.0 KiB (524288 bytes): ");
    }

    @Test
    void whatMayNotBeMeantIsHintedAt() {
        Path qcow2 = directory.resolve("disk.qcow2");
        succeed("convert", "--from", "raw", disk, qcow2);
        ProgramResult result = ProgramResult.of("capture", qcow2, directory.resolve("x.platter"));
        assertThat(result.exitCode()).isZero();
        assertThat(result.errors())
                .isEqualTo("platter: " + qcow2
                        + " is a file of format qcow2, which is captured as it is; convert reads the disk in it\n");
    }

    @Test
    void aFinishedImageIsNotSaidToBeComplete() throws IOException {
        ProgramResult result = ProgramResult.of("capture", "--resume", disk, image);
        assertThat(result.errors())
                .isEqualTo("platter: " + image
                        + " has nothing to resume: its image is finished; verify tells whether it is sound\n");
        assertThat(result.exitCode()).isZero();
    }

    /** A script that appends, and resumes when that failed, must not believe that its disk is in the file. */
    @Test
    void aFinishedImageOfAnotherDiskIsNothingToResume() throws IOException {
        Path other = Files.write(directory.resolve("other"), new byte[(int) Files.size(disk)]);
        assertRefused(
                image + " has nothing to resume: its newest image is finished, and of another disk than " + other
                        + " or of another state of it",
                "capture",
                "--resume",
                other,
                image);
    }

    @Test
    void aPropertyNeedsAName() {
        assertRefused("--property takes K=V, not =v", "capture", "--append", "--property", "=v", disk, image);
    }

    @Test
    void whatIsNoImageIsSaidSo() {
        ProgramResult result = ProgramResult.of("restore", disk, directory.resolve("x"));
        assertThat(result.errors())
                .isEqualTo("platter: " + disk + " is not a Platter image; convert reads other formats\n");
        assertThat(result.exitCode()).isEqualTo(1);
        assertRefused("it holds image 1", "restore", "--image", "7", image, "x");
    }

    @Test
    void aDryRunWritesNothingAndIsRefusedAsTheRunWouldBe() throws IOException {
        Path target = directory.resolve("target.img");
        assertThat(succeed("restore", "--dry-run", image, target).text())
                .contains("would restore image 1: 2.0 MiB (2097152 bytes)")
                .contains("a new file")
                .contains("nothing was written");
        assertThat(target).doesNotExist();
        Files.write(target, new byte[3 << 20]);
        assertRefused("--force allows it", "restore", "--dry-run", image, target);
        assertThat(succeed("restore", "--dry-run", "--force", image, target).text())
                .contains("a file of 3.0 MiB (3145728 bytes)");
        assertThat(target).hasBinaryContent(new byte[3 << 20]);
        Files.write(target, new byte[1 << 20]);
        assertRefused("has 1048576 bytes, the image needs 2097152", "restore", "--dry-run", "--force", image, target);
        Path other = directory.resolve("other.platter");
        assertThat(succeed("capture", "--dry-run", disk, other).text())
                .contains("would capture " + disk + ": 2.0 MiB (2097152 bytes), sectors of 512")
                .contains("a new file");
        assertThat(other).doesNotExist();
        byte[] before = Files.readAllBytes(image);
        assertRefused("--append adds an image to it", "capture", "--dry-run", disk, image);
        assertThat(succeed("capture", "--dry-run", "--append", disk, image).text())
                .contains(" with 1 image\n");
        assertThat(image).hasBinaryContent(before);
    }

    @Test
    void aDryRunAndAFailureAreJsonObjectsIfThatIsAskedFor() {
        assertThat(succeed("restore", "--dry-run", "--json", image, directory.resolve("x"))
                        .text())
                .startsWith("{\"type\":\"dryRun\",\"command\":\"restore\",\"image\":1,\"diskSize\":2097152,")
                .contains("\"fits\":true")
                .containsOnlyOnce("\n");
        assertThat(succeed("capture", "--dry-run", "--json", disk, directory.resolve("x"))
                        .text())
                .startsWith("{\"type\":\"dryRun\",\"command\":\"capture\",")
                .contains("\"fits\":true")
                .containsOnlyOnce("\n");
        ProgramResult failed = ProgramResult.of("restore", "--json", disk, directory.resolve("x"));
        assertThat(failed.text()).isEmpty();
        assertThat(failed.errors())
                .isEqualTo("{\"type\":\"error\",\"error\":\"" + disk
                        + " is not a Platter image; convert reads other formats\",\"exitCode\":1}\n");
        assertThat(ProgramResult.of("capture", "--json", "--levl", "3").errors())
                .startsWith("{\"type\":\"error\"")
                .containsOnlyOnce("\n");
    }

    @Test
    @Tag("root")
    void aFullDiskIsSaidBeforeAndLeavesNothing() throws IOException {
        Oracle.requireRoot();
        Path small = Files.createDirectory(directory.resolve("small"));
        Oracle.of("mount").run("-t", "tmpfs", "-o", "size=64k", "tmpfs", small);
        try {
            ProgramResult dry = ProgramResult.of("restore", "--dry-run", image, small.resolve("x"));
            assertThat(dry.text()).contains("the restore will fail");
            assertThat(dry.exitCode()).isEqualTo(3);
            assertThat(ProgramResult.of("capture", "--dry-run", disk, small.resolve("x"))
                            .exitCode())
                    .isEqualTo(3);
            Files.write(small.resolve("full"), new byte[60 << 10]);
            for (boolean empty : new boolean[] {false, true}) {
                if (!empty) {
                    Files.write(small.resolve("rest"), new byte[4096]);
                } else {
                    Files.delete(small.resolve("rest"));
                }
                for (String command : List.of("restore", "capture", "convert")) {
                    Path from = command.equals("restore") ? image : disk;
                    Path to = small.resolve("x.platter");
                    ProgramResult result = command.equals("convert")
                            ? ProgramResult.of(command, "--from", "raw", from, to)
                            : ProgramResult.of(command, from, to);
                    assertThat(result.exitCode()).isEqualTo(3);
                    assertThat(result.errors()).contains("No space left on device", to.toString());
                    try (var left = Files.list(small)) {
                        assertThat(left).doesNotContain(small.resolve("x.platter.lock"), to);
                    }
                    Files.deleteIfExists(small.resolve("x.platter.partial"));
                }
            }
        } finally {
            Oracle.of("umount").run(small);
        }
    }

    @Test
    @Tag("root")
    void anImageOnTheDiskThatItIsOfIsHintedAt() throws IOException {
        Oracle.requireRoot();
        Path file = Files.write(directory.resolve("device.img"), new byte[16 << 20]);
        Path point = Files.createDirectory(directory.resolve("mnt"));
        try (LoopDevice loop = LoopDevice.attach(file)) {
            Oracle.of("mkfs.ext4").run("-q", "-F", loop.path());
            Oracle.of("mount").run("-t", "ext4", loop.path(), point);
            try {
                Path inside = point.resolve("x.platter");
                ProgramResult result = ProgramResult.of("capture", loop.path(), inside);
                assertThat(result.errors()).contains(inside + " is stored on " + loop.path());
                assertThat(result.exitCode()).isZero();
            } finally {
                Oracle.of("umount").run(point);
            }
        }
    }

    @Test
    void imagesAreListedInATable() {
        succeed("capture", "--append", "--property", "name=a\u001b[31m\nimage 9", disk, image);
        String table = succeed("info", image).text();
        assertThat(table.lines().filter(line -> line.startsWith("image "))).hasSize(2);
        assertThat(table).contains("2 images").contains("  a\\x1b[31m\\nimage 9\n");
        assertThat(succeed("info", "--image", "2", image).text())
                .contains("image 2: disk of 2.0 MiB (2097152 bytes), sectors of 512\n  id ")
                .contains("name = a\\x1b[31m\\nimage 9\n")
                .doesNotContain("image 1:");
    }

    @Test
    void verifySaysItInJson() throws IOException {
        assertThat(succeed("verify", "--json", image).text()).contains("{\"type\":\"report\",\"images\":1,");
        assertThat(succeed("verify", "--json", "--disk", disk, image).text())
                .contains("{\"type\":\"report\",\"image\":1,\"differences\":[]}");
        Files.write(disk, new byte[2 << 20]);
        ProgramResult result = ProgramResult.of("verify", "--json", "--disk", disk, image);
        assertThat(result.text()).contains("\"differences\":[[");
        assertThat(result.exitCode()).isEqualTo(1);
    }

    @Test
    @Tag("root")
    void aDeviceIsRestoredFromAStreamAndGetsTables() throws IOException {
        Oracle.requireRoot();
        Path file = Files.write(directory.resolve("device.img"), new byte[4 << 20]);
        try (LoopDevice loop = LoopDevice.attach(file)) {
            ProgramResult result =
                    ProgramResult.withInput(Files.readAllBytes(image), "restore", "--force", "-", loop.path());
            assertThat(result.errors()).isEmpty();
            assertThat(result.exitCode()).isZero();
            assertThat(java.util.Arrays.copyOf(Files.readAllBytes(loop.path()), DISK.length))
                    .isEqualTo(DISK);
            succeed("partition-table", "write", "--force", loop.path(), "linux,1M,data");
            succeed("partition-table", "repair", loop.path());
        }
        assertThat(Oracle.of("sgdisk").run("-v", file)).contains("No problems found");
    }
}

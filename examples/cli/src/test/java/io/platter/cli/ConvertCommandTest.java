package io.platter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.test.Oracle;
import io.platter.testkit.DiskModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code convert} and {@code info} as a user calls them. */
@Timeout(60)
class ConvertCommandTest {
    private final byte[] disk = DiskModel.random(91, 3 << 20, 200_000).bytes();
    private Path raw;

    @TempDir
    Path directory;

    @BeforeEach
    void writeDisk() throws IOException {
        raw = Files.write(file("disk.img"), disk);
    }

    private Path file(String name) {
        return directory.resolve(name);
    }

    private static ProgramResult succeed(Object... words) {
        ProgramResult result = ProgramResult.of(words);
        assertThat(result.errors()).isEmpty();
        assertThat(result.exitCode()).isZero();
        return result;
    }

    private static void assertFails(int exitCode, String message, Object... words) {
        ProgramResult result = ProgramResult.of(words);
        assertThat(result.errors()).contains(message);
        assertThat(result.exitCode()).isEqualTo(exitCode);
    }

    @Test
    void aDiskGoesThroughAllFormatsAndComesBack() {
        Path before = raw;
        List<String> names = List.of("a.qcow2", "b.vmdk", "c.vhdx", "d.vhd", "e.vdi", "f.simg", "g.platter", "h.raw");
        for (String name : names) {
            String[] from = before.equals(raw) ? new String[] {"--from", "raw"} : new String[] {"--threads", "2"};
            succeed("convert", from[0], from[1], "--verify", before, file(name));
            before = file(name);
        }
        assertThat(before).hasBinaryContent(disk);
    }

    @Test
    void theReportTellsWhatWasDone() {
        ProgramResult text = succeed("convert", "--from", "raw", "--compress", "--verify", raw, file("a.qcow2"));
        assertThat(text.text()).startsWith("converted 3.0 MiB (" + disk.length + " bytes) and verified them: ");
        ProgramResult json = succeed("convert", "--json", file("a.qcow2"), file("b.vdi"));
        assertThat(json.text()).contains("{\"type\":\"progress\",\"phase\":\"finish\"");
        assertThat(json.text())
                .contains("{\"type\":\"report\",\"diskSize\":" + disk.length)
                .contains("\"unreadable\":[]")
                .contains("\"verified\":false,\"differences\":[]");
    }

    @Test
    void infoTellsFormatSizesAndSnapshots() {
        Oracle.of("qemu-img").run("convert", "-f", "raw", "-O", "qcow2", raw, file("a.qcow2"));
        Oracle.of("qemu-img").run("snapshot", "-c", "before", file("a.qcow2"));
        assertThat(succeed("info", file("a.qcow2")).text())
                .contains(": qcow2, disk of 3.0 MiB (" + disk.length + " bytes), sectors of 512")
                .contains("blocks of   64.0 KiB (65536 bytes)")
                .contains("snapshot 1: before, disk of 3.0 MiB (" + disk.length + " bytes)");
        assertThat(succeed("info", "--json", file("a.qcow2")).text())
                .contains("\"format\":\"qcow2\",\"diskSize\":" + disk.length)
                .contains("\"snapshots\":[{\"id\":\"1\",\"name\":\"before\"");
        assertThat(succeed("info", "--json", "--from", "raw", raw).text()).contains("\"blockSize\":0");
        succeed("convert", file("a.qcow2"), file("b.platter"));
        assertThat(succeed("info", file("b.platter")).text())
                .contains("1 image\n")
                .contains("  id  ");
    }

    @Test
    void aSnapshotIsReadByItsName() throws IOException {
        Oracle.of("qemu-img").run("convert", "-f", "raw", "-O", "qcow2", raw, file("a.qcow2"));
        Oracle.of("qemu-img").run("snapshot", "-c", "before", file("a.qcow2"));
        Oracle.of("qemu-io").run("-f", "qcow2", "-c", "write -P 0xab 0 1M", file("a.qcow2"));
        succeed("convert", "--snapshot", "before", file("a.qcow2"), file("b.raw"));
        assertThat(file("b.raw")).hasBinaryContent(disk);
        succeed("convert", file("a.qcow2"), file("c.raw"));
        assertThat(Files.readAllBytes(file("c.raw"))).startsWith(0xab).isNotEqualTo(disk);
        assertFails(1, "none of 1", "convert", "--snapshot", "after", file("a.qcow2"), file("d.raw"));
    }

    @Test
    void rawIsNeverGuessed() {
        assertFails(2, "is it raw? --from names its format", "convert", raw, file("a.qcow2"));
        assertFails(2, "is it raw? --from names its format", "info", raw);
        assertThat(file("a.qcow2")).doesNotExist();
    }

    @Test
    void theFormatOfTheNewFileIsNamedOrPlain() {
        assertFails(2, "does not tell its format", "convert", "--from", "raw", raw, file("disk.bin"));
        assertFails(2, "expected one of", "convert", "--from", "raw", "--to", "vmfs", raw, file("a"));
        assertFails(2, "can't be written", "convert", "--from", "raw", "--to", "partclone", raw, file("a"));
        assertFails(2, "has no compression", "convert", "--from", "raw", "--compress", raw, file("a.vdi"));
        succeed("convert", "--from", "raw", "--to", "vdi", raw, file("disk.bin"));
    }

    @Test
    void anExistingFileIsReplacedByForceOnly() throws IOException {
        Files.writeString(file("a.qcow2"), "mine");
        assertFails(2, "--force", "convert", "--from", "raw", raw, file("a.qcow2"));
        assertThat(file("a.qcow2")).hasContent("mine");
        succeed("convert", "--from", "raw", "--force", raw, file("a.qcow2"));
        assertFails(2, "would be destroyed", "convert", "--force", "--to", "raw", file("a.qcow2"), file("a.qcow2"));
        succeed("convert", "--force", "--to", "raw", file("a.qcow2"), file("b"));
        assertThat(file("b")).hasBinaryContent(disk);
        try (var files = Files.list(directory)) {
            assertThat(files).hasSize(3);
        }
    }

    @Test
    void formatsOfOnePassGoToStandardOutput() throws IOException {
        ProgramResult piped = ProgramResult.of("convert", "--from", "raw", "--to", "raw", raw, "-");
        assertThat(piped.output()).isEqualTo(disk);
        assertThat(piped.errors()).startsWith("converted ");
        Files.write(
                file("a.vmdk"),
                ProgramResult.of("convert", "--from", "raw", "--to", "vmdk", raw, "-")
                        .output());
        succeed("convert", file("a.vmdk"), file("b.raw"));
        assertThat(file("b.raw")).hasBinaryContent(disk);
        assertFails(2, "channel that can seek", "convert", "--from", "raw", "--to", "qcow2", raw, "-");
        assertFails(2, "--to does", "convert", "--from", "raw", raw, "-");
        assertFails(2, "none of --json", "convert", "--from", "raw", "--to", "raw", "--verify", raw, "-");
        assertFails(2, "can't seek", "convert", "--from", "raw", "-", file("c.raw"));
    }

    @Test
    void parentsAreOpenedInTheNamedDirectoryOnly() throws IOException {
        Path parents = Files.createDirectory(file("parents"));
        Path elsewhere = Files.createDirectory(file("elsewhere"));
        Oracle.of("qemu-img").run("convert", "-f", "raw", "-O", "qcow2", raw, parents.resolve("base.qcow2"));
        Path child = file("child.qcow2");
        Oracle.of("qemu-img").run("create", "-f", "qcow2", "-F", "qcow2", "-b", parents.resolve("base.qcow2"), child);
        assertFails(1, "no resolver is given", "convert", child, file("a.raw"));
        assertFails(1, "which is not in", "convert", "--resolve", elsewhere, child, file("a.raw"));
        Files.createSymbolicLink(elsewhere.resolve("base.qcow2"), parents.resolve("base.qcow2"));
        assertFails(1, "which is not in", "convert", "--resolve", elsewhere, child, file("a.raw"));
        succeed("convert", "--resolve", parents, child, file("a.raw"));
        assertThat(file("a.raw")).hasBinaryContent(disk);
        assertThat(succeed("info", "--resolve", parents, child).text()).contains(": qcow2, ");
    }

    @Test
    void aDamagedFileIsRefusedAndLeavesNothing() throws IOException {
        succeed("convert", "--from", "raw", "--compress", raw, file("a.qcow2"));
        byte[] damaged = Files.readAllBytes(file("a.qcow2"));
        java.util.Arrays.fill(damaged, 70_000, 400_000, (byte) 0xff);
        Files.write(file("a.qcow2"), damaged);
        assertFails(1, "a.qcow2", "convert", file("a.qcow2"), file("b.raw"));
        try (var files = Files.list(directory)) {
            assertThat(files).hasSize(2);
        }
    }
}

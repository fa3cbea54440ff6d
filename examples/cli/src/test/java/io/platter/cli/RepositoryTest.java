package io.platter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.repository.Repository;
import io.platter.test.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands of repositories. */
@Timeout(60)
class RepositoryTest {
    @TempDir
    Path directory;

    private Path disk = Path.of("");
    private String repository = "";

    @BeforeEach
    void writeDisk() throws IOException {
        byte[] noise = new byte[6 << 20];
        new Random(1).nextBytes(noise);
        disk = Files.write(directory.resolve("disk.img"), noise);
        repository = directory.resolve("repository").toString();
    }

    private static String succeed(Object... words) {
        ProgramResult result = ProgramResult.of(words);
        assertThat(result.errors()).isEmpty();
        assertThat(result.exitCode()).isZero();
        return result.text();
    }

    private static void fail(int exitCode, String message, Object... words) {
        ProgramResult result = ProgramResult.of(words);
        assertThat(result.errors()).contains(message);
        assertThat(result.exitCode()).isEqualTo(exitCode);
    }

    private static ProgramResult capture(Object... words) {
        ProgramResult result = ProgramResult.of(words);
        assertThat(result.exitCode()).as(result.errors()).isZero();
        return result;
    }

    @Test
    void anImageGoesInAndComesOut() throws IOException {
        assertThat(succeed("repository", "init", repository))
                .contains("made repository")
                .contains(repository);
        String json = capture(
                        "repository",
                        "capture",
                        "--json",
                        "--name",
                        "web 1",
                        "--property",
                        "ticket=7",
                        repository,
                        disk)
                .text();
        String id = json.replaceAll("(?s).*\"id\":\"([0-9a-f]{64})\".*", "$1");
        assertThat(succeed("repository", "list", repository))
                .contains(id.substring(0, 12))
                .contains("web 1");
        assertThat(succeed("repository", "list", "--json", repository))
                .startsWith("{\"id\":\"" + id + "\",\"name\":\"web 1\",\"time\":\"")
                .contains("\"diskSize\":6291456")
                .contains("\"ticket\":\"7\"");
        assertThat(succeed("repository", "list", "--name", "web", repository).lines())
                .hasSize(1);
        Path restored = directory.resolve("restored.img");
        capture("repository", "restore", repository, "web 1", restored);
        assertThat(Files.mismatch(disk, restored)).isEqualTo(-1);
        fail(2, "--force allows it", "repository", "restore", repository, id.substring(0, 6), restored);
        Files.write(restored, new byte[6 << 20]);
        capture("repository", "restore", "--force", "--compare", repository, id.substring(0, 6), restored);
        assertThat(Files.mismatch(disk, restored)).isEqualTo(-1);
    }

    @Test
    void whatIsForgottenIsFreed() throws IOException {
        succeed("repository", "init", repository);
        capture("repository", "capture", "--name", "a", repository, disk);
        byte[] other = new byte[6 << 20];
        new Random(2).nextBytes(other);
        Files.write(disk, other);
        capture("repository", "capture", "--name", "a", repository, disk);
        assertThat(succeed("repository", "forget", "--keep-last", "1", "--dry-run", repository))
                .contains("kept: last 1 of 1")
                .contains("would be forgotten");
        assertThat(succeed("repository", "list", repository).lines()).hasSize(3);
        assertThat(succeed("repository", "forget", "--keep-last", "1", repository))
                .contains("forgotten");
        assertThat(succeed("repository", "list", repository).lines()).hasSize(2);
        fail(2, "nothing says what is kept", "repository", "forget", repository);
        long before = packBytes();
        assertThat(succeed("repository", "collect", "--grace", "0", repository)).contains("gave up 2 packs");
        assertThat(succeed("repository", "collect", "--grace", "0", "--json", repository))
                .contains("\"packsDeleted\":2");
        assertThat(packBytes()).isLessThan(before * 6 / 10);
        assertThat(succeed("repository", "stats", "--json", repository)).contains("\"images\":1,\"diskBytes\":6291456");
        assertThat(capture("repository", "check", "--full", repository).text()).contains("sound");
    }

    private long packBytes() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(repository).resolve("packs"))) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    @Test
    void damageEndsACheckWithOne() throws IOException {
        succeed("repository", "init", repository);
        capture("repository", "capture", "--name", "a", repository, disk);
        try (Stream<Path> files = Files.walk(Path.of(repository).resolve("packs"))) {
            for (Path pack : files.filter(Files::isRegularFile).toList()) {
                Files.delete(pack);
            }
        }
        ProgramResult result = ProgramResult.of("repository", "check", repository);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.text()).contains("a of ").contains("is not there");
        fail(1, "the pack is not there", "repository", "restore", repository, "a", directory.resolve("out.img"));
        assertThat(directory.resolve("out.img")).doesNotExist();
    }

    @Test
    void whatIsNoRepositoryIsRefused() {
        fail(3, "does not exist", "repository", "list", repository);
        fail(2, "is not a directory", "repository", "list", disk);
        fail(3, "is no repository; init makes one", "repository", "capture", "--name", "a", directory, disk);
        fail(2, "no repository can be at ftp://bucket/x", "repository", "list", "ftp://bucket/x");
        fail(2, "is no address", "repository", "list", "s3://a b");
        fail(2, "expected http://HOST:PORT", "repository", "list", "--endpoint", "host:80", "s3://bucket/x");
        fail(2, "are for s3://", "repository", "list", "--endpoint", "http://host", directory);
        fail(2, "are for s3://", "map", "--region", "x", disk);
        succeed("repository", "init", repository);
        fail(2, "is a repository already", "repository", "init", repository);
        fail(2, "no image of the name", "repository", "restore", repository, "nothing", directory.resolve("x"));
        fail(2, "name of 129 bytes", "repository", "capture", "--name", "x".repeat(129), repository, disk);
    }

    @Test
    void aStreamIsCapturedUnderAName() throws IOException {
        succeed("repository", "init", repository);
        fail(2, "--name gives it one", "repository", "capture", repository, "-");
    }

    @Test
    void imagesTravelBetweenFilesAndRepositories() throws IOException {
        Path file = directory.resolve("web.platter");
        capture("capture", disk, file);
        succeed("repository", "init", repository);
        String other = directory.resolve("other").toString();
        succeed("repository", "init", other);
        assertThat(succeed("repository", "import", repository, file)).contains("imported image ");
        assertThat(succeed("repository", "import", repository, file)).contains("is there already");
        assertThat(succeed("repository", "list", repository).lines())
                .hasSize(2)
                .element(1)
                .asString()
                .contains("web");
        assertThat(succeed("repository", "import", "--name", "b", "--image", "1", "--json", repository, file))
                .contains("\"frames\":0");
        fail(2, "no image 2", "repository", "import", "--image", "2", repository, file);
        assertThat(succeed("repository", "copy", repository, "web", "b", other).lines())
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).startsWith("copied image "));
        Path out = directory.resolve("out.platter");
        assertThat(succeed("repository", "export", other, "b", out)).contains("exported image ");
        fail(2, "out.platter", "repository", "export", other, "b", out);
        capture("verify", out);
        Path restored = directory.resolve("restored.img");
        capture("restore", out, restored);
        assertThat(Files.mismatch(disk, restored)).isEqualTo(-1);
    }

    @Test
    void aCopyNeedsAnotherRepository() {
        succeed("repository", "init", repository);
        fail(2, "OTHER is missing", "repository", "copy", repository, "a");
        fail(3, "does not exist", "repository", "copy", repository, "a", directory.resolve("nothing"));
        fail(2, "no image of the name", "repository", "copy", repository, "a", repository);
    }

    /** What each command that reads images says of one in a repository is what it says of the same one in a file. */
    @Test
    void anImageIsReadWhereItIs() throws IOException {
        Path file = directory.resolve("disk.plt");
        capture("capture", "--all", disk, file);
        succeed("repository", "init", repository);
        capture("repository", "capture", "--all", "--name", "web", repository, disk);
        Files.write(disk, new byte[1 << 20]);
        capture("repository", "capture", "--all", "--name", "other", repository, disk);

        assertThat(succeed("map", "--image", "web", repository)).isEqualTo(succeed("map", file));
        ProgramResult read = ProgramResult.of("read", "--image", "web", repository, "3M", "1M");
        assertThat(read.output())
                .hasSize(1 << 20)
                .isEqualTo(ProgramResult.of("read", file, "3M", "1M").output());
        assertThat(succeed("info", "--image", "web", repository))
                .startsWith("web of " + repository + ": ")
                .contains(succeed("info", file)
                        .lines()
                        .filter(line -> line.contains(" content "))
                        .findFirst()
                        .orElseThrow());
        assertThat(ProgramResult.of("verify", "--disk", disk, "--image", "web", repository)
                        .exitCode())
                .isEqualTo(1);
        capture("verify", "--disk", disk, "--image", "other", repository);
        Path restored = directory.resolve("restored.img");
        capture("restore", "--image", "web", repository, restored);
        assertThat(restored).hasSize(6 << 20);
        capture("verify", "--disk", restored, file);
        assertThat(succeed("restore", "--dry-run", "--force", "--image", "web", repository, restored))
                .contains("nothing was written");
    }

    @Test
    void anImageOfARepositoryHasToBeNamed() throws IOException {
        succeed("repository", "init", repository);
        capture("repository", "capture", "--name", "web", repository, disk);
        Path out = directory.resolve("out.qcow2");
        fail(2, "--image says which of its images", "map", repository);
        fail(2, "repository check --full checks", "verify", "--image", "web", repository);
        fail(2, "--image says which of its images", "convert", repository, out);
        fail(2, "no image of the name", "info", "--image", "wob", repository);
        fail(2, "is none of format raw", "convert", "--from", "raw", "--image", "web", repository, out);
        fail(2, "one of them is enough", "convert", "--snapshot", "1", "--image", "web", repository, out);
        fail(2, "expected an image file or a repository", "info", directory);
    }

    /** Deleted, overwritten and new files of a filesystem that proves what it uses: the same content as of a capture of all. */
    @Test
    void onlyWhatWasChangedIsRead() throws IOException {
        Path files = Files.createDirectory(directory.resolve("files"));
        for (int file = 0; file < 12; file++) {
            Files.write(files.resolve("f" + file), noise(file, 2_000_000 + file * 1000));
        }
        Oracle.of("mke2fs").run("-q", "-t", "ext4", "-E", "lazy_itable_init=0", "-d", files, disk, "64M");
        succeed("repository", "init", repository);
        capture("repository", "capture", "--name", "web", repository, disk);
        byte[] before = Files.readAllBytes(disk);
        Path added = Files.write(directory.resolve("added"), noise(99, 3_000_000));
        Oracle.of("debugfs").runWithInput("rm f3\nrm f4\nwrite " + added + " g\nrm f9\n", "-w", "-f", "-", disk);
        byte[] after = Files.readAllBytes(disk);
        StringBuilder changed = new StringBuilder("# offset length\n\n");
        for (int at = 0; at < after.length; at += 4096) {
            if (Arrays.mismatch(before, at, at + 4096, after, at, at + 4096) >= 0) {
                changed.append(at).append(' ').append(4096).append('\n');
            }
        }
        Path list = Files.writeString(directory.resolve("changed"), changed);
        String report = capture("repository", "capture", "--json", "--changed", list, "--name", "web", repository, disk)
                .text();
        assertThat(Long.parseLong(report.replaceAll("(?s).*\"bytesRead\":([0-9]+).*", "$1")))
                .isBetween(3_000_000L, 18_000_000L);
        String whole = directory.resolve("whole").toString();
        succeed("repository", "init", whole);
        capture("repository", "capture", "--name", "web", whole, disk);
        try (Repository told = Repository.open(Path.of(repository));
                Repository read = Repository.open(Path.of(whole))) {
            assertThat(told.image("web").info().rootHash())
                    .isEqualTo(read.image("web").info().rootHash());
        }
        Path restored = directory.resolve("restored.img");
        capture("repository", "restore", repository, "web", restored);
        Oracle.of("e2fsck").run("-fn", restored);
        Oracle.of("debugfs").run("-R", "dump g " + directory.resolve("g"), restored);
        assertThat(Files.mismatch(added, directory.resolve("g"))).isEqualTo(-1);

        fail(2, "no image of the name", "repository", "capture", "--changed", list, "--name", "x", repository, disk);
        fail(2, "--changed is for a disk", "repository", "capture", "--changed", list, "--name", "x", repository, "-");
        Files.writeString(list, "1 2\n3\n");
        fail(2, "line 2 of " + list, "repository", "capture", "--changed", list, "--name", "web", repository, disk);
    }

    private static byte[] noise(int seed, int size) {
        byte[] noise = new byte[size];
        new Random(seed).nextBytes(noise);
        return noise;
    }
}

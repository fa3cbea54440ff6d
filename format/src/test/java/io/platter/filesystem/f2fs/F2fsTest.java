package io.platter.filesystem.f2fs;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.ExtentSet;
import io.platter.block.FileDevice;
import io.platter.block.MemoryDevice;
import io.platter.filesystem.kit.FileTree;
import io.platter.filesystem.kit.FileTree.Kind;
import io.platter.filesystem.kit.SurvivalProof;
import io.platter.test.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** F2FS, made and filled by its own tools: the kernel here can't mount it, so nothing is ever deleted in these images. */
final class F2fsTest {
    private static final long MIB = 1 << 20;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-O quota",
                "-i -o 20",
                "-O extra_attr,inode_checksum,sb_checksum,inode_crtime,casefold -C utf8",
                "-O extra_attr,compression,ro"
            })
    void allThatIsLeftOutMayBeGarbage(String options) throws IOException {
        Path image = aFilesystem(options);
        Path source = Files.createDirectory(directory.resolve("source"));
        FileTree.populate(source, 3, 20, 2_000_000, Kind.PLAIN);
        Oracle.of("sload.f2fs").run("-P", "-f", source, image);

        AllocationMap map = aProof().of(image);
        if (!options.contains("extra_attr")) {
            // With extra attributes, dump.f2fs takes some of them for the contents of very small files.
            assertThat(new F2fsDump(image).files()).isEqualTo(F2fsDump.contents(source));
        }
        assertThat(map.used()).isEqualTo(new F2fsDump(image).used());
        assertThat(map.state()).isEqualTo(VolumeState.CLEAN);
        assertThat(map.label()).isEqualTo("a label");
        assertThat(Oracle.of("blkid").run("-o", "value", "-s", "UUID", image).strip())
                .isEqualTo(map.uuid());
    }

    @Test
    void aFreshFilesystemKeepsItsTableInTheJournal() throws IOException {
        Path image = aFilesystem("-O quota");
        assertThat(aProof().of(image).used()).isEqualTo(new F2fsDump(image).used());
    }

    @Test
    void theYoungerCheckpointAndTheMarkedCopyOfTheTableCount() throws IOException {
        Path image = aFilesystem("-O quota");
        Oracle.of("sload.f2fs").run("-f", Files.createDirectory(directory.resolve("source")), image);
        AllocationMap before = map(image);
        F2fsImage edited = F2fsImage.read(image);
        edited.useSecondTable();
        edited.moveToSecondCheckpoint();
        edited.write(image);
        AllocationMap after = aProof().of(image);
        assertThat(after.used()).isEqualTo(before.used()).isEqualTo(new F2fsDump(image).used());
    }

    @Test
    void aSecondDeviceMakesAllUsed() throws IOException {
        Path other = directory.resolve("other.img");
        FileDevice.create(other, 96 * MIB).close();
        assertWhole(aFilesystem("-c " + other), Reason.MULTIPLE_DEVICES);
    }

    @Test
    void aVolumeThatEndsTooEarlyIsUsedWhole() throws IOException {
        Path image = aFilesystem("-O quota");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(95 * MIB);
        }
        assertWhole(image, Reason.TRUNCATED);
    }

    @Test
    void otherBytesAreNotF2fs() throws IOException {
        assertThat(new F2fs().map(MemoryDevice.ofSize(0))).isEmpty();
        assertThat(new F2fs().map(MemoryDevice.ofSize(1 << 20))).isEmpty();
    }

    private static SurvivalProof aProof() {
        return new SurvivalProof(new F2fs(), image -> new F2fsDump(image).files())
                .check(image -> assertThat(Oracle.of("fsck.f2fs").run("--dry-run", image))
                        .contains("[Ok..]")
                        .doesNotContain("[Fail]")
                        .doesNotContain("ASSERT"));
    }

    private static AllocationMap map(Path image) throws IOException {
        return aProof().map(image);
    }

    private static void assertWhole(Path image, Reason reason) throws IOException {
        AllocationMap map = map(image);
        assertThat(map.reason()).as(map.detail()).isEqualTo(reason);
        assertThat(map.used()).isEqualTo(ExtentSet.of(0, Files.size(image)));
    }

    private Path aFilesystem(String options) throws IOException {
        Path image = directory.resolve("f2fs.img");
        FileDevice.create(image, 96 * MIB).close();
        List<Object> arguments = new ArrayList<>(List.of("-q", "-l", "a label"));
        arguments.addAll(List.of(options.split(" ")));
        arguments.add(image);
        Oracle.of("mkfs.f2fs").run(arguments.toArray());
        return image;
    }
}

package io.platter.filesystem.btrfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.ExtentSet;
import io.platter.block.FileDevice;
import io.platter.block.MemoryDevice;
import io.platter.filesystem.kit.FileTree;
import io.platter.filesystem.kit.FileTree.Kind;
import io.platter.filesystem.kit.Mount;
import io.platter.filesystem.kit.SurvivalProof;
import io.platter.test.Oracle;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("root")
final class BtrfsTest {
    private static final long MIB = 1 << 20;
    /** The first MiB, and 64 KiB at the copy of the superblock. */
    private static final long FIXED = MIB + (64 << 10);

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "128, -m dup, ''",
        "256, -m dup -d dup --nodesize 4096, ''",
        "128, -m single -O ^skinny-metadata, compress=zstd",
        "96, --mixed --nodesize 4096, nodatacow",
        "224, --csum sha256 --nodesize 65536, compress=lzo",
        "128, -O ^no-holes -R ^free-space-tree, space_cache=v1"
    })
    void allThatIsLeftOutMayBeGarbage(int mebibytes, String options, String mountOptions) throws IOException {
        Path image = aFilesystem(mebibytes, options);
        populate(image, mountOptions);
        prove(image);
    }

    @Test
    void blockGroupsMayStandInATreeOfTheirOwn() throws IOException {
        Path image = directory.resolve("btrfs.img");
        try (InputStream in = new GZIPInputStream(Objects.requireNonNull(
                BtrfsTest.class.getResourceAsStream("/filesystem/btrfs-block-group-tree.img.gz")))) {
            Files.copy(in, image);
        }
        prove(image);
    }

    @Test
    void nodesMayCarryAnIdentityOfTheirOwn() throws IOException {
        Path image = aFilesystem(128, "-m dup");
        Oracle.of("btrfstune").run("-m", image);
        prove(image);
    }

    private static void prove(Path image) throws IOException {
        SurvivalProof proof = new SurvivalProof(new Btrfs(), "btrfs").check(checked -> {
            Oracle.of("btrfs").run("check", "--readonly", checked);
            try (Mount mount = Mount.readOnly(checked, "btrfs", "")) {
                assertThat(Oracle.of("btrfs").run("scrub", "start", "-B", "-r", mount.directory()))
                        .contains("no errors found");
            }
        });
        AllocationMap map = proof.of(image);
        ExtentSet theirs = new BtrfsDump(image).physical();
        assertThat(map.used().intersection(theirs)).isEqualTo(theirs);
        assertThat(map.used().bytes()).isBetween(theirs.bytes() + 1, theirs.bytes() + FIXED);
        assertThat(map.label()).isEqualTo("a label");
        assertThat(Oracle.of("blkid").run("-o", "value", "-s", "UUID", image).strip())
                .isEqualTo(map.uuid());
    }

    @Test
    void aLogTreeMakesAllUsed() throws IOException {
        Path image = aFilesystem(128, "-m dup");
        Path crashed = directory.resolve("crashed.img");
        try (Mount mount = Mount.writable(image, "btrfs", "")) {
            Files.write(mount.directory().resolve("old"), new byte[10_000]);
            Oracle.of("sync").run("--file-system", mount.directory());
            Path file = mount.directory().resolve("new");
            Files.write(file, new byte[10_000]);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Oracle.of("cp").run("--sparse=always", image, crashed);
        }
        assertWhole(crashed, Reason.JOURNAL_DIRTY, VolumeState.DIRTY);
        assertThat(map(image).reason()).isEqualTo(Reason.NONE);
    }

    @Test
    void aSecondDeviceMakesAllUsed() throws IOException {
        Path other = directory.resolve("other.img");
        FileDevice.create(other, 128 * MIB).close();
        Path image = aFilesystem(128, "-m dup -d single " + other);
        assertWhole(image, Reason.MULTIPLE_DEVICES, VolumeState.UNKNOWN);
        assertWhole(other, Reason.MULTIPLE_DEVICES, VolumeState.UNKNOWN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"xxhash", "blake2"})
    void aChecksumThatWeCantComputeMakesAllUsed(String checksum) throws IOException {
        assertWhole(aFilesystem(128, "--csum " + checksum), Reason.UNKNOWN_FEATURE, VolumeState.UNKNOWN);
    }

    @Test
    void aVolumeThatEndsTooEarlyIsUsedWhole() throws IOException {
        Path image = aFilesystem(128, "-m dup");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(127 * MIB);
        }
        assertWhole(image, Reason.TRUNCATED, VolumeState.UNKNOWN);
    }

    @Test
    void whatLiesBehindTheFilesystemIsUsed() throws IOException {
        Path image = aFilesystem(128, "-m dup --byte-count 120M");
        AllocationMap map = map(image);
        assertThat(map.reason()).isEqualTo(Reason.NONE);
        assertThat(map.used().contains(120 * MIB, 8 * MIB)).isTrue();
        assertThat(map.used().intersects(119 * MIB, MIB)).isFalse();
    }

    @Test
    void otherBytesAreNotBtrfs() throws IOException {
        assertThat(new Btrfs().map(MemoryDevice.ofSize(0))).isEmpty();
        assertThat(new Btrfs().map(MemoryDevice.ofSize(1 << 20))).isEmpty();
    }

    private static AllocationMap map(Path image) throws IOException {
        return new SurvivalProof(new Btrfs(), "btrfs").map(image);
    }

    private static void assertWhole(Path image, Reason reason, VolumeState state) throws IOException {
        AllocationMap map = map(image);
        assertThat(map.reason()).as(map.detail()).isEqualTo(reason);
        assertThat(map.state()).isEqualTo(state);
        assertThat(map.used()).isEqualTo(ExtentSet.of(0, Files.size(image)));
        assertThat(map.label()).isEqualTo("a label");
    }

    private Path aFilesystem(int mebibytes, String options) throws IOException {
        Path image = directory.resolve("btrfs.img");
        FileDevice.create(image, mebibytes * MIB).close();
        List<Object> arguments = new ArrayList<>(List.of("--quiet", "--label", "a label"));
        arguments.addAll(List.of(options.split(" ")));
        arguments.add(image);
        Oracle.of("mkfs.btrfs").run(arguments.toArray());
        return image;
    }

    /** Fills a filesystem; some of the files are shared with a snapshot, and a subvolume was there once. */
    private static void populate(Path image, String mountOptions) throws IOException {
        Oracle btrfs = Oracle.of("btrfs");
        try (Mount mount = Mount.writable(image, "btrfs", mountOptions)) {
            Path root = mount.directory();
            FileTree.populate(root, 1, 60, 1_000_000, Kind.POSIX_WITH_ATTRIBUTES);
            btrfs.run("subvolume", "snapshot", root, root.resolve("snapshot"));
            btrfs.run("subvolume", "create", root.resolve("passing"));
            Files.write(root.resolve("passing/file"), new byte[300_000]);
            btrfs.run("subvolume", "delete", "--commit-after", root.resolve("passing"));
            FileTree.populate(Files.createDirectory(root.resolve("more")), 2, 30, 200_000, Kind.PLAIN);
        }
    }
}

package io.platter.filesystem.xfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.filesystem.kit.FileTree;
import io.platter.filesystem.kit.Mount;
import io.platter.filesystem.kit.SurvivalProof;
import io.platter.test.LoopDevice;
import io.platter.test.Oracle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the map of XFS leaves out can be garbage. */
@Tag("root")
class XfsSurvivalTest {
    private static final int SIZE = 48 << 20;

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-b size=4096",
                "-b size=1024 -l size=4m",
                "-b size=2048 -s size=2048 -d agcount=1",
                "-s size=4096 -d agcount=3",
                "-m reflink=1,rmapbt=1,finobt=1,bigtime=1,inobtcount=1 -i nrext64=1,sparse=1 -d agcount=2",
                "-m reflink=0,rmapbt=0,finobt=0,bigtime=0,inobtcount=0 -i sparse=0,size=1024 -n size=8192",
                "-d su=64k,sw=2,agcount=2 -l su=64k,version=2,size=8m",
            })
    void survivesGarbageInWhatIsLeftOut(String options) throws IOException {
        Path image = make(options);
        fill(image, 1);
        prove(image);
    }

    @Test
    void survivesGarbageWithATreeOfSeveralLevels() throws IOException {
        Path image = make("-b size=1024 -d agcount=1 -l size=4m");
        try (Mount mount = Mount.writable(image, "xfs", "")) {
            for (int i = 0; i < 3000; i++) {
                Files.write(mount.directory().resolve("file" + i), new byte[1000 + i]);
            }
            Oracle.of("sync").run("-f", mount.directory());
            for (int i = 0; i < 3000; i += 2) {
                Files.delete(mount.directory().resolve("file" + i));
            }
        }
        assertThat(Oracle.of("xfs_db").run("-r", "-c", "agf 0", "-c", "p bnolevel", image))
                .contains("= 2");
        prove(image);
    }

    @Test
    void survivesGarbageAfterTheLogHasGoneRound() throws IOException {
        Path image = make("-b size=1024 -l size=4m");
        for (int round = 0; round < 3; round++) {
            try (Mount mount = Mount.writable(image, "xfs", "wsync")) {
                for (int i = 0; i < 500; i++) {
                    Files.delete(Files.createFile(mount.directory().resolve("file" + i)));
                }
            }
            prove(image);
        }
        assertThat(logCycle(image)).isGreaterThan(1);
    }

    private static int logCycle(Path image) throws IOException {
        String start = Oracle.of("xfs_db").run("-r", "-c", "sb 0", "-c", "p logstart", image);
        String block = start.replaceAll("\\D", "");
        String offset = Oracle.of("xfs_db").run("-r", "-c", "convert fsblock " + block + " byte", image);
        String bytes = offset.replaceAll(".*\\((\\d+)\\)\\s*", "$1");
        try (BlockDevice device = FileDevice.open(image, OpenMode.READ)) {
            ByteBuffer first = ByteBuffer.allocate(8);
            device.read(first, Long.parseLong(bytes));
            return first.getInt(0) == 0xFEEDBABE ? first.getInt(4) : first.getInt(0);
        }
    }

    @Test
    void copyOfAMountedFilesystemIsTakenWhole() throws IOException {
        Path image = make("-b size=1024 -l size=4m");
        Path copy = directory.resolve("copy");
        try (Mount mount = Mount.writable(image, "xfs", "")) {
            FileTree.populate(mount.directory(), 5, 10, 100_000, FileTree.Kind.POSIX);
            Oracle.of("sync").run("-f", mount.directory());
            Files.copy(image, copy);
        }
        AllocationMap map = new SurvivalProof(new Xfs(), "xfs").map(copy);
        assertThat(map.reason()).isEqualTo(Reason.JOURNAL_DIRTY);
        assertThat(map.state()).isEqualTo(VolumeState.DIRTY);
        assertThat(map.used()).isEqualTo(ExtentSet.of(0, SIZE));
    }

    @Test
    void filesystemWithAnotherIdentityThanItsStructuresIsMapped() throws IOException {
        Path image = make("-b size=1024 -l size=4m");
        fill(image, 2);
        Oracle.of("xfs_admin").run("-U", "generate", image);
        prove(image);
    }

    @Test
    void filesystemWhoseLogWasWipedByARepairIsMapped() throws IOException {
        Path image = make("-b size=1024 -l size=4m");
        fill(image, 3);
        Oracle.of("xfs_repair").run("-L", image);
        prove(image);
    }

    @Test
    void logOrRealtimeSectionElsewhereIsTakenWhole() throws IOException {
        Path other = directory.resolve("other");
        Files.write(other, new byte[16 << 20]);
        for (String option : List.of("-l logdev=", "-r rtdev=")) {
            try (LoopDevice device = LoopDevice.attach(other)) {
                Path image = make(option + device.path());
                AllocationMap map = new SurvivalProof(new Xfs(), "xfs").map(image);
                assertThat(map.reason()).isEqualTo(Reason.MULTIPLE_DEVICES);
                assertThat(map.used()).isEqualTo(ExtentSet.of(0, SIZE));
            }
        }
    }

    private static void fill(Path image, long seed) throws IOException {
        try (Mount mount = Mount.writable(image, "xfs", "")) {
            FileTree.populate(mount.directory(), seed, 40, 400_000, FileTree.Kind.POSIX_WITH_ATTRIBUTES);
        }
    }

    private static void prove(Path image) throws IOException {
        AllocationMap map = new SurvivalProof(new Xfs(), "xfs")
                .check(copy -> Oracle.of("xfs_repair").run("-n", "-f", "-o", "force_geometry", copy))
                .of(image);
        assertThat(map.label()).isEqualTo("a label");
        String uuid = Oracle.of("xfs_db").run("-r", "-c", "uuid", image);
        assertThat(uuid.strip()).endsWith(map.uuid());
        assertThat(map.used()).isEqualTo(free(image).complement(0, SIZE));
    }

    /** Returns what xfs_db finds free: the runs of the trees, and the blocks of the lists. */
    private static ExtentSet free(Path image) {
        String superblock = Oracle.of("xfs_db").run("-r", "-c", "sb 0", "-c", "p blocksize agblocks", image);
        Matcher numbers =
                Pattern.compile("blocksize = (\\d+)\\s+agblocks = (\\d+)").matcher(superblock);
        assertThat(numbers.find()).isTrue();
        long blockSize = Long.parseLong(numbers.group(1));
        long agBlocks = Long.parseLong(numbers.group(2));
        ExtentSet.Builder free = ExtentSet.builder();
        Matcher run = Pattern.compile("^ +(\\d+) +(\\d+) +(\\d+)$", Pattern.MULTILINE)
                .matcher(Oracle.of("xfs_db").run("-r", "-c", "freesp -d", image));
        while (run.find()) {
            long block = Long.parseLong(run.group(1)) * agBlocks + Long.parseLong(run.group(2));
            free.add(block * blockSize, Long.parseLong(run.group(3)) * blockSize);
        }
        return free.build();
    }

    private Path make(String options) throws IOException {
        Path image = directory.resolve("image");
        Files.deleteIfExists(image);
        List<Object> arguments = new ArrayList<>(List.of("-q", "--unsupported", "-L", "a label"));
        arguments.addAll(List.of(options.split(" ")));
        arguments.add("-d");
        arguments.add("file,size=" + SIZE + ",name=" + image);
        Oracle.of("mkfs.xfs").run(arguments.toArray());
        return image;
    }
}

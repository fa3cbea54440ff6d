package io.platter.filesystem.ext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.block.FileDevice;
import io.platter.filesystem.kit.FileTree;
import io.platter.filesystem.kit.Filesystem;
import io.platter.filesystem.kit.Mount;
import io.platter.filesystem.kit.SurvivalProof;
import io.platter.test.LoopDevice;
import io.platter.test.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the map of ext2, ext3 and ext4 leaves out can be garbage. */
@Tag("root")
class ExtSurvivalTest {
    private static final String MANY_GROUPS = " -g 2048";

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-t ext2 -b 1024",
                "-t ext2 -b 1024 -r 0 -O none",
                "-t ext2 -b 2048 -O ^sparse_super,^resize_inode -g 4096",
                "-t ext3 -b 1024",
                "-t ext4 -b 4096" + MANY_GROUPS,
                "-t ext4 -b 1024 -O ^64bit",
                "-t ext4 -b 1024 -O meta_bg,^resize_inode -g 512",
                "-t ext4 -b 4096 -O ^metadata_csum,uninit_bg" + MANY_GROUPS,
                "-t ext4 -b 4096 -O ^metadata_csum,uninit_bg,^64bit,^flex_bg" + MANY_GROUPS,
                "-t ext4 -b 4096 -O ^metadata_csum,^uninit_bg,^has_journal" + MANY_GROUPS,
                "-t ext4 -b 1024 -O ^flex_bg,^resize_inode",
                "-t ext4 -b 1024 -O sparse_super2,^resize_inode -E num_backup_sb=2",
                "-t ext4 -b 4096 -O inline_data -I 512" + MANY_GROUPS,
                "-t ext4 -b 4096 -O orphan_file,metadata_csum_seed -E lazy_itable_init=1" + MANY_GROUPS,
                "-t ext4 -b 4096 -O bigalloc -C 65536",
                "-t ext4 -b 1024 -O bigalloc,^resize_inode -C 16384 -g 8192",
                "-t ext4 -b 1024 -O ea_inode,large_dir,mmp -E packed_meta_blocks=1",
                "-t ext4 -b 1024 -O fast_commit,encrypt -J size=2 -i 65536 -G 4",
            })
    void survivesGarbageInWhatIsLeftOut(String options) throws IOException {
        Path image = make(options, 50_000_896);
        try (Mount mount = Mount.writable(image, "ext4", "")) {
            FileTree.populate(mount.directory(), 7, 40, 500_000, FileTree.Kind.POSIX_WITH_ATTRIBUTES);
        }
        compareWithDumpe2fs(image, prove(image));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-b 65536 -g 2048",
                "-b 16384 -O ^has_journal",
                "-b 8192 -O bigalloc -C 131072",
                "-b 1024 -O casefold,verity,stable_inodes,quota,project",
                "-b 4096 -O bigalloc,sparse_super2,meta_bg,^resize_inode -C 8192 -g 4096",
                "-b 1024 -O sparse_super2,meta_bg,^resize_inode -E num_backup_sb=1 -g 512"
            })
    void survivesGarbageWhereThisKernelCantMount(String options) throws IOException {
        Path tree = Files.createDirectory(directory.resolve("tree"));
        FileTree.populate(tree, 3, 30, 400_000, FileTree.Kind.POSIX);
        Path image = make("-t ext4 -d " + tree + " " + options, 60_000_256);
        Oracle.of("e2fsck").tryRun("-fy", image); // mke2fs counts no quota of what it copies.
        Oracle.of("debugfs").run("-w", "-R", "rm dir1/sub1/file-1-1", image);
        Oracle.of("debugfs").run("-w", "-R", "rm dir2/sub2/file-1-17", image);
        AllocationMap map = new SurvivalProof(new Ext(), this::dump)
                .check(ExtSurvivalTest::check)
                .of(image);
        compareWithDumpe2fs(image, map);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"-t ext4 -b 1024 -g 2048", "-t ext4 -b 1024 -O meta_bg,^resize_inode -g 512", "-t ext3 -b 1024"})
    void survivesGarbageAfterItWasGrownShrunkAndConverted(String options) throws IOException {
        Path image = make(options, 24_000_000);
        fill(image, 1);
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(41_000_000);
        }
        Oracle.of("e2fsck").run("-fp", image);
        Oracle.of("resize2fs").run(image);
        fill(image, 2);
        compareWithDumpe2fs(image, prove(image));
        Oracle.of("e2fsck").run("-fp", image);
        Oracle.of("resize2fs").run(image, "37000k");
        Oracle.of("tune2fs").run("-O", "extents,dir_index,metadata_csum", image);
        Oracle.of("e2fsck").tryRun("-fyD", image);
        compareWithDumpe2fs(image, prove(image));
    }

    private static void fill(Path image, long seed) throws IOException {
        try (Mount mount = Mount.writable(image, "ext4", "")) {
            FileTree.populate(
                    Files.createDirectory(mount.directory().resolve("tree" + seed)),
                    seed,
                    40,
                    200_000,
                    FileTree.Kind.POSIX_WITH_ATTRIBUTES);
        }
    }

    private static AllocationMap prove(Path image) throws IOException {
        return new SurvivalProof(new Ext(), "ext4")
                .check(ExtSurvivalTest::check)
                .of(image);
    }

    @Test
    void survivesGarbageWithAJournalOnAnotherDevice() throws IOException {
        Path journal = make("-b 4096 -O journal_dev", 8 << 20);
        AllocationMap ofJournal = new SurvivalProof(new Ext(), "ext4").map(journal);
        assertThat(ofJournal.reason()).isEqualTo(Reason.MULTIPLE_DEVICES);
        assertThat(ofJournal.used()).isEqualTo(ExtentSet.of(0, 8 << 20));
        try (LoopDevice journalDevice = LoopDevice.attach(journal)) {
            Path image = make("-t ext4 -b 4096 -g 2048 -J device=" + journalDevice.path(), 40 << 20);
            try (Mount mount = Mount.writable(image, "ext4", "journal_path=" + journalDevice.path())) {
                FileTree.populate(mount.directory(), 9, 30, 300_000, FileTree.Kind.POSIX);
            }
            SurvivalProof proof = new SurvivalProof(new Ext(), copy -> {
                try (Mount mount = Mount.readOnly(copy, "ext4", "journal_path=" + journalDevice.path())) {
                    return FileTree.list(mount.directory());
                }
            });
            AllocationMap map = proof.check(copy -> Oracle.of("e2fsck").run("-fn", "-j", journalDevice.path(), copy))
                    .of(image);
            compareWithDumpe2fs(image, map);
        }
    }

    @ParameterizedTest
    @CsvSource({"ext4, JOURNAL_DIRTY", "ext3, JOURNAL_DIRTY", "ext2, NOT_CLEAN"})
    void copyOfAMountedFilesystemIsTakenWhole(String type, Reason reason) throws IOException {
        Path image = make("-b 4096 -t " + type, 20 << 20);
        Path copy = directory.resolve("copy");
        try (Mount mount = Mount.writable(image, type, "")) {
            FileTree.populate(mount.directory(), 5, 10, 100_000, FileTree.Kind.POSIX);
            Oracle.of("sync").run("-f", mount.directory());
            Files.copy(image, copy);
        }
        AllocationMap map = new SurvivalProof(new Ext(), "ext4").map(copy);
        assertThat(map.reason()).isEqualTo(reason);
        assertThat(map.state()).isEqualTo(VolumeState.DIRTY);
        assertThat(map.used()).isEqualTo(ExtentSet.of(0, 20 << 20));
    }

    @Test
    void proofFailsForAMapThatForgetsAFile() throws IOException {
        Path image = make("-t ext4 -b 4096 -O ^has_journal", 20 << 20);
        try (Mount mount = Mount.writable(image, "ext4", "")) {
            Files.write(mount.directory().resolve("file"), new byte[1 << 20]);
        }
        ExtentSet honest = new SurvivalProof(new Ext(), "ext4").of(image).used();
        int last = honest.count() - 1;
        ExtentSet forgetful = honest.intersection(ExtentSet.of(0, honest.offset(last)));
        Filesystem liar = new Filesystem() {
            @Override
            public Optional<AllocationMap> map(BlockDevice volume) throws IOException {
                return new Ext().map(volume).map(map -> map.withUsed(forgetful));
            }

            @Override
            public long sizeOf(BlockDevice volume) throws IOException {
                return new Ext().sizeOf(volume);
            }

            @Override
            public String name() {
                return "liar";
            }
        };
        assertThatThrownBy(() -> new SurvivalProof(liar, "ext4").of(image)).isInstanceOf(AssertionError.class);
    }

    private Path make(String options, long size) throws IOException {
        Path image = directory.resolve("image" + size);
        FileDevice.create(image, size).close();
        List<Object> arguments = new ArrayList<>(List.of("-q", "-F", "-L", "a label"));
        arguments.addAll(List.of(options.split(" ")));
        arguments.add(image);
        Oracle.of("mke2fs").run(arguments.toArray());
        return image;
    }

    private static void check(Path image) {
        Oracle.of("e2fsck").run("-fn", image);
    }

    private SortedMap<String, String> dump(Path image) throws IOException {
        Path target = Files.createTempDirectory(directory, "dump");
        Oracle.of("debugfs").run("-R", "rdump / " + target, image);
        return FileTree.list(target).entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> entry.getValue().replaceAll("lastModifiedTime=[^,}]*", ""),
                        (a, b) -> a,
                        TreeMap::new));
    }

    /** What dumpe2fs calls used must be used; what else is, is the start of the volume and what lies past the end. */
    private static void compareWithDumpe2fs(Path image, AllocationMap map) throws IOException {
        Dumpe2fs oracle = new Dumpe2fs(image);
        assertThat(map.label()).isEqualTo(oracle.header("Filesystem volume name"));
        assertThat(map.uuid()).isEqualTo(oracle.header("Filesystem UUID"));
        ExtentSet theirs = oracle.free().complement(0, Files.size(image));
        assertThat(map.used().intersection(theirs)).isEqualTo(theirs);
        assertThat(map.used().bytes() - theirs.bytes()).isLessThanOrEqualTo(Files.size(image) / 100);
        assertThat(map.used()).isEqualTo(theirs);
    }
}

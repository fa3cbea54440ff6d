package io.platter.filesystem.ext;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.ExtentSet;
import io.platter.block.MemoryDevice;
import io.platter.test.Oracle;
import io.platter.testkit.Damage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExtTest {
    private static final String SMALL = "-b 1024 -g 256 -N 32 -O ^has_journal,^resize_inode";
    private static final int SMALL_SIZE = 900 << 10;
    /** Superblock, descriptors and bitmaps of the small image. */
    private static final int METADATA_SIZE = 6 << 10;

    private static final int JOURNAL_SIZE = 4 << 20;

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"ext2, -t ext2", "ext3, -t ext3", "ext4, -t ext4", "ext4, -t ext4 -O bigalloc"})
    void isNamedByItsFeatures(String name, String options) throws IOException {
        AllocationMap map = map(make(options, JOURNAL_SIZE));
        assertThat(map.filesystem()).isEqualTo(name);
        assertThat(map.label()).isEqualTo("Größe");
        assertThat(map.uuid()).isEqualTo("01234567-89ab-cdef-0123-456789abcdef");
        assertThat(map.state()).isEqualTo(VolumeState.CLEAN);
        assertThat(map.reason()).isEqualTo(Reason.NONE);
    }

    @Test
    void allocationUnitIsTheCluster() throws IOException {
        assertThat(map(make("-b 2048", JOURNAL_SIZE)).allocationUnit()).isEqualTo(2048);
        assertThat(map(make("-t ext4 -b 1024 -O bigalloc -C 8192", JOURNAL_SIZE))
                        .allocationUnit())
                .isEqualTo(8192);
    }

    @Test
    void otherContentIsNotRecognised() throws IOException {
        assertThat(new Ext().map(MemoryDevice.ofSize(1 << 20))).isEmpty();
        assertThat(new Ext().map(MemoryDevice.ofSize(0))).isEmpty();
        assertThat(new Ext().map(MemoryDevice.ofSize(2047))).isEmpty();
    }

    @Test
    void whatLiesPastTheFilesystemIsUsed() throws IOException {
        byte[] image = make("-b 4096", JOURNAL_SIZE);
        byte[] larger = Arrays.copyOf(image, image.length + 10_000);
        ExtentSet expected = map(image).used().union(ExtentSet.of(image.length, larger.length - image.length));
        assertThat(map(larger).used()).isEqualTo(expected);
    }

    @Test
    void filesystemLargerThanItsVolumeIsTakenWhole() throws IOException {
        byte[] image = make("-b 1024", JOURNAL_SIZE);
        assertWhole(Arrays.copyOf(image, image.length - 1024), Reason.TRUNCATED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "feature_incompat 0x800002c2",
                "feature_incompat 0x2c3",
                "feature_incompat 0x12c2",
                "feature_ro_compat 0x8000046b",
                "feature_ro_compat 0x4eb",
                "feature_ro_compat 0xc6b"
            })
    void unknownFeatureIsTakenWhole(String feature) throws IOException {
        assertWhole(change("-t ext4", "ssv " + feature), Reason.UNKNOWN_FEATURE);
    }

    @ParameterizedTest
    @CsvSource({
        "feature needs_recovery, JOURNAL_DIRTY",
        "ssv state 0, NOT_CLEAN",
        "ssv state 3, NOT_CLEAN",
        "ssv state 5, NOT_CLEAN",
        "ssv checksum_type 2, UNKNOWN_FEATURE",
        "ssv inodes_per_group 16, DAMAGED",
        "ssv journal_inum 9, DAMAGED",
        "ssv journal_inum 65000, DAMAGED",
        "ssv log_block_size 3, DAMAGED",
        "freeb 40 1, DAMAGED",
    })
    void doubtIsTakenWhole(String request, Reason reason) throws IOException {
        assertWhole(change("-t ext4 -b 1024", request), reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "set_bg 0 free_blocks_count 5",
                "set_bg 0 block_bitmap 1",
                "set_bg 0 inode_table 4095",
                "set_bg 0 inode_bitmap 0",
            })
    void contradictionIsTakenWholeWithoutChecksumsToo(String request) throws IOException {
        assertWhole(change("-t ext3 -b 1024", request), Reason.DAMAGED);
        assertWhole(change("-t ext4 -b 1024", request), Reason.CHECKSUM);
    }

    @Test
    void journalWithDataIsTakenWholeThoughItIsNotMarked() throws IOException {
        for (String options : List.of("-t ext4 -b 1024", "-t ext3 -b 1024")) {
            byte[] image = make(options, JOURNAL_SIZE);
            ByteBuffer bytes = ByteBuffer.wrap(image);
            int journal = 0;
            while (bytes.getInt(journal) != 0xC03B3998) {
                journal += 1024;
            }
            bytes.putInt(journal + 0x1C, 1);
            assertWhole(image, Reason.JOURNAL_DIRTY);
        }
    }

    @Test
    void filesystemHeldByAnotherMachineIsTakenWhole() throws IOException {
        byte[] image = make("-t ext4 -b 1024 -O mmp", JOURNAL_SIZE);
        ByteBuffer bytes = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        int sequence = (int) bytes.getLong(Superblock.OFFSET + 0x168) * 1024 + 4;
        assertThat(map(image).reason()).isEqualTo(Reason.NONE);
        bytes.putInt(sequence, 0xE24D4D50);
        assertWhole(image, Reason.IN_USE);
        bytes.putInt(sequence, 17);
        assertWhole(image, Reason.IN_USE);
        bytes.putInt(sequence - 4, 0);
        assertWhole(image, Reason.DAMAGED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-t ext4 " + SMALL, "-t ext4 " + SMALL + ",bigalloc -C 2048"})
    @Timeout(60)
    void invertedByteNeverMakesAUsedByteUnused(String options) throws IOException {
        byte[] image = make(options, SMALL_SIZE);
        ExtentSet used = map(image).used();
        assertThat(used.bytes()).isLessThan(SMALL_SIZE);
        Damage.flips(image, 61, volume -> assertKeeps(new Ext().map(volume), used));
        byte[] copy = image.clone();
        Damage.flips(Arrays.copyOf(image, METADATA_SIZE), 1, volume -> {
            volume.read(ByteBuffer.wrap(copy, 0, METADATA_SIZE), 0);
            assertKeeps(new Ext().map(MemoryDevice.over(copy)), used);
        });
    }

    @Test
    @Timeout(60)
    void randomDamageNeverMakesAUsedByteUnused() throws IOException {
        long seed = Long.getLong("test.seed", System.nanoTime());
        byte[] image = make("-t ext4 " + SMALL, SMALL_SIZE);
        ExtentSet used = map(image).used();
        Damage.fuzz(image, seed, 1_000, volume -> assertKeeps(new Ext().map(volume), used));
        byte[] copy = image.clone();
        Damage.fuzz(Arrays.copyOf(image, METADATA_SIZE), seed, 5_000, volume -> {
            volume.read(ByteBuffer.wrap(copy, 0, METADATA_SIZE), 0);
            assertKeeps(new Ext().map(MemoryDevice.over(copy)), used);
        });
    }

    @Test
    @Timeout(60)
    void randomDamageWithoutChecksumsEndsInAMap() throws IOException {
        long seed = Long.getLong("test.seed", System.nanoTime());
        for (String options :
                List.of("-t ext2 -b 1024", "-t ext3 -b 1024", "-t ext4 -O ^metadata_csum,mmp,meta_bg,^resize_inode")) {
            byte[] image = make(options, JOURNAL_SIZE / 2);
            Damage.fuzz(Arrays.copyOf(image, 2 * METADATA_SIZE), seed, 2_000, volume -> {
                volume.read(ByteBuffer.wrap(image, 0, 2 * METADATA_SIZE), 0);
                new Ext().map(MemoryDevice.over(image));
            });
        }
    }

    @Test
    @Timeout(60)
    void cutOffImageIsNeverTakenInPart() throws IOException {
        byte[] image = make("-t ext4 " + SMALL, SMALL_SIZE);
        Damage.truncations(image, 1000, volume -> new Ext().map(volume).ifPresent(map -> assertThat(map.used())
                .isEqualTo(ExtentSet.of(0, volume.size()))));
    }

    /** As e2fsprogs' tests f_uninit_blk_used_not_set and f_uninit_set_inode_not_set have it. */
    @Test
    void groupWhoseBitmapIsCalledUnwrittenThoughBlocksAreUsedIsNoProof() throws IOException {
        Path image = withFile("-t ext4 -b 1024 -O ^metadata_csum,uninit_bg,^has_journal");
        debugfs(image, "set_bg 1 flags 7", "set_bg 1 checksum calc");
        assertWhole(Files.readAllBytes(image), Reason.DAMAGED);
    }

    @Test
    void groupsThatHaveMoreFreeThanTheSuperblockSaysAreNoProof() throws IOException {
        Path image = withFile("-t ext4 -b 1024 -O ^metadata_csum,uninit_bg,^has_journal");
        debugfs(image, "set_bg 1 flags 7", "set_bg 1 checksum calc");
        String detail = map(Files.readAllBytes(image)).detail();
        Matcher expected =
                Pattern.compile("(\\d+) clusters are free beside metadata").matcher(detail);
        assertThat(expected.find()).as(detail).isTrue();
        debugfs(image, "set_bg 1 free_blocks_count " + expected.group(1), "set_bg 1 checksum calc");
        AllocationMap map = map(Files.readAllBytes(image));
        assertThat(map.reason()).isEqualTo(Reason.DAMAGED);
        assertThat(map.detail()).contains("the superblock says");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ssv free_blocks_count 7",
                "ssv free_inodes_count 7",
                "set_bg 0 free_inodes_count 7",
                "set_bg 0 itable_unused 65535",
                "freei <12>",
                "seti <12>"
            })
    void countsThatContradictEachOtherAreNoProof(String request) throws IOException {
        Path image = withFile("-t ext4 -b 1024 -O ^has_journal");
        assertThat(map(Files.readAllBytes(image)).reason()).isEqualTo(Reason.NONE);
        debugfs(image, request.equals("seti <12>") ? "seti <14>" : request, "set_bg 0 checksum calc");
        assertWhole(Files.readAllBytes(image), Reason.DAMAGED);
    }

    @ParameterizedTest
    @CsvSource({
        "-t ext4 -b 1024, 2",
        "-t ext4 -b 1024 -O quota, 3",
        "-t ext4 -b 1024 -O quota, 4",
        "-t ext4 -b 1024 -O quota;project, 12",
        "-t ext4 -b 1024 -O orphan_file, 12",
        "-t ext4 -b 1024, 8",
        "-t ext3 -b 1024, 8",
    })
    void blockOfTheFilesystemsOwnInodesMustNotBeFree(String options, int inode) throws IOException {
        Path image = makeFile(options.replace(';', ','), 2 * JOURNAL_SIZE);
        ExtentSet before = map(Files.readAllBytes(image)).used();
        String block = Oracle.of("debugfs")
                .run("-R", "bmap <" + inode + "> 0", image)
                .lines()
                .filter(line -> line.matches("\\d+"))
                .findFirst()
                .orElseThrow();
        free(image, block);

        AllocationMap map = map(Files.readAllBytes(image));

        assertThat(before.contains(1024 * Long.parseLong(block), 1024)).isTrue();
        assertThat(map.reason()).as(map.detail()).isEqualTo(Reason.DAMAGED);
        assertThat(map.detail()).contains("which inode " + inode + " has");
    }

    /** Frees a block in such a way that all counts agree. */
    private static void free(Path image, String block) {
        int group = (Integer.parseInt(block) - 1) / 8192;
        String header = Oracle.of("dumpe2fs").run(image);
        Matcher all = Pattern.compile("Free blocks: +(\\d+)").matcher(header);
        Matcher ofGroups = Pattern.compile("(?m)^  (\\d+) free blocks").matcher(header);
        assertThat(all.find()).isTrue();
        for (int i = 0; i <= group; i++) {
            assertThat(ofGroups.find()).isTrue();
        }
        debugfs(image, "freeb " + block);
        debugfs(
                image,
                "set_bg " + group + " free_blocks_count " + (Long.parseLong(ofGroups.group(1)) + 1),
                "set_bg " + group + " checksum calc",
                "ssv free_blocks_count " + (Long.parseLong(all.group(1)) + 1));
    }

    @Test
    void placesOfDescriptorsThatContradictEachOtherAreNoProof() throws IOException {
        assertWhole(change("-t ext4 -b 1024 -O meta_bg,^resize_inode", "feature resize_inode"), Reason.DAMAGED);
    }

    private static void debugfs(Path image, String... requests) {
        Oracle.of("debugfs").runWithInput(String.join("\n", requests) + "\n", "-w", "-f", "-", image);
    }

    /** Makes a filesystem of four groups, in the second of which a file of 12 MiB goes on. */
    private Path withFile(String options) throws IOException {
        Path image = makeFile(options, 32 << 20);
        Path file = directory.resolve("file");
        byte[] content = new byte[12 << 20];
        new Random(2).nextBytes(content);
        Files.write(file, content);
        debugfs(image, "write " + file + " file");
        return image;
    }

    private static void assertKeeps(Optional<AllocationMap> found, ExtentSet used) {
        found.ifPresent(map -> assertThat(map.used().intersection(used)).isEqualTo(used));
    }

    private static void assertWhole(byte[] image, Reason reason) throws IOException {
        AllocationMap map = map(image);
        assertThat(map.reason()).as(map.detail()).isEqualTo(reason);
        assertThat(map.detail()).isNotEmpty();
        assertThat(map.used()).isEqualTo(ExtentSet.of(0, image.length));
    }

    private static AllocationMap map(byte[] image) throws IOException {
        return new Ext().map(MemoryDevice.over(image)).orElseThrow();
    }

    private byte[] make(String options, int size) throws IOException {
        return Files.readAllBytes(makeFile(options, size));
    }

    private byte[] change(String options, String request) throws IOException {
        Path image = makeFile(options, JOURNAL_SIZE);
        Oracle.of("debugfs").run("-w", "-R", request, image);
        return Files.readAllBytes(image);
    }

    private Path makeFile(String options, int size) throws IOException {
        Path image = directory.resolve("image");
        Files.deleteIfExists(image);
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(size);
        }
        List<Object> arguments =
                new ArrayList<>(List.of("-q", "-F", "-L", "Größe", "-U", "01234567-89ab-cdef-0123-456789abcdef"));
        arguments.addAll(List.of(options.split(" ")));
        arguments.add(image);
        Oracle.of("mke2fs").run(arguments.toArray());
        return image;
    }
}

package io.platter.filesystem.xfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.ExtentSet;
import io.platter.block.MemoryDevice;
import io.platter.test.Oracle;
import io.platter.testkit.Damage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class XfsTest {
    private static final int SIZE = 32 << 20;
    private static final int BLOCK = 1024;
    /** The sectors at the start of a group, and the roots of its trees after them. */
    private static final int METADATA_SIZE = 8 * BLOCK;

    @TempDir
    Path directory;

    @Test
    void sayWhatItIs() throws IOException {
        AllocationMap map = map(make("-m uuid=01234567-89ab-cdef-0123-456789abcdef"));
        assertThat(map.filesystem()).isEqualTo("xfs");
        assertThat(map.label()).isEqualTo("twelve chars");
        assertThat(map.uuid()).isEqualTo("01234567-89ab-cdef-0123-456789abcdef");
        assertThat(map.allocationUnit()).isEqualTo(BLOCK);
        assertThat(map.state()).isEqualTo(VolumeState.CLEAN);
        assertThat(map.reason()).isEqualTo(Reason.NONE);
        assertThat(map.used().bytes()).isLessThan(SIZE / 2);
    }

    @Test
    void otherContentIsNotRecognised() throws IOException {
        assertThat(new Xfs().map(MemoryDevice.ofSize(1 << 20))).isEmpty();
        assertThat(new Xfs().map(MemoryDevice.ofSize(511))).isEmpty();
    }

    @Test
    void whatLiesBehindTheFilesystemIsUsed() throws IOException {
        byte[] image = make("-f");
        ExtentSet expected = map(image).used().union(ExtentSet.of(SIZE, 5000));
        assertThat(map(Arrays.copyOf(image, SIZE + 5000)).used()).isEqualTo(expected);
    }

    @Test
    void filesystemLargerThanItsVolumeIsTakenWhole() throws IOException {
        assertWhole(Arrays.copyOf(make("-f"), SIZE - BLOCK), Reason.TRUNCATED);
    }

    @Test
    void versionWithoutChecksumsIsTakenWhole() throws IOException {
        assertWhole(make("-m crc=0,reflink=0,bigtime=0,inobtcount=0,finobt=0,rmapbt=0"), Reason.UNKNOWN_FEATURE);
    }

    @ParameterizedTest
    @CsvSource({
        "sb 0, features_ro_compat 0x1f, UNKNOWN_FEATURE",
        "sb 0, features_incompat 0x10b, UNKNOWN_FEATURE",
        "sb 0, features_log_incompat 2, UNKNOWN_FEATURE",
        "sb 0, features_incompat 0x1b, NOT_CLEAN",
        "sb 0, inprogress 1, NOT_CLEAN",
        "sb 0, logstart 0, MULTIPLE_DEVICES",
        "sb 0, rextents 1, MULTIPLE_DEVICES",
        "sb 0, agcount 1, DAMAGED",
        "sb 0, logblocks 30000, DAMAGED",
        "agf 1, seqno 0, DAMAGED",
        "agf 0, length 100, DAMAGED",
        "agf 1, freeblks 1, DAMAGED",
        "agf 0, bnolevel 0, DAMAGED",
        "agf 0, bnolevel 2, DAMAGED",
        "agf 0, bnoroot 3, DAMAGED",
        "agf 0, bnoroot 10000000, DAMAGED",
        "agf 0, uuid 01234567-89ab-cdef-0123-456789abcdef, DAMAGED",
        "agfl 1, seqno 0, DAMAGED",
        "agf 0, flcount 3, DAMAGED",
        "agf 0, longest 1, DAMAGED",
        "agf 0, btreeblks 1, DAMAGED",
        "sb 0, fdblocks 9, DAMAGED",
        "sb 0, rootino 1048576, DAMAGED",
    })
    void doubtIsTakenWhole(String structure, String field, Reason reason) throws IOException {
        assertWhole(change(structure, field), reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"features_incompat 0x4b", "features_incompat 0x8b", "features_log_incompat 1"})
    void featureThatDoesNotTouchAllocationIsMapped(String field) throws IOException {
        assertThat(map(change("sb 0", field)).reason()).isEqualTo(Reason.NONE);
    }

    @Test
    void blocksOfAListThatContradictsItselfAreUsed() throws IOException {
        ExtentSet sound = map(make("-f")).used();
        AllocationMap map = map(change("agf 0", "fllast 7"));
        assertThat(map.reason()).isEqualTo(Reason.NONE);
        assertThat(map.used().intersection(sound)).isEqualTo(sound);
        assertThat(map.used().bytes() - sound.bytes()).isBetween(4L * BLOCK, 10L * BLOCK);
    }

    @Test
    @Timeout(60)
    void invertedByteNeverMakesAUsedByteUnused() throws IOException {
        byte[] image = make("-f");
        ExtentSet used = map(image).used();
        Damage.flips(image, 49_937, volume -> assertKeeps(new Xfs().map(volume), used));
        byte[] copy = image.clone();
        Damage.flips(Arrays.copyOf(image, METADATA_SIZE), 5, volume -> {
            volume.read(ByteBuffer.wrap(copy, 0, METADATA_SIZE), 0);
            assertKeeps(new Xfs().map(MemoryDevice.over(copy)), used);
        });
    }

    @Test
    @Timeout(60)
    void randomDamageNeverMakesAUsedByteUnused() throws IOException {
        long seed = Long.getLong("test.seed", System.nanoTime());
        byte[] image = make("-f");
        ExtentSet used = map(image).used();
        byte[] copy = image.clone();
        Damage.fuzz(Arrays.copyOf(image, METADATA_SIZE), seed, 700, volume -> {
            volume.read(ByteBuffer.wrap(copy, 0, METADATA_SIZE), 0);
            assertKeeps(new Xfs().map(MemoryDevice.over(copy)), used);
        });
    }

    @Test
    @Timeout(60)
    void damagedLogIsTakenWholeOrIsEmptyStill() throws IOException {
        byte[] image = make("-f");
        ByteBuffer bytes = ByteBuffer.wrap(image);
        int log = 0;
        while (bytes.getInt(log) != 0xFEEDBABE) {
            log += 512;
        }
        int start = log;
        for (int i = 0; i < 12; i++) {
            image[start + i] ^= 0x55;
            assertThat(map(image).reason()).isIn(Reason.JOURNAL_DIRTY, Reason.CHECKSUM, Reason.DAMAGED);
            image[start + i] ^= 0x55;
        }
        bytes.putInt(start + 700 * 512, 1);
        assertWhole(image, Reason.JOURNAL_DIRTY);
        bytes.putInt(start + 700 * 512, 0);
        assertThat(map(image).reason()).isEqualTo(Reason.NONE);
        bytes.put(start + 512 + 9, (byte) 0);
        assertWhole(image, Reason.JOURNAL_DIRTY);
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
        return new Xfs().map(MemoryDevice.over(image)).orElseThrow();
    }

    private byte[] change(String structure, String field) throws IOException {
        make("-f");
        Path image = directory.resolve("image");
        Oracle.of("xfs_db").run("-x", "-c", structure, "-c", "write -d " + field, image);
        return Files.readAllBytes(image);
    }

    private byte[] make(String options) throws IOException {
        Path image = directory.resolve("image");
        Files.deleteIfExists(image);
        List<Object> arguments = new ArrayList<>(
                List.of("-q", "--unsupported", "-L", "twelve chars", "-b", "size=" + BLOCK, "-l", "size=4m"));
        arguments.addAll(List.of(options.split(" ")));
        arguments.add("-d");
        arguments.add("file,agcount=2,size=" + SIZE + ",name=" + image);
        Oracle.of("mkfs.xfs").run(arguments.toArray());
        return Files.readAllBytes(image);
    }
}

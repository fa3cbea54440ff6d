package io.platter;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.MemoryDevice;
import io.platter.engine.read.ImageFile;
import io.platter.image.CutRule;
import io.platter.image.DiskGeometry;
import io.platter.image.FileId;
import io.platter.image.ImageOptions;
import io.platter.image.codec.Commit;
import io.platter.image.codec.RecordHeader;
import io.platter.image.codec.RecordType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk that knows the file into which it is captured, and holds commits of it wherever they could be believed. */
@Timeout(120)
class ForgedCommitTest {
    private static final FileId FILE = FileId.parse("0123456789abcdef0123456789abcdef");
    private static final ImageOptions OPTIONS =
            ImageOptions.builder().fileId(FILE).cut(CutRule.fixed(262_144)).build();
    private static final int SIZE = 8 << 20;

    @TempDir
    Path directory;

    private static byte[] noise(int seed) {
        byte[] disk = new byte[SIZE];
        new Random(seed).nextBytes(disk);
        return disk;
    }

    private Path capture(byte[] disk, String name) throws IOException {
        Path file = directory.resolve(name);
        try (ImageWriter writer = ImageWriter.create(file, DiskGeometry.ofSize(disk.length), OPTIONS)) {
            writer.data(0, ByteBuffer.wrap(disk));
            writer.finish();
        }
        return file;
    }

    /** Returns a commit that a reader would believe at a place, and that says that the file is empty. */
    private static byte[] forged(long place) {
        ByteBuffer copy = Commit.none(FILE).next(Commit.Contents.NONE, place).encode();
        byte[] bytes = new byte[copy.remaining()];
        copy.get(bytes);
        return bytes;
    }

    /** Puts commits into a disk where its bytes are known to stand in the file. */
    private static int forge(byte[] disk, byte[] file, int start) {
        int count = 0;
        // Not too many in one frame, which would be worth compressing then.
        for (int place = start - start % 4096 + 8192; place < file.length - 512 && count < 200; place += 10 * 4096) {
            int found = indexOf(disk, file, start, place);
            if (found >= 0 && found + 512 <= disk.length) {
                System.arraycopy(forged(place), 0, disk, found, 512);
                count++;
            }
        }
        return count;
    }

    /** Returns where 16 bytes of the file stand on the disk, of which the capture's order is that of the disk. */
    private static int indexOf(byte[] disk, byte[] file, int start, int place) {
        for (int at = Math.max(0, place - start - 100_000); at < Math.min(place - start, disk.length - 16); at++) {
            if (disk[at] == file[place] && Arrays.equals(disk, at, at + 16, file, place, place + 16)) {
                return at;
            }
        }
        return -1;
    }

    private static int paddings(byte[] file) {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int count = 0;
        for (int at = 0; at < file.length; at += 32 + in.getInt(at + 8)) {
            count += file[at + 4] == RecordType.PADDING.code() ? 1 : 0;
        }
        return count;
    }

    private static void assertBelievesNone(byte[] file, int from, long lastCommit) throws IOException {
        for (int length = from; length <= file.length; length += 4096) {
            Commit found = ImageFile.open(MemoryDevice.over(Arrays.copyOf(file, length)))
                    .commit();
            if (length < file.length - Commit.LENGTH) {
                assertThat(found.packOffset()).as("cut off at %d", length).isEqualTo(lastCommit);
            }
        }
    }

    @Test
    void commitsAt200PlacesOfADiskAreNeverBelieved() throws IOException {
        byte[] disk = noise(1);
        byte[] before = Files.readAllBytes(capture(disk, "before"));
        assertThat(forge(disk, before, 12_800)).isEqualTo(200);
        byte[] after = Files.readAllBytes(capture(disk, "after"));
        assertThat(paddings(after)).as("a frame was moved").isGreaterThan(paddings(before));
        long announced = 12_288;
        assertBelievesNone(after, 12_800, announced);
        try (ImageReader reader = ImageReader.open(directory.resolve("after"))) {
            Verify.of(reader).control(control -> control.threads(1)).full();
            assertThat(reader.imageCount()).isEqualTo(1);
            ByteBuffer found = ByteBuffer.allocate(SIZE);
            reader.newestImage().read(found, 0);
            assertThat(Arrays.mismatch(found.array(), disk)).isEqualTo(-1);
        }
    }

    /** The review's case: another disk's image was replaced by what an evil disk held. */
    @Test
    void aTornAppendOfAnEvilDiskLeavesTheImageThatWasThere() throws IOException {
        byte[] victim = noise(2);
        byte[] evil = noise(3);
        Path file = capture(victim, "file");
        byte[] shared = Files.readAllBytes(file);
        for (boolean forging : new boolean[] {false, true}) {
            Files.write(file, shared);
            if (forging) {
                assertThat(forge(evil, Files.readAllBytes(directory.resolve("tried")), shared.length))
                        .isEqualTo(200);
            }
            try (ImageWriter writer = ImageWriter.append(file, DiskGeometry.ofSize(SIZE), OPTIONS)) {
                writer.data(0, ByteBuffer.wrap(evil));
                writer.finish();
            }
            Files.copy(file, directory.resolve("tried"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        byte[] both = Files.readAllBytes(file);
        for (int length = shared.length + 512; length < both.length - 4096; length += 4096) {
            byte[] torn = Arrays.copyOf(both, length - length % 4096 + 512);
            try (ImageReader reader = ImageReader.open(new ByteArrayChannel(torn))) {
                assertThat(reader.imageCount()).isEqualTo(1);
                ByteBuffer start = ByteBuffer.allocate(4096);
                reader.image(1).read(start, 0);
                assertThat(start.array()).isEqualTo(Arrays.copyOf(victim, 4096));
            }
        }
    }

    /** Not all of what looks like a commit need be sound: a reader must not even see remains of one. */
    @Test
    void noPlaceOfTheFileLooksLikeACommitButCommits() throws IOException {
        byte[] disk = noise(4);
        byte[] pattern = Arrays.copyOf(forged(4096), 64);
        for (int at = 0; at + 64 <= disk.length; at += 4096 + 64) {
            System.arraycopy(pattern, 0, disk, at, 64);
        }
        byte[] file = Files.readAllBytes(capture(disk, "file"));
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int commits = 0;
        for (int place = 4096; place < file.length; place += 4096) {
            for (int copy : new int[] {place - 512, place}) {
                boolean looksLikeOne = bytes.getInt(copy) == RecordHeader.MAGIC
                        && file[copy + 4] == RecordType.COMMIT.code()
                        && FILE.standsAt(bytes, copy + 48);
                if (looksLikeOne) {
                    commits++;
                    CRC32C crc = new CRC32C();
                    crc.update(file, copy, 28);
                    assertThat((int) crc.getValue()).as("commit at %d", copy).isEqualTo(bytes.getInt(copy + 28));
                }
            }
        }
        assertThat(commits).isEqualTo(4);
    }
}

package io.platter;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.BlockDevice;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.partition.PartitionLayout;
import io.platter.partition.PartitionSpec;
import io.platter.test.Oracle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * After a restore, {@code wipefs} finds what it finds on the image's own disk, whatever stood on the target before. The
 * image holds swap space, of which only the first page is used: all else is left to the target.
 */
class StaleMarksTest {
    private static final int MIB = 1 << 20;
    /** The least at which all of libblkid's probers look. */
    private static final long VOLUME = 64 * MIB;

    /** What a volume held before; the places and bytes are those of libblkid's probers in util-linux. */
    record Mark(String name, Bytes bytes) {
        interface Bytes {
            List<Piece> on(long size);
        }

        record Piece(long offset, ByteBuffer bytes) {}

        @Override
        public String toString() {
            return name;
        }

        private static byte[] text(String text) {
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }

        private static byte[] le(int... values) {
            ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            buffer.asIntBuffer().put(values);
            return buffer.array();
        }

        private static byte[] be(int... values) {
            ByteBuffer buffer = ByteBuffer.allocate(4 * values.length);
            buffer.asIntBuffer().put(values);
            return buffer.array();
        }

        /** Bytes at an offset, then more of them, each with its place counted from there. */
        private static List<Piece> put(long offset, byte[] first, Object... more) {
            List<Piece> pieces = new ArrayList<>(List.of(new Piece(offset, ByteBuffer.wrap(first))));
            for (int i = 0; i < more.length; i += 2) {
                pieces.add(new Piece(offset + (Integer) more[i], ByteBuffer.wrap((byte[]) more[i + 1])));
            }
            return pieces;
        }

        private static List<Piece> md(long offset) {
            ByteBuffer superblock = ByteBuffer.allocate(258).order(ByteOrder.LITTLE_ENDIAN);
            superblock.putInt(0, 0xA92B4EFC).putInt(4, 1).putInt(16, 7).putLong(144, offset / 512);
            superblock.putInt(220, 1);
            long sum = 0;
            for (int i = 0; i < 256; i += 4) {
                sum += Integer.toUnsignedLong(superblock.getInt(i));
            }
            sum += Short.toUnsignedLong(superblock.getShort(256));
            superblock.putInt(216, (int) (sum + (sum >>> 32)));
            return put(offset, superblock.array());
        }

        /** A ring of uberblocks, of which four are enough. */
        private static List<Piece> zfs(long label) {
            byte[] uberblock = le(0x00BAB10C, 0, 28);
            return put(
                    label + (128 << 10), uberblock, 1024, uberblock, 2048, uberblock, 3072, uberblock, 4096, uberblock);
        }

        private static List<Piece> luksSecond(int offset) {
            return put(offset, text("SKUL\u00BA\u00BE\0\u0002"), 256, be(0, offset));
        }

        static List<Mark> all() {
            return List.of(
                    new Mark("md 0.90", size -> put((size & -65536L) - 65536, le(0xA92B4EFC, 0, 90, 0, 0, 1, 2, 3))),
                    new Mark("md 1.0", size -> md((size / 512 - 16 & -8L) * 512)),
                    new Mark("md 1.2", size -> md(4096)),
                    new Mark("zfs at the start", size -> zfs(256 << 10)),
                    new Mark("zfs at the end", size -> zfs((size & -(256L << 10)) - (256 << 10))),
                    new Mark("btrfs", size -> put((64 << 10) + 0x40, text("_BHRfS_M"))),
                    new Mark(
                            "ddf",
                            size -> put(
                                    size - 512, be(0xDE11DE11), 8, text("LSI 1234567890123456"), 32, text("01.02.00"))),
                    new Mark("intel", size -> put(size - 1024, text("Intel Raid ISM Cfg Sig. 1.0.00"))),
                    new Mark("promise", size -> put(size - 3087 * 512, text("Promise Technology, Inc."))),
                    new Mark("luks2 second header", size -> luksSecond(0x4000)),
                    new Mark("luks2 farthest second header", size -> luksSecond(0x400000)),
                    new Mark("iso 9660", size -> put(32768, text("\u0001CD001\u0001"))),
                    new Mark("jfs", size -> put(32768, text("JFS1"), 4, le(1), 16, le(4096, 12 | 3 << 16, 512, 9))),
                    new Mark("vmfs", size -> put(1 << 20, text("\r\u00D0\u0001\u00C0"))),
                    new Mark("gfs2", size -> put(64 << 10, be(0x01161970, 1, 0, 0, 100, 0, 1801, 1900))),
                    new Mark("ocfs2", size -> put(4096, text("OCFSV2"))),
                    new Mark(
                            "reiserfs",
                            size -> put(64 << 10, le(16000, 0, 0, 18), 44, le(4096), 52, text("ReIsEr2Fs"))),
                    new Mark("drbd", size -> put((size & -4096L) - 4096 + 60, be(0x8374026B))));
        }

        void putOn(Path file, long volume, long size) throws IOException {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                for (Piece piece : bytes.on(size)) {
                    channel.write(piece.bytes, volume + piece.offset);
                }
            }
        }
    }

    static List<Mark> marks() {
        return Mark.all();
    }

    @TempDir
    Path directory;

    private final Oracle wipefs = Oracle.of("wipefs");
    private Path volume = Path.of("");
    private Path target = Path.of("");

    @BeforeEach
    void makeVolume() throws IOException {
        target = directory.resolve("target");
        volume = file("volume", VOLUME);
        Oracle.of("mkswap").run("-q", volume);
    }

    private Path file(String name, long size) throws IOException {
        Path file = directory.resolve(name);
        Files.deleteIfExists(file);
        FileDevice.create(file, size).close();
        return file;
    }

    private Path capture(Path disk) throws IOException {
        Path image = directory.resolve("image");
        Files.deleteIfExists(image);
        try (BlockDevice device = FileDevice.open(disk, OpenMode.READ);
                ImageWriter writer = ImageWriter.create(image, DiskGeometry.of(device), ImageOptions.defaults())) {
            Capture.of(device).options(options -> options.usedOnly(true)).to(writer);
        }
        return image;
    }

    private Path diskWithVolumeAsPartition() throws IOException {
        Path disk = file("disk", VOLUME + 8 * MIB);
        try (FileDevice device = FileDevice.open(disk, OpenMode.WRITE)) {
            PartitionLayout.gpt()
                    .add(PartitionSpec.ofSize("swap", VOLUME))
                    .build()
                    .write(device, new Random(7));
            device.write(ByteBuffer.wrap(Files.readAllBytes(volume)), MIB);
        }
        return disk;
    }

    private enum How {
        FROM_A_FILE {
            @Override
            void restore(Path image, BlockDevice disk) throws IOException {
                try (ImageReader reader = ImageReader.open(image)) {
                    Restore.of(reader.newestImage()).to(disk);
                }
            }
        },
        ONLY_DIFFERENCES {
            @Override
            void restore(Path image, BlockDevice disk) throws IOException {
                try (ImageReader reader = ImageReader.open(image)) {
                    Restore.of(reader.newestImage())
                            .options(options -> options.compare(true))
                            .to(disk);
                }
            }
        },
        FROM_A_STREAM {
            @Override
            void restore(Path image, BlockDevice disk) throws IOException {
                try (FileChannel channel = FileChannel.open(image)) {
                    StreamRestore.of(channel).to(disk);
                }
            }
        };

        abstract void restore(Path image, BlockDevice disk) throws IOException;
    }

    private String marksOn(Path file) {
        return wipefs.run("--no-act", "--noheadings", "--output", "TYPE,OFFSET,UUID", file);
    }

    private String marksIn(Path file, long offset, long size) {
        return offset == 0
                ? marksOn(file)
                : Oracle.of("blkid")
                        .tryRun("--probe", "--output", "export", "--offset", offset, "--size", size, file)
                        .output()
                        .replace(file.toString(), "");
    }

    private void assertNothingIsLeft(Mark mark, Path image, long offset, long diskSize, How... hows)
            throws IOException {
        Path blank = file("blank", diskSize);
        try (FileDevice device = FileDevice.open(blank, OpenMode.WRITE)) {
            How.FROM_A_FILE.restore(image, device);
        }
        long size = offset == 0 ? diskSize : VOLUME;
        String expected = marksIn(blank, offset, size);
        for (How how : hows) {
            file("target", diskSize);
            mark.putOn(target, offset, size);
            assertThat(marksIn(target, offset, size)).as("the mark is one").isNotBlank();
            try (FileDevice device = FileDevice.open(target, OpenMode.WRITE)) {
                how.restore(image, device);
            }
            assertThat(marksIn(target, offset, size)).as("%s, %s", mark, how).isEqualTo(expected);
            assertThat(Files.mismatch(target, blank)).as("%s, %s", mark, how).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @MethodSource("marks")
    void nothingIsLeftOnAWholeDisk(Mark mark) throws IOException {
        assertNothingIsLeft(mark, capture(volume), 0, VOLUME, How.values());
    }

    @ParameterizedTest
    @MethodSource("marks")
    void nothingIsLeftOnALargerDisk(Mark mark) throws IOException {
        assertNothingIsLeft(mark, capture(volume), 0, VOLUME + 9 * MIB + 4096, How.values());
    }

    @ParameterizedTest
    @MethodSource("marks")
    void nothingIsLeftInAPartition(Mark mark) throws IOException {
        assertNothingIsLeft(mark, capture(diskWithVolumeAsPartition()), MIB, VOLUME + 8 * MIB, How.values());
    }

    @ParameterizedTest
    @MethodSource("marks")
    void nothingIsLeftOnADeviceThatTakesAPartition(Mark mark) throws IOException {
        Path image = capture(diskWithVolumeAsPartition());
        long size = VOLUME + 4 * MIB;
        file("target", size);
        mark.putOn(target, 0, size);
        try (ImageReader reader = ImageReader.open(image);
                FileDevice device = FileDevice.open(target, OpenMode.WRITE)) {
            Restore.of(reader.newestImage())
                    .options(options -> options.partition(1))
                    .to(device);
        }
        Files.copy(volume, directory.resolve("blank"), StandardCopyOption.REPLACE_EXISTING);
        try (FileDevice device = FileDevice.open(directory.resolve("blank"), OpenMode.WRITE)) {
            device.endAt(size);
        }
        assertThat(marksOn(target)).isEqualTo(marksOn(directory.resolve("blank")));
    }

    @ParameterizedTest
    @MethodSource("marks")
    void aConvertedDiskHasNothingElseAfterItsEnd(Mark mark) throws IOException {
        long size = VOLUME + 9 * MIB;
        file("target", size);
        mark.putOn(target, 0, size);
        try (FileDevice source = FileDevice.open(volume, OpenMode.READ);
                FileDevice device = FileDevice.open(target, OpenMode.WRITE)) {
            Convert.of(source).to(device);
        }
        assertThat(marksOn(target)).isEqualTo(marksOn(volume));
    }

    @Test
    void anOverlayAfterASquashfsIsErased() throws IOException {
        Path tree = Files.createDirectory(directory.resolve("tree"));
        Files.writeString(tree.resolve("file"), "content");
        Path squashfs = directory.resolve("squashfs");
        Oracle.of("mksquashfs").run(tree, squashfs, "-quiet", "-no-progress");
        long end = Files.size(squashfs);
        Path disk = file("disk", 16 * MIB);
        Files.write(disk, Files.readAllBytes(squashfs), StandardOpenOption.WRITE);
        Path image = capture(disk);
        long overlay = (end + 65535) & -65536L;
        file("target", 16 * MIB);
        try (FileChannel channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {0x53, (byte) 0xEF}), overlay + 1080);
        }
        try (FileDevice device = FileDevice.open(target, OpenMode.WRITE)) {
            How.FROM_A_FILE.restore(image, device);
        }
        assertThat(Files.mismatch(target, disk)).isEqualTo(-1);
    }

    @Test
    void theMirrorsOfAnOldBtrfsAreErased() throws IOException {
        Path disk = file("disk", 80 * MIB);
        Oracle.of("mkswap").run("-q", disk);
        Path image = capture(disk);
        file("target", 80 * MIB);
        try (FileChannel channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap("_BHRfS_M".getBytes(StandardCharsets.US_ASCII)), 64 * MIB + 0x40);
        }
        try (FileDevice device = FileDevice.open(target, OpenMode.WRITE)) {
            How.FROM_A_FILE.restore(image, device);
        }
        assertThat(Files.mismatch(target, disk)).isEqualTo(-1);
    }

    @Test
    void anOldBackupGptAtTheEndOfALargerDiskIsErased() throws IOException {
        Path image = capture(volume);
        for (How how : How.values()) {
            file("target", 80 * MIB);
            try (FileDevice device = FileDevice.open(target, OpenMode.WRITE)) {
                PartitionLayout.gpt().add(PartitionSpec.rest("linux")).build().write(device, new Random(3));
                how.restore(image, device);
                ByteBuffer end = ByteBuffer.allocate(33 * 512);
                device.read(end, device.size() - end.capacity());
                assertThat(end.array()).containsOnly(0);
            }
        }
    }

    @Test
    void whatTheImageHasIsNeverErased() throws IOException {
        byte[] bytes = new byte[8 * MIB];
        new Random(5).nextBytes(bytes);
        Path disk = directory.resolve("disk");
        Files.write(disk, bytes);
        Path image = capture(disk);
        for (How how : How.values()) {
            file("target", 8 * MIB);
            try (FileDevice device = FileDevice.open(target, OpenMode.WRITE)) {
                how.restore(image, device);
            }
            assertThat(Files.mismatch(target, disk)).isEqualTo(-1);
        }
    }
}

package io.platter.nativeio.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.block.OpenMode;
import io.platter.test.Oracle;
import io.platter.testkit.BlockDeviceContract;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparseFileTest implements BlockDeviceContract {
    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    @Override
    public BlockDevice deviceOf(byte[] content) throws IOException {
        return BlockDevices.open(Files.write(directory.resolve("disk"), content), OpenMode.WRITE);
    }

    @Test
    void holesAreSeenWithoutReading() throws IOException {
        Path file = sparse(1L << 40, MIB, 5 * MIB + 4096);
        try (BlockDevice device = BlockDevices.open(file, OpenMode.READ)) {
            assertThat(extents(device))
                    .containsExactly(
                            new Extent(0, MIB, ExtentKind.ZERO),
                            new Extent(MIB, 4096, ExtentKind.DATA),
                            new Extent(MIB + 4096, 4 * MIB, ExtentKind.ZERO),
                            new Extent(5 * MIB + 4096, 4096, ExtentKind.DATA),
                            new Extent(5 * MIB + 8192, (1L << 40) - 5 * MIB - 8192, ExtentKind.ZERO));
        }
    }

    @Test
    void aClusterThatIsNotZeroSpeaksForTheNextMebibyte() throws IOException {
        Path file = sparse(4 * MIB, 0);
        try (BlockDevice device = BlockDevices.open(file, OpenMode.READ)) {
            assertThat(device.extentAt(0)).isEqualTo(new Extent(0, MIB, ExtentKind.DATA));
            assertThat(device.extentAt(MIB)).isEqualTo(new Extent(MIB, 3 * MIB, ExtentKind.ZERO));
            assertThat(device.extentAt(0)).isEqualTo(new Extent(0, 4096, ExtentKind.DATA));
        }
    }

    @Test
    void zeroGivesTheRoomBack() throws IOException {
        Path file = Files.write(directory.resolve("full"), new byte[4 * MIB]);
        try (BlockDevice device = BlockDevices.open(file, OpenMode.WRITE)) {
            device.write(ByteBuffer.allocate(4 * MIB), 0);
            device.flush();
            long before = room(file);
            device.zero(0, 3 * MIB);
            assertThat(room(file)).isLessThanOrEqualTo(before - 3 * 1024);
            assertThat(Files.size(file)).isEqualTo(4 * MIB);
        }
    }

    @Test
    void aFileThatWasReplacedLendsItsHolesToNobody() throws IOException {
        Path file = Files.write(directory.resolve("replaced"), new byte[MIB]);
        try (BlockDevice device = BlockDevices.open(file, OpenMode.READ)) {
            Files.delete(file);
            sparse(MIB);
            Files.move(directory.resolve("sparse"), file);
            assertThat(device.extentAt(0)).isEqualTo(new Extent(0, MIB, ExtentKind.DATA));
        }
    }

    @Test
    void aFileThatWasCutIsNoHole() throws IOException {
        Path file = sparse(2 * MIB);
        try (BlockDevice device = BlockDevices.open(file, OpenMode.READ)) {
            assertThat(device.extentAt(0).kind()).isEqualTo(ExtentKind.ZERO);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(MIB);
            }
            assertThat(device.extentAt(0)).isEqualTo(new Extent(0, MIB, ExtentKind.ZERO));
            assertThat(device.extentAt(MIB)).isEqualTo(new Extent(MIB, MIB, ExtentKind.DATA));
        }
    }

    @Test
    void namesOfAllBytesAreOpened() throws IOException {
        Path file = directory.resolve("a %41 ü\u20ac #?");
        Files.move(sparse(MIB), file);
        try (BlockDevice device = BlockDevices.open(file, OpenMode.READ)) {
            assertThat(device.extentAt(0)).isEqualTo(new Extent(0, MIB, ExtentKind.ZERO));
        }
    }

    @Test
    void readOnlyFilesAreNotWritten() throws IOException {
        try (BlockDevice device = BlockDevices.open(sparse(MIB), OpenMode.READ)) {
            assertThat(device.isWritable()).isFalse();
            assertThatThrownBy(() -> device.zero(0, 1)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> device.discard(0, 1)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> device.write(ByteBuffer.allocate(1), 0)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void readingAFileThatIsNotSparseLoadsNoClassOfJna() throws Exception {
        Path file = directory.resolve("dense");
        byte[] content = new byte[3 * MIB + 1000];
        Arrays.fill(content, (byte) 7);
        Files.write(file, content);
        assertThat(classesLoadedByReading(file))
                .anyMatch(line -> line.contains("SparseFile"))
                .noneMatch(line -> line.contains("com.sun.jna"));
        assertThat(classesLoadedByReading(sparse(MIB))).anyMatch(line -> line.contains("com.sun.jna"));
    }

    /** Reads all DATA of a file, in a Java machine of its own. */
    static final class Reading {
        private Reading() {}

        public static void main(String[] arguments) throws IOException {
            try (BlockDevice device = BlockDevices.open(Path.of(arguments[0]), OpenMode.READ)) {
                for (Extent extent : extents(device)) {
                    device.read(ByteBuffer.allocate((int) extent.length()), extent.offset());
                }
            }
        }
    }

    private static List<String> classesLoadedByReading(Path file) throws Exception {
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-Xlog:class+load",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Reading.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .start();
        try (Stream<String> lines = java.inputReader().lines()) {
            List<String> output = lines.toList();
            assertThat(java.waitFor()).as(String.join("\n", output)).isZero();
            return output;
        }
    }

    private static List<Extent> extents(BlockDevice device) throws IOException {
        List<Extent> extents = new ArrayList<>();
        for (long offset = 0; offset < device.size(); ) {
            Extent extent = device.extentAt(offset);
            extents.add(extent);
            offset = extent.end();
        }
        return extents;
    }

    /** Creates a file of holes, with a cluster that is not zero at each place. */
    private Path sparse(long size, long... places) throws IOException {
        Path file = directory.resolve("sparse");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            for (long place : places) {
                byte[] cluster = new byte[4096];
                Arrays.fill(cluster, (byte) 9);
                channel.write(ByteBuffer.wrap(cluster), place);
            }
        }
        Oracle.of("truncate").run("--size", size, file);
        return file;
    }

    /** Returns the room that a file takes, in KiB. */
    private static long room(Path file) {
        return Long.parseLong(Oracle.of("du").run("-k", file).split("\t", 2)[0]);
    }
}

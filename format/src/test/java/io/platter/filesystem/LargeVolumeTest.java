package io.platter.filesystem;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.allocation.AllocationMap;
import io.platter.block.BlockDevice;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.test.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Volumes of 16 TiB are mapped by a JVM with 256 MiB of heap. */
class LargeVolumeTest {
    /** The largest file that ext4 holds is one block smaller than 16 TiB. */
    private static final long SIZE = (16L << 40) - (1 << 20);

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mke2fs -q -F -t ext4 -J size=64 -E lazy_itable_init=1,lazy_journal_init=1 -O sparse_super2",
                "mke2fs -q -F -t ext4 -b 4096 -O meta_bg,^resize_inode,^has_journal,^flex_bg",
                "mkfs.xfs -q -f -l size=64m"
            })
    @Timeout(120)
    void isMappedInASmallHeap(String command) throws IOException {
        Path image = directory.resolve("image");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(SIZE);
        }
        List<Object> words = new ArrayList<>(List.of(command.split(" ")));
        words.add(image);
        Oracle.of((String) words.remove(0)).run(words.toArray());
        String output = inSmallHeap(image);
        assertThat(output).matches("NONE \\d+ \\s*");
        assertThat(Long.parseLong(output.replaceAll("\\D", ""))).isBetween(1L, SIZE / 50);
    }

    private String inSmallHeap(Path image) throws IOException {
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Mapper.class.getName(),
                        image.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
        }
        return Files.readString(output, StandardCharsets.UTF_8);
    }

    /** Runs in a JVM of its own. */
    static final class Mapper {
        private Mapper() {}

        /** Prints the reason and the used bytes of the image that is named. */
        public static void main(String[] arguments) throws IOException {
            try (BlockDevice device = FileDevice.open(Path.of(arguments[0]), OpenMode.READ)) {
                AllocationMap map = Filesystems.probe(device);
                System.out.println(map.reason() + " " + map.used().bytes() + " " + map.detail());
            }
        }
    }
}

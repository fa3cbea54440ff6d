package io.platter.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of docs/guide-partitions.md. */
class PartitionGuideTest {
    private static final long GIB = 1L << 30;

    @TempDir
    Path directory;

    private static void read(BlockDevice disk) throws IOException {
        // region=read
        PartitionTable table = PartitionTables.read(disk);
        for (Partition partition : table.partitions()) {
            System.out.printf(
                    "%d: %d bytes at %d, %s %s%n",
                    partition.index(),
                    partition.length(),
                    partition.diskOffset(),
                    partition.type().title(),
                    partition.name());
        }
        for (Finding finding : table.findings()) {
            System.out.println(finding.severity() + " at " + finding.diskOffset() + ": " + finding.message());
        }
        // end
    }

    private static ExtentSet write(BlockDevice disk) throws IOException {
        // region=write
        PartitionLayout layout = PartitionLayout.gpt()
                .add(PartitionSpec.ofSize("efi", 512 << 20).named("EFI system"))
                .add(PartitionSpec.rest("linux").named("root"))
                .add(PartitionSpec.ofSize("swap", 1 << 30))
                .build();
        ExtentSet written = layout.write(disk, new SecureRandom());
        // end
        return written;
    }

    private static void repair(BlockDevice disk) throws IOException {
        // region=repair
        if (PartitionTables.read(disk) instanceof Gpt gpt) {
            Gpt repaired = gpt.fittedTo(disk.size());
            PartitionTables.write(repaired, disk);
        }
        // end
    }

    @Test
    void theExamplesDoWhatTheGuideSays() throws IOException {
        Path path = directory.resolve("disk");
        try (BlockDevice disk = FileDevice.create(path, 8 * GIB)) {
            ExtentSet written = write(disk);
            assertThat(written).isEqualTo(PartitionTables.read(disk).tableExtents());
        }
        try (var channel = Files.newByteChannel(path, java.nio.file.StandardOpenOption.WRITE)) {
            channel.position(9 * GIB - 1).write(java.nio.ByteBuffer.allocate(1));
        }
        try (BlockDevice disk = FileDevice.open(path, OpenMode.WRITE)) {
            disk.zero(512, 512);
            assertThat(PartitionTables.read(disk).findings()).hasSize(3);
            read(disk);
            repair(disk);
            assertThat(PartitionTables.read(disk).findings()).isEmpty();
            assertThat(PartitionTables.read(disk).partitions())
                    .extracting(Partition::length)
                    .containsExactly(512L << 20, 8 * GIB - (512L << 20) - GIB - (2L << 20), GIB);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"read", "write", "repair"})
    void theGuideShowsTheseExamples(String region) throws IOException {
        String source = Files.readString(Path.of("src/test/java/io/platter/partition/PartitionGuideTest.java"));
        int start = source.indexOf("// region=" + region + "\n");
        String example = source.substring(source.indexOf('\n', start) + 1, source.indexOf("        // end", start));
        String guide = Files.readString(Path.of("../docs/guide-partitions.md"));
        assertThat(guide)
                .contains("<!-- region=" + region + " -->\n```java\n"
                        + example.stripTrailing().stripIndent() + "\n```\n");
    }
}

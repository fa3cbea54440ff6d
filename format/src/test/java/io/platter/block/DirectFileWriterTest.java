package io.platter.block;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectFileWriterTest {
    private static final int SIZE = 4 << 20;
    private static final int LONGEST = 1 << 20;

    private final Random random = new Random(1);
    private final ByteBuffer memory = AlignedBuffers.allocate(LONGEST + AlignedBuffers.GRID);

    @TempDir
    Path directory;

    @Test
    void anyMixtureOfAlignedAndOddWritesGivesTheBytesThatWereWritten() throws IOException {
        byte[] expected = new byte[SIZE];
        Path file = Files.write(directory.resolve("file"), expected);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                DirectFileWriter writer = DirectFileWriter.of(file, channel)) {
            for (int round = 0; round < 200; round++) {
                int length = 1 + random.nextInt(LONGEST);
                int offset = random.nextInt(SIZE - length);
                // Memory and file are equally far from the grid, or only nearly so, or not at all.
                int start = (offset + random.nextInt(2) * random.nextInt(4)) % AlignedBuffers.GRID;
                ByteBuffer bytes = round % 10 == 0 ? ByteBuffer.allocate(memory.capacity()) : memory.duplicate();
                byte[] content = new byte[length];
                random.nextBytes(content);
                System.arraycopy(content, 0, expected, offset, length);
                bytes.put(start, content).limit(start + length).position(start);
                writer.write(bytes, offset);
                assertThat(bytes.remaining()).isZero();
                assertThat(bytes.limit()).isEqualTo(start + length);
            }
            ByteBuffer read = ByteBuffer.allocate(SIZE);
            channel.read(read, 0);
            assertThat(Arrays.mismatch(read.array(), expected)).isEqualTo(-1);
        }
        assertThat(Arrays.mismatch(Files.readAllBytes(file), expected)).isEqualTo(-1);
    }
}

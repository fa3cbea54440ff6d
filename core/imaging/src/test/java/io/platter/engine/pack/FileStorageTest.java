package io.platter.engine.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.job.JobControl;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStorageTest {
    private static final int SIZE = 9 << 20;

    private final Random random = new Random(1);

    @TempDir
    Path directory;

    private final List<FileChannel> channels = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (FileChannel channel : channels) {
            channel.close();
        }
    }

    @Test
    void whatIsWrittenInPiecesOfAnyLengthStandsInTheFile() throws IOException {
        byte[] content = content();
        Path file = directory.resolve("file");
        try (Storage storage = open(file)) {
            for (int position = 0; position < SIZE; ) {
                int length = Math.min(SIZE - position, random.nextInt(1 << 20));
                storage.write(ByteBuffer.wrap(content, position, length), position);
                position += length;
                if (random.nextInt(5) == 0) {
                    storage.flush();
                    assertThat(Files.size(file)).isEqualTo(position);
                }
            }
            storage.force();
        }
        assertThat(Arrays.mismatch(Files.readAllBytes(file), content)).isEqualTo(-1);
    }

    @Test
    void writingGoesOnAtAnyPlaceOfAFile() throws IOException {
        byte[] content = content();
        int start = 12_345;
        Path file = Files.write(directory.resolve("file"), Arrays.copyOf(content, start));
        try (Storage storage = open(file)) {
            storage.write(ByteBuffer.wrap(content, start, SIZE - start), start);
            storage.force();
        }
        assertThat(Arrays.mismatch(Files.readAllBytes(file), content)).isEqualTo(-1);
    }

    @Test
    void whatWasNotFlushedIsDroppedWhenTheFileIsClosed() throws IOException {
        Path file = directory.resolve("file");
        try (Storage storage = open(file)) {
            storage.write(ByteBuffer.wrap(new byte[1000]), 0);
            storage.flush();
            storage.write(ByteBuffer.wrap(new byte[1000]), 1000);
        }
        assertThat(Files.size(file)).isEqualTo(1000);
    }

    @Test
    void aFailureComesOutAtTheLatestWhenTheBytesAreFlushed() throws IOException {
        Path file = directory.resolve("file");
        try (Storage storage = open(file)) {
            storage.write(ByteBuffer.wrap(new byte[1000]), 0);
            storage.flush();
            close();
            storage.write(ByteBuffer.wrap(new byte[3 << 20]), 1000);
            assertThatThrownBy(storage::flush)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("writing " + file + " failed at offset ");
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("platter-"));
    }

    /** A buffer that is being written is the writer's: whoever still looks at it puts the next bytes at a wrong place. */
    @Test
    void theNextBytesGoBehindTheLastWhateverTheWriterDoesWithItsBuffer() throws IOException {
        List<Long> places = new ArrayList<>();
        Path file = directory.resolve("file");
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        channels.add(channel);
        FileStorage.Writer writer = (bytes, fileOffset) -> {
            places.add(fileOffset);
            bytes.limit(bytes.position());
        };
        try (Storage storage = new FileStorage(file, channel, writer, task -> {
            task.run();
            return CompletableFuture.completedFuture(null);
        })) {
            storage.write(ByteBuffer.wrap(new byte[5 << 20]), 0);
            storage.flush();
        }
        assertThat(places).containsExactly(0L, 2L << 20, 4L << 20);
    }

    private byte[] content() {
        byte[] content = new byte[SIZE];
        random.nextBytes(content);
        return content;
    }

    private Storage open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
        channels.add(channel);
        return new FileStorage(JobControl.defaults(), file, channel);
    }
}

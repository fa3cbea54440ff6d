package io.platter.engine.pack;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.AlignedBuffers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectChannelTest {
    @TempDir
    Path directory;

    @Test
    void whatIsWrittenStandsWhereTheChannelWas() throws IOException {
        byte[] content = new byte[(1 << 20) + 777];
        new Random(1).nextBytes(content);
        ByteBuffer memory = AlignedBuffers.allocate(content.length + AlignedBuffers.GRID)
                .put(content)
                .flip();
        Path path = directory.resolve("file");
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
                DirectChannel channel = new DirectChannel(path, file)) {
            assertThat(channel.write(memory.limit(1 << 20))).isEqualTo(1 << 20);
            assertThat(channel.write(memory.limit(content.length))).isEqualTo(777);
            assertThat(channel.position()).isEqualTo(content.length);
            channel.position(100).write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            assertThat(channel.position()).isEqualTo(103);
            assertThat(channel.size()).isEqualTo(content.length);
            channel.truncate(content.length - 1);
            assertThat(channel.position()).isEqualTo(103);
            channel.finish();
            assertThat(channel.isOpen()).isFalse();
        }
        ByteBuffer expected = ByteBuffer.wrap(content, 0, content.length - 1).put(100, new byte[] {1, 2, 3});
        assertThat(ByteBuffer.wrap(Files.readAllBytes(path))).isEqualTo(expected);
    }

    @Test
    void onlyTheChannelIsClosed() throws IOException {
        Path path = directory.resolve("file");
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            DirectChannel channel = new DirectChannel(path, file);
            assertThat(channel.isOpen()).isTrue();
            channel.close();
            channel.close();
            assertThat(channel.isOpen()).isFalse();
            assertThat(file.isOpen()).isTrue();
        }
    }
}

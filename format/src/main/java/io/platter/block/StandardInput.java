package io.platter.block;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The standard input, and the file that it is.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class StandardInput implements ReadableByteChannel, Backed {
    /** Where Linux and macOS show the open file; on Linux as a link to it, which leads to it even if it has no name. */
    private static final Path DESCRIPTOR = Path.of("/dev/fd/0");

    private final ReadableByteChannel channel;
    private boolean open = true;

    StandardInput(ReadableByteChannel channel) {
        this.channel = channel;
    }

    @Override
    public List<Backing> backing() throws IOException {
        return Files.isRegularFile(DESCRIPTOR) || isBlockDevice() ? BlockDevices.backing(DESCRIPTOR) : List.of();
    }

    private static boolean isBlockDevice() throws IOException {
        return Files.exists(DESCRIPTOR) && FileKind.of(DESCRIPTOR) == FileKind.BLOCK_DEVICE;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        return channel.read(target);
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public void close() {
        open = false;
    }

    @Override
    public String toString() {
        return "standard input";
    }
}

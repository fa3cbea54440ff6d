package io.platter.block;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Writes to a file so that long runs go to the medium without a copy in the system's cache, which costs more of the
 * processor than anything else that is done with them. What is short or not aligned, and everything where the system
 * can't do that, is written as usual.
 *
 * <p>A run is written directly if at least {@value #SHORTEST} bytes of it are on the grid of {@link AlignedBuffers#GRID}
 * bytes, in the file and in memory alike. Safe for use by several threads, as far as they do not touch the same bytes.
 */
public final class DirectFileWriter implements Closeable {
    private static final int GRID = AlignedBuffers.GRID;
    private static final int SHORTEST = 128 << 10;

    private final FileChannel usual;
    private final @Nullable FileChannel direct;
    private volatile boolean useDirect = true;

    private DirectFileWriter(FileChannel usual, @Nullable FileChannel direct) {
        this.usual = usual;
        this.direct = direct;
    }

    /**
     * Returns a writer to a file.
     *
     * @param path the file, which the channel has just opened
     * @param channel the file, open for writing; the caller closes it
     */
    public static DirectFileWriter of(Path path, FileChannel channel) {
        return new DirectFileWriter(channel, openDirect(path));
    }

    private static @Nullable FileChannel openDirect(Path path) {
        try {
            // The JDK wants all that is aligned to be aligned to this.
            return Files.getFileStore(path).getBlockSize() <= GRID
                    ? FileChannel.open(
                            path.toRealPath(), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS, directOption())
                    : null;
        } catch (IOException | ReflectiveOperationException | UnsupportedOperationException e) {
            return null; // Neither every filesystem nor every runtime can do this.
        }
    }

    /** Returns the option of the module jdk.unsupported, whose use by its name the compiler warns of, come what may. */
    static OpenOption directOption() throws ReflectiveOperationException {
        return (OpenOption) Class.forName("com.sun.nio.file.ExtendedOpenOption")
                .getField("DIRECT")
                .get(null);
    }

    /**
     * Writes all bytes from the buffer's position to its limit. If it fails, the position tells how far it came.
     *
     * @param fileOffset where they go, in bytes
     */
    public void write(ByteBuffer bytes, long fileOffset) throws IOException {
        long start = fileOffset - bytes.position();
        FileChannel channel = direct;
        int head = (int) (-fileOffset & GRID - 1);
        int middle = (bytes.remaining() - head) / GRID * GRID;
        if (channel != null
                && useDirect
                && middle >= SHORTEST
                && bytes.isDirect()
                && bytes.alignmentOffset(bytes.position() + head, GRID) == 0) {
            int limit = bytes.limit();
            writeTo(usual, bytes.limit(bytes.position() + head), start);
            writeDirectly(channel, bytes.limit(bytes.position() + middle), start);
            bytes.limit(limit);
        }
        writeTo(usual, bytes, start);
    }

    /** Writes as usual what can't be written directly, and everything from then on: that way, errors are real ones. */
    private void writeDirectly(FileChannel channel, ByteBuffer bytes, long start) throws IOException {
        try {
            writeTo(channel, bytes, start);
        } catch (IOException e) {
            // Not closed before the end: the first close of a file ends the process's locks on it.
            useDirect = false;
            try {
                writeTo(usual, bytes, start);
            } catch (IOException real) {
                real.addSuppressed(e);
                throw real;
            }
        }
    }

    private static void writeTo(FileChannel channel, ByteBuffer bytes, long start) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes, start + bytes.position());
        }
    }

    /** Closes what this writer has opened, which is not the channel. */
    @Override
    public void close() throws IOException {
        FileChannel channel = direct;
        if (channel != null) {
            channel.close();
        }
    }
}

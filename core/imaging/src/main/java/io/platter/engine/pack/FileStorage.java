package io.platter.engine.pack;

import io.platter.block.AlignedBuffers;
import io.platter.block.DirectFileWriter;
import io.platter.engine.line.Threads;
import io.platter.engine.line.Workers;
import io.platter.job.JobControl;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/**
 * An image file on a filesystem. Bytes are gathered until there are enough of them for one long write, which goes
 * around the system's cache, on a thread of its own: meanwhile the next bytes are gathered. So an error of the disk may
 * come out one call later. Memory: two buffers of {@value #GATHERED} bytes.
 */
public final class FileStorage implements Storage {
    /** How many bytes are written at once. */
    private static final int GATHERED = 2 << 20;

    private final Path path;
    private final FileChannel channel;
    private ByteBuffer gathered = AlignedBuffers.allocate(GATHERED);
    /** What {@link #underWay} writes. */
    private ByteBuffer full = AlignedBuffers.allocate(GATHERED);

    private Future<?> underWay = CompletableFuture.completedFuture(null);
    /** Where the first gathered byte goes, and where it is in the buffer: equally far from the grid. */
    private long fileOffset;

    private int start;
    private final Writer writer;
    private final Background background;
    private final Closeable opened;

    /** Writes bytes to a place of the file; meanwhile they are its own, and so are their position and limit. */
    interface Writer {
        void write(ByteBuffer bytes, long fileOffset) throws IOException;
    }

    /** Runs what is written. */
    interface Background {
        Future<?> start(Runnable task);
    }

    /** Takes a channel, which stays open when this is closed. */
    public FileStorage(JobControl control, Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
        DirectFileWriter direct = DirectFileWriter.of(path, channel);
        this.writer = direct::write;
        // Last, since nobody ends it if the memory or the file can't be had.
        Workers<AutoCloseable> thread = Workers.startWaiting(control, "file", 1);
        this.background = task -> thread.submit(nothing -> task.run());
        this.opened = () -> {
            try (direct) {
                thread.close();
            }
        };
    }

    /** Takes a channel, and how it is written. */
    FileStorage(Path path, FileChannel channel, Writer writer, Background background) {
        this.path = path;
        this.channel = channel;
        this.writer = writer;
        this.background = background;
        this.opened = () -> {};
    }

    @Override
    public String name() {
        return path.toString();
    }

    @Override
    public void write(ByteBuffer bytes, long position) throws IOException {
        if (gathered.position() == start) {
            startAt(position);
        }
        while (bytes.hasRemaining()) {
            int count = Math.min(bytes.remaining(), gathered.remaining());
            gathered.put(gathered.position(), bytes, bytes.position(), count);
            gathered.position(gathered.position() + count);
            bytes.position(bytes.position() + count);
            if (!gathered.hasRemaining()) {
                startWriting();
            }
        }
    }

    private void startAt(long position) {
        fileOffset = position;
        start = (int) (position % AlignedBuffers.GRID);
        gathered.clear().position(start);
    }

    private void startWriting() throws IOException {
        Threads.get(underWay);
        ByteBuffer bytes = gathered;
        int first = start;
        long position = fileOffset;
        bytes.flip().position(first);
        // From the next line but one on, the buffer is the thread's, and so are its position and its limit.
        long end = position + bytes.remaining();
        underWay = background.start(() -> write(bytes, first, position));
        gathered = full;
        full = bytes;
        startAt(end);
    }

    /** Writes on the thread; {@code first} is where the bytes began in the buffer. */
    private void write(ByteBuffer bytes, int first, long position) {
        try {
            writer.write(bytes, position);
        } catch (IOException e) {
            long failed = position + bytes.position() - first;
            throw new UncheckedIOException(
                    new IOException("writing " + path + " failed at offset " + failed + ": " + e.getMessage(), e));
        }
    }

    @Override
    public void flush() throws IOException {
        startWriting();
        Threads.get(underWay);
    }

    @Override
    public void force() throws IOException {
        flush();
        try {
            channel.force(true);
        } catch (IOException e) {
            throw new IOException("writing " + path + " to the medium failed: " + e.getMessage(), e);
        }
    }

    /** Waits for what is under way; what was not flushed is dropped. */
    @Override
    public void close() throws IOException {
        opened.close();
    }
}

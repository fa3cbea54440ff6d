package io.platter.block;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A file that is open for reading and stays so when a thread that reads is interrupted: a {@code FileChannel} is closed
 * by that, for all threads. The interrupt stays pending, for whoever looks for it.
 *
 * <p>Safe for use by several threads. {@link #close()} waits for reads that are on their way.
 */
final class UninterruptibleFile implements Closeable {
    /** Of the JDK's channels, only the asynchronous one is not closed by interrupts. */
    private final AsynchronousFileChannel channel;

    private UninterruptibleFile(AsynchronousFileChannel channel) {
        this.channel = channel;
    }

    static UninterruptibleFile open(Path path) throws IOException {
        // On Windows reads complete in threads of the JDK's pool, whatever executor there is; elsewhere a read is a
        // task,
        // which the calling thread can do itself.
        @Nullable DirectExecutor executor = File.separatorChar == '/' ? new DirectExecutor() : null;
        return new UninterruptibleFile(AsynchronousFileChannel.open(path, Set.of(StandardOpenOption.READ), executor));
    }

    /** Returns the file's size in bytes. */
    long size() throws IOException {
        return channel.size();
    }

    /**
     * Reads once, as {@code FileChannel.read(ByteBuffer, long)} does.
     *
     * @throws java.nio.channels.ClosedChannelException if the file is closed
     */
    int read(ByteBuffer target, long fileOffset) throws IOException {
        Future<Integer> read = channel.read(target, fileOffset);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return read.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw failure(e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static IOException failure(ExecutionException e) {
        Throwable cause = e.getCause();
        if (cause instanceof IOException failed) {
            return failed;
        }
        if (cause instanceof RuntimeException failed) {
            throw failed;
        }
        if (cause instanceof Error failed) {
            throw failed;
        }
        return new IOException(e);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Does each task in the thread that brings it. */
    private static final class DirectExecutor extends AbstractExecutorService {
        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public void shutdown() {}

        @Override
        public List<Runnable> shutdownNow() {
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return false;
        }
    }
}

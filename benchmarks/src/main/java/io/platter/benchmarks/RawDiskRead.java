package io.platter.benchmarks;

import io.platter.block.AlignedBuffers;
import io.platter.block.OpenMode;
import io.platter.device.RawDisk;
import io.platter.device.RawDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Reads a disk from its start to its end, by {@link RawDisk} and by a plain {@link FileChannel} in turn, and prints the
 * speed of each round: {@code RawDiskRead DEVICE [ROUNDS]}. {@code raw-disk.sh} runs it beside {@code dd}.
 */
public final class RawDiskRead {
    private static final int PIECE = 4 << 20;

    private RawDiskRead() {}

    private interface Reader {
        void read(ByteBuffer target, long diskOffset) throws IOException;
    }

    /** Runs the rounds. */
    public static void main(String[] arguments) throws IOException {
        Path path = Path.of(arguments[0]);
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
        for (int round = 0; round < rounds; round++) {
            try (RawDisk disk = RawDisks.open(path, OpenMode.READ)) {
                print("RawDisk", disk.size(), time(disk.size(), disk::read));
            }
            try (FileChannel channel = FileChannel.open(path)) {
                print("FileChannel", channel.size(), time(channel.size(), channel::read));
            }
        }
    }

    private static long time(long size, Reader reader) throws IOException {
        ByteBuffer piece = AlignedBuffers.allocate(PIECE);
        long start = System.nanoTime();
        for (long done = 0; done < size; ) {
            piece.clear().limit((int) Math.min(PIECE, size - done));
            reader.read(piece, done);
            done += piece.position();
        }
        return System.nanoTime() - start;
    }

    private static void print(String name, long bytes, long nanos) {
        System.out.printf(Locale.ROOT, "%-12s %6.0f MB/s%n", name, bytes * 1e3 / nanos);
    }
}

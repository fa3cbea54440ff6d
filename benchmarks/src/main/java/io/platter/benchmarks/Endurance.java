package io.platter.benchmarks;

import io.platter.Capture;
import io.platter.ImageWriter;
import io.platter.block.BlockDevice;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.job.CaptureOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * Captures a disk far larger than memory to nowhere, and tells the speed of each stretch: whether the copy path becomes
 * slower as the image grows.
 *
 * <p>The disk holds a stretch of real files over and over, whose cells differ each time, but for every second mebibyte,
 * which is one that was there before. What a machine that is busy with something else does to single stretches is kept
 * out by medians: those of the first and of the last quarter are compared.
 */
public final class Endurance {
    private static final int MIB = 1 << 20;
    private static final int CELL = 4096;
    private static final int CONTENT = 256;
    private static final int REPEATED = 2;

    /** The disk, made as it is read. */
    private static final class EndlessDisk implements BlockDevice {
        private final byte[] content;
        private final long size;

        EndlessDisk(byte[] content, long size) {
            this.content = content;
            this.size = size;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public String name() {
            return "endless";
        }

        @Override
        public int logicalSectorSize() {
            return 512;
        }

        @Override
        public boolean isWritable() {
            return false;
        }

        @Override
        public void read(ByteBuffer target, long diskOffset) {
            int start = target.position();
            for (long position = diskOffset; target.hasRemaining(); ) {
                int from = (int) (position % content.length);
                int count = (int) Math.min(Math.min(target.remaining(), content.length - from), MIB - position % MIB);
                target.put(content, from, count);
                position += count;
            }
            ByteBuffer stamped = target.duplicate().order(ByteOrder.LITTLE_ENDIAN);
            int head = (int) (-diskOffset & CELL - 1);
            for (int at = start + head; at + Long.BYTES <= target.limit(); at += CELL) {
                long cell = (diskOffset + at - start) / CELL;
                long mebibyte = cell * CELL / MIB;
                boolean isRepeated = mebibyte % REPEATED == REPEATED - 1;
                stamped.putLong(at, (isRepeated ? cell % (content.length / CELL) : cell) * 0x9E37_79B9_7F4A_7C15L + 1);
            }
        }

        @Override
        public void write(ByteBuffer source, long diskOffset) {
            throw new UnsupportedOperationException("made as it is read");
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    private Endurance() {}

    /**
     * Captures, and prints the speeds.
     *
     * @param arguments the size of the disk in GB (200) and that of a stretch (5)
     */
    public static void main(String[] arguments) throws IOException {
        long size = (arguments.length > 0 ? Long.parseLong(arguments[0]) : 200) * 1_000_000_000L / CELL * CELL;
        long stretch = (arguments.length > 1 ? Long.parseLong(arguments[1]) : 5) * 1_000_000_000L;
        BlockDevice disk = new EndlessDisk(Content.FILES.bytes(CONTENT, ""), size);
        List<Double> speeds = new ArrayList<>();
        long[] last = {0, System.nanoTime()};
        System.out.println("| GB | MB/s | heap, MB |");
        System.out.println("|---|---|---|");
        try (ImageWriter writer = ImageWriter.create(
                CopyPath.NOWHERE, DiskGeometry.of(disk), ImageOptions.builder().build())) {
            Capture.of(disk)
                    .options(CaptureOptions.everything())
                    .control(control -> control.progress(progress -> {
                        long now = System.nanoTime();
                        long bytes = progress.done() - last[0];
                        if (bytes >= stretch) {
                            speeds.add(bytes * 1e3 / (now - last[1]));
                            print(progress.done(), speeds.get(speeds.size() - 1));
                            last[0] = progress.done();
                            last[1] = now;
                        }
                    }))
                    .to(writer);
        }
        int quarter = Math.max(1, speeds.size() / 4);
        double atFirst = median(speeds.subList(0, quarter));
        double atLast = median(speeds.subList(speeds.size() - quarter, speeds.size()));
        System.out.printf(
                Locale.ROOT,
                "%nfirst quarter %.0f MB/s, last quarter %.0f MB/s: %.3f%n",
                atFirst,
                atLast,
                atLast / atFirst);
    }

    private static void print(long bytes, double speed) {
        Runtime runtime = Runtime.getRuntime();
        System.out.printf(
                Locale.ROOT,
                "| %.0f | %.0f | %d |%n",
                bytes / 1e9,
                speed,
                (runtime.totalMemory() - runtime.freeMemory()) / 1_000_000);
    }

    private static double median(List<Double> speeds) {
        List<Double> sorted = new ArrayList<>(speeds);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }
}

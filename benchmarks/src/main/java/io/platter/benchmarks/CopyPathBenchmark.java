package io.platter.benchmarks;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The whole copy path, and beside it the bare work over the same bytes on as many threads: {@code capture} against
 * {@code bareCapture}, {@code restore} and {@code verify} against {@code bareRestore}. All speeds are in bytes of the
 * disk a second.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH calls the method that sets the fields.
public class CopyPathBenchmark {
    /** What the disk holds. */
    @Param
    public Content content = Content.FILES;

    /** The size of the disk in MiB. */
    @Param("256")
    public int mebibytes;

    /** Where real files are; empty for the JDK's own modules file. */
    @Param("")
    public String directory = "";

    /** How many workers, or 0 for one for each processor. */
    @Param("0")
    public int threads;

    private CopyPath path;
    private BareWork bare;

    /** Counts the bytes of the disk that were done. */
    @AuxCounters
    @State(Scope.Thread)
    public static class Speed {
        /** Bytes of the disk. */
        public long bytes;
    }

    /** Makes the disk and its image. */
    @Setup(Level.Trial)
    public void start() throws IOException {
        byte[] disk = content.bytes(mebibytes, directory);
        int count = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
        path = new CopyPath(disk, count);
        bare = new BareWork(disk, path.image(), count);
    }

    /** Ends the bare work's threads. */
    @TearDown(Level.Trial)
    public void end() {
        bare.close();
    }

    /** Captures from memory to nowhere. */
    @Benchmark
    public void capture(Speed speed) throws IOException {
        path.capture();
        speed.bytes += (long) mebibytes << 20;
    }

    /** Restores from memory to nowhere. */
    @Benchmark
    public void restore(Speed speed) throws IOException {
        path.restore();
        speed.bytes += (long) mebibytes << 20;
    }

    /** Verifies in memory. */
    @Benchmark
    public void verify(Speed speed) throws IOException {
        path.verify();
        speed.bytes += (long) mebibytes << 20;
    }

    /** SHA-256 alone. */
    @Benchmark
    public void bareSha256(Speed speed) throws IOException {
        bare.sha256();
        speed.bytes += (long) mebibytes << 20;
    }

    /** zstd level 1 alone. */
    @Benchmark
    public void bareZstd(Speed speed) throws IOException {
        bare.zstd();
        speed.bytes += (long) mebibytes << 20;
    }

    /** SHA-256 and zstd level 1. */
    @Benchmark
    public void bareCapture(Speed speed) throws IOException {
        bare.sha256AndZstd();
        speed.bytes += (long) mebibytes << 20;
    }

    /** Decompression alone. */
    @Benchmark
    public void bareUnzstd(Speed speed) throws IOException {
        bare.unzstd();
        speed.bytes += (long) mebibytes << 20;
    }

    /** Decompression and SHA-256. */
    @Benchmark
    public void bareRestore(Speed speed) throws IOException {
        bare.unzstdAndSha256();
        speed.bytes += (long) mebibytes << 20;
    }
}

package io.platter.benchmarks;

import io.platter.Image;
import io.platter.ImageReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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

/** How long it takes to read a few sectors of an image: from a frame that has to be decoded, or is decoded already. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls the method that sets the fields.
public class RandomReadBenchmark {
    private static final int LENGTH = 4096;

    /** The size of the disk in MiB; the reader keeps 32 MiB of decoded frames. */
    @Param("256")
    public int mebibytes;

    /** Where real files are; empty for the JDK's own modules file. */
    @Param("")
    public String directory = "";

    private final Random random = new Random(1);
    private final ByteBuffer target = ByteBuffer.allocateDirect(LENGTH);
    private ImageReader reader;
    private Image image;

    /** Captures the disk. */
    @Setup(Level.Trial)
    public void open() throws IOException {
        byte[] disk = Content.FILES.bytes(mebibytes, directory);
        CopyPath path = new CopyPath(disk, Runtime.getRuntime().availableProcessors());
        reader = ImageReader.open(new MemoryChannel(path.image()));
        image = reader.newestImage();
    }

    /** Closes the image. */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        reader.close();
    }

    /** Reads 4 KiB anywhere: most reads decode a frame and check its hashes. */
    @Benchmark
    public ByteBuffer anywhere() throws IOException {
        return read(random.nextInt(mebibytes << 8));
    }

    /** Reads 4 KiB within 8 MiB, whose frames stay decoded. */
    @Benchmark
    public ByteBuffer nearby() throws IOException {
        return read(random.nextInt(8 << 8));
    }

    private ByteBuffer read(int cell) throws IOException {
        image.read(target.clear(), (long) cell * LENGTH);
        return target;
    }
}

package io.platter.engine.write;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import io.platter.benchmarks.Content;
import io.platter.image.CutRule;
import io.platter.image.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
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
 * The stages of a capture, one thread each, with bare SHA-256 and bare zstd over the same bytes. Stands in this package
 * since the stages are of no use to anybody else. An operation is one segment, or one frame of it.
 */
@NullMarked
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls the method that sets the fields.
public class StageBenchmark {
    /** Together larger than the processor's caches: 64 MiB. */
    private static final int SEGMENTS = 32;

    private static final int FRAME = 1 << 20;

    /** What the disk holds. */
    @Param
    public Content content = Content.FILES;

    /** Where real files are; empty for the JDK's own modules file. */
    @Param("")
    public String directory = "";

    private final SegmentPool pool = new SegmentPool(SEGMENTS);
    private final List<Segment> segments = new ArrayList<>();
    private final Worker worker = new Worker(1);
    private final Frame frame = new Frame(FRAME);
    private final MessageDigest sha256 = Sha256.newDigest();
    private final byte[] hash = new byte[Sha256.LENGTH];
    private final ZstdCompressCtx zstd = new ZstdCompressCtx().setLevel(1).setContentSize(true);
    private final ByteBuffer compressed = ByteBuffer.allocateDirect((int) Zstd.compressBound(FRAME));
    private final ByteBuffer plain = ByteBuffer.allocateDirect(SEGMENTS * Segment.SIZE);
    private byte[] disk;
    private SegmentFiller filler;
    private int next;

    /** Counts the bytes that a stage took. */
    @AuxCounters
    @State(Scope.Thread)
    public static class Speed {
        /** Bytes of the disk. */
        public long bytes;
    }

    /** Fills the segments, and cuts those that the later stages get. */
    @Setup(Level.Trial)
    public void fill() throws IOException, InterruptedException {
        disk = content.bytes((SEGMENTS * Segment.SIZE) >> 20, directory);
        plain.put(disk);
        cutDisk();
        List<Segment> raw = new ArrayList<>();
        for (int i = 0; i < SEGMENTS; i++) {
            Segment segment = pool.take();
            segment.bytes.put(Segment.HEADROOM, disk, i * Segment.SIZE, Segment.SIZE);
            raw.add(segment);
        }
        raw.forEach(Segment::release);
        filler = new SegmentFiller(pool, Segment::release, CutRule.byContent(), new long[] {0}, 0);
    }

    private void cutDisk() throws IOException, InterruptedException {
        SegmentPool cutPool = new SegmentPool(SEGMENTS + 2);
        SegmentFiller cutter = new SegmentFiller(cutPool, segments::add, CutRule.byContent(), new long[] {0}, 0);
        for (int position = 0; position < disk.length; ) {
            ByteBuffer room = cutter.room();
            int count = Math.min(room.remaining(), disk.length - position);
            room.put(disk, position, count);
            cutter.filled(count);
            position += count;
        }
        cutter.flush();
    }

    /** Frees native memory. */
    @TearDown(Level.Trial)
    public void close() {
        worker.close();
        zstd.close();
    }

    private Segment nextSegment() {
        next = (next + 1) % SEGMENTS;
        return segments.get(next);
    }

    /** Finds zeros and the ends of blocks in a segment whose bytes are there already. */
    @Benchmark
    public void cut(Speed speed) throws IOException, InterruptedException {
        int count = filler.room().remaining();
        filler.filled(count);
        speed.bytes += count;
    }

    /** Hashes the blocks of a segment. */
    @Benchmark
    public void hash(Speed speed) {
        worker.hash(nextSegment());
        speed.bytes += Segment.SIZE;
    }

    /** Makes the record of one frame: gathers blocks, compresses, and computes checksums. */
    @Benchmark
    public void frame(Speed speed) {
        Segment segment = nextSegment();
        for (int item = 0; item < segment.count(); item++) {
            if (segment.isBlock(item)) {
                if (!frame.hasRoomFor((int) segment.length(item))) {
                    break;
                }
                frame.add(segment, item, 0);
            }
        }
        speed.bytes += frame.length();
        if (!frame.isEmpty()) {
            frame.encode(worker);
        }
        frame.reset();
    }

    /** Hashes as many bytes as a segment has, from an array. */
    @Benchmark
    public byte[] bareSha256(Speed speed) throws DigestException {
        next = (next + 1) % SEGMENTS;
        sha256.update(disk, next * Segment.SIZE, Segment.SIZE);
        sha256.digest(hash, 0, hash.length);
        speed.bytes += Segment.SIZE;
        return hash;
    }

    /** Compresses as many bytes as a frame has. */
    @Benchmark
    public int bareZstd(Speed speed) {
        next = (next + 1) % SEGMENTS;
        speed.bytes += FRAME;
        return zstd.compressDirectByteBuffer(compressed, 0, compressed.capacity(), plain, next * Segment.SIZE, FRAME);
    }
}

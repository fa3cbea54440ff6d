package io.platter.benchmarks;

import io.platter.engine.write.BlockIndex;
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
import org.openjdk.jmh.annotations.Warmup;

/** How long it takes to learn whether a block is known; also prints the memory that a block costs. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class BlockIndexBenchmark {
    /** How many blocks are known. Fifty million need {@code -jvmArgs -Xmx2g}. */
    @Param({"1000000"})
    public int blocks;

    private final BlockIndex index = new BlockIndex(new Random(1).longs(8).toArray());
    private final ByteBuffer hash = ByteBuffer.allocate(32);
    private long step;

    /** Adds the blocks. */
    @Setup(Level.Trial)
    public void fill() {
        for (int block = 0; block < blocks; block++) {
            putHash(block);
            index.add(hash.array(), 0, block);
        }
        System.out.printf("%d blocks, %.1f bytes each%n", blocks, (double) index.memory() / blocks);
    }

    /** Makes a hash that looks as random as a real one; different numbers give different ones. */
    private void putHash(long number) {
        for (int word = 0; word < 4; word++) {
            long z = (4 * number + word + 1) * 0x9E37_79B9_7F4A_7C15L;
            z = (z ^ (z >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
            hash.putLong(8 * word, z ^ (z >>> 27));
        }
    }

    /** Looks for a block that is there, each time another one, far from the last. */
    @Benchmark
    public long findKnown() {
        step += 7_368_787;
        putHash(step % blocks);
        return index.find(hash.array(), 0);
    }

    /** Looks for a block that is not there. */
    @Benchmark
    public long findUnknown() {
        step++;
        putHash(blocks + step);
        return index.find(hash.array(), 0);
    }
}

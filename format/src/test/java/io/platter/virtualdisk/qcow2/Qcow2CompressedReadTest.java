package io.platter.virtualdisk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.MemoryDevice;
import io.platter.testkit.DiskModel;
import io.platter.testkit.SparseFile;
import io.platter.virtualdisk.Compression;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compressed clusters are read by decoders that are used again, for several threads, into buffers of any kind. */
class Qcow2CompressedReadTest {
    private static final VirtualDiskFormat QCOW2 = VirtualDisks.named("qcow2").orElseThrow();
    private static final VirtualDiskOptions DEFAULTS = VirtualDiskOptions.defaults();
    private static final int CLUSTER = 1 << 16;
    private static final int SIZE = 40 * CLUSTER + 512;

    private static byte[] write(byte[] content, Compression compression) throws IOException {
        VirtualDiskOptions options =
                DEFAULTS.toBuilder().compression(compression).build();
        SparseFile file = new SparseFile();
        try (VirtualDiskWriter writer = QCOW2.create(file, content.length, options)) {
            writer.data(0, ByteBuffer.wrap(content));
            writer.finish();
        }
        return file.toByteArray();
    }

    @ParameterizedTest
    @EnumSource(
            value = Compression.class,
            names = {"ZSTD", "DEFLATE"})
    void manyThreadsReadTheSameBytes(Compression compression) throws Exception {
        byte[] content = DiskModel.random(1, SIZE, 9 * CLUSTER).bytes();
        ExecutorService threads = Executors.newFixedThreadPool(12);
        try (BlockDevice disk = QCOW2.open(MemoryDevice.over(write(content, compression)), DEFAULTS)) {
            List<Callable<byte[]>> readers = new ArrayList<>();
            for (int seed = 0; seed < 12; seed++) {
                Random random = new Random(seed);
                readers.add(() -> readSome(disk, content, random));
            }
            for (Future<byte[]> reader : threads.invokeAll(readers)) {
                reader.get();
            }
        } finally {
            threads.shutdown();
        }
    }

    private static byte[] readSome(BlockDevice disk, byte[] content, Random random) throws IOException {
        for (int round = 0; round < 100; round++) {
            int unit = random.nextBoolean() ? CLUSTER : 1;
            int from = random.nextInt(content.length / unit) * unit;
            int length = Math.min(content.length - from, unit * (1 + random.nextInt(5 * CLUSTER / unit)));
            ByteBuffer room =
                    random.nextBoolean() ? ByteBuffer.allocateDirect(length + 9) : ByteBuffer.allocate(length + 9);
            ByteBuffer target = room.slice(3, length + 5).position(1).limit(length + 1);
            disk.read(target, from);
            assertThat(target.position()).isEqualTo(length + 1);
            assertThat(target.position(1)).isEqualTo(ByteBuffer.wrap(content, from, length));
        }
        return content;
    }

    @ParameterizedTest
    @EnumSource(
            value = Compression.class,
            names = {"ZSTD", "DEFLATE"})
    void aDamagedClusterDoesNotSpoilTheNext(Compression compression) throws IOException {
        byte[] content = "one two ".repeat(CLUSTER / 4).getBytes(StandardCharsets.US_ASCII);
        byte[] file = write(content, compression);
        ByteBuffer numbers = ByteBuffer.wrap(file);
        int table = (int) (numbers.getLong((int) numbers.getLong(40)) & Layout.OFFSET_MASK);
        int first = (int) numbers.getLong(table);
        file[first] = (byte) 0xFF;
        try (BlockDevice disk = QCOW2.open(MemoryDevice.over(file), DEFAULTS)) {
            for (int round = 0; round < 3; round++) {
                assertThatExceptionOfType(CorruptImageException.class)
                        .isThrownBy(() -> DiskModel.read(disk, 0, CLUSTER));
                assertThat(DiskModel.read(disk, CLUSTER, CLUSTER))
                        .startsWith("one two ".getBytes(StandardCharsets.US_ASCII));
            }
        }
    }
}

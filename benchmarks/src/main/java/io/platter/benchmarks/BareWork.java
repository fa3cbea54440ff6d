package io.platter.benchmarks;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import io.platter.block.MemoryDevice;
import io.platter.image.Sha256;
import io.platter.image.codec.Codec;
import io.platter.image.codec.Packs;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordReader;
import io.platter.image.codec.RecordSeal;
import io.platter.image.codec.RecordType;
import io.platter.image.codec.StoredRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The work that no copy path can do without, and nothing else: no reading, no cutting, no deduplication, no order. Each
 * thread takes the next frame, and works on the very arrays that the copy path reads.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class BareWork implements AutoCloseable {
    /** As much as the copy path compresses together. */
    private static final int FRAME = 1 << 20;

    private record Frame(int start, int storedLength, int plainLength, boolean compressed) {}

    /** What is done with one frame. */
    private interface Task {
        void run(Tools tools, int frame) throws DigestException;
    }

    /** What each thread has of its own. */
    private static final class Tools implements AutoCloseable {
        final MessageDigest sha256 = Sha256.newDigest();
        final byte[] hash = new byte[Sha256.LENGTH];
        final byte[] plain = new byte[FRAME];
        final byte[] stored = new byte[(int) Zstd.compressBound(FRAME)];
        final ZstdCompressCtx compressor =
                new ZstdCompressCtx().setLevel(1).setContentSize(true).setChecksum(false);
        final ZstdDecompressCtx decompressor = new ZstdDecompressCtx();

        void hash(byte[] bytes, int start, int length) throws DigestException {
            sha256.update(bytes, start, length);
            sha256.digest(hash, 0, hash.length);
        }

        @Override
        public void close() {
            compressor.close();
            decompressor.close();
        }
    }

    private final byte[] disk;
    private final byte[] image;
    private final List<Frame> frames = new ArrayList<>();
    private final List<Tools> tools = new ArrayList<>();
    private final ExecutorService threads;

    /**
     * Starts threads.
     *
     * @param disk the disk's bytes
     * @param image an image file of the disk
     * @param count how many threads
     */
    BareWork(byte[] disk, byte[] image, int count) throws IOException {
        this.disk = disk;
        this.image = image;
        findFrames();
        for (int i = 0; i < count; i++) {
            tools.add(new Tools());
        }
        this.threads = Executors.newFixedThreadPool(count);
    }

    private void findFrames() throws IOException {
        RecordReader records = new RecordReader(Packs.only(MemoryDevice.over(image)));
        for (int position = 0; position < image.length; ) {
            int length = records.readHeader(position).recordLength();
            StoredRecord record = records.read(RecordLocation.of(position, length), ByteBuffer.allocateDirect(length));
            if (record.header().is(RecordType.FRAME)) {
                int start = position + RecordSeal.TABLE_START + record.table().remaining();
                frames.add(new Frame(
                        start, record.payload().remaining(), record.plainLength(), record.codec() == Codec.ZSTD));
            }
            position += length;
        }
    }

    /** Hashes the disk. */
    void sha256() throws IOException {
        run(disk.length / FRAME, (tool, frame) -> tool.hash(disk, frame * FRAME, FRAME));
    }

    /** Compresses the disk. */
    void zstd() throws IOException {
        run(disk.length / FRAME, this::compress);
    }

    /** Hashes and compresses the disk: what a capture does. */
    void sha256AndZstd() throws IOException {
        run(disk.length / FRAME, (tool, frame) -> {
            tool.hash(disk, frame * FRAME, FRAME);
            compress(tool, frame);
        });
    }

    /** Decompresses the image's frames: most of a restore. */
    void unzstd() throws IOException {
        run(frames.size(), (tool, frame) -> decompress(tool, frames.get(frame)));
    }

    /** Decompresses and hashes the image's frames: what a restore does. */
    void unzstdAndSha256() throws IOException {
        run(frames.size(), (tool, number) -> {
            Frame frame = frames.get(number);
            decompress(tool, frame);
            if (frame.compressed) {
                tool.hash(tool.plain, 0, frame.plainLength);
            } else {
                tool.hash(image, frame.start, frame.plainLength);
            }
        });
    }

    private void compress(Tools tool, int frame) {
        tool.compressor.compressByteArray(tool.stored, 0, tool.stored.length, disk, frame * FRAME, FRAME);
    }

    private void decompress(Tools tool, Frame frame) {
        if (frame.compressed) {
            tool.decompressor.decompressByteArray(
                    tool.plain, 0, frame.plainLength, image, frame.start, frame.storedLength);
        }
    }

    private void run(int count, Task task) throws IOException {
        AtomicInteger next = new AtomicInteger();
        List<Future<?>> running = new ArrayList<>();
        for (Tools tool : tools) {
            running.add(threads.submit(() -> {
                for (int frame = next.getAndIncrement(); frame < count; frame = next.getAndIncrement()) {
                    task.run(tool, frame);
                }
                return null;
            }));
        }
        try {
            for (Future<?> thread : running) {
                thread.get();
            }
        } catch (ExecutionException | InterruptedException e) {
            throw new IOException("the bare work failed", e);
        }
    }

    @Override
    public void close() {
        threads.shutdown();
        tools.forEach(Tools::close);
    }
}

package io.platter.engine.write;

import io.platter.ImageWriter;
import io.platter.engine.pack.FileStorage;
import io.platter.engine.pack.RecordOutput;
import io.platter.engine.pack.Storage;
import io.platter.image.DiskGeometry;
import io.platter.image.FileId;
import io.platter.image.ImageOptions;
import io.platter.image.Sha256;
import io.platter.image.codec.BlockTable;
import io.platter.image.codec.Commit;
import io.platter.image.codec.Features;
import io.platter.image.codec.FileHeader;
import io.platter.image.codec.RecordLocation;
import io.platter.job.JobControl;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;

/**
 * How long it takes until a file that has many blocks can be appended to, and in what memory. The file has the catalog of so
 * many blocks, and none of the frames, which nobody looks at for that.
 */
public final class AppendStart {
    private static final int BLOCKS_OF_A_FRAME = 75;

    private AppendStart() {}

    /** Takes the number of blocks in millions, 50 unless it is given, and a directory. */
    public static void main(String[] arguments) throws IOException {
        long blocks = (arguments.length > 0 ? Long.parseLong(arguments[0]) : 50) * 1_000_000;
        Path directory = Path.of(arguments.length > 1 ? arguments[1] : System.getProperty("java.io.tmpdir"));
        Path file = Files.createTempFile(directory, "append", ".platter");
        try {
            write(file, blocks);
            long start = System.nanoTime();
            try (ImageWriter writer = ImageWriter.append(file, DiskGeometry.ofSize(-1), ImageOptions.defaults())) {
                double seconds = (System.nanoTime() - start) / 1e9;
                System.out.printf(
                        "%,d blocks in a file of %,d MB: %.1f s until the first byte, %.1f bytes of heap a block%n",
                        blocks, Files.size(file) / 1_000_000, seconds, (double) usedHeap() / blocks);
                writer.zero(0, 512);
            }
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == java.lang.management.MemoryType.HEAP)
                .map(MemoryPoolMXBean::getUsage)
                .mapToLong(java.lang.management.MemoryUsage::getUsed)
                .sum();
    }

    private static void write(Path file, long blocks) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        ByteBuffer table =
                ByteBuffer.allocate(BLOCKS_OF_A_FRAME * BlockTable.ENTRY_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        byte[] hash = new byte[Sha256.LENGTH];
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                Storage storage = new FileStorage(JobControl.defaults(), file, channel)) {
            FileHeader header = new FileHeader(FileId.random(), Features.NONE);
            RecordOutput output = RecordOutput.create(storage, 1, header);
            CatalogWriter catalog = new CatalogWriter(output, RecordLocation.NONE);
            for (long written = 0; written < blocks; written += BLOCKS_OF_A_FRAME) {
                table.clear();
                for (int slot = 0; slot < BLOCKS_OF_A_FRAME; slot++) {
                    random.nextBytes(hash);
                    BlockTable.encodeEntry(table, hash, 0, 0, 4096);
                }
                catalog.addFrame(RecordLocation.of(FileHeader.END + written, 1 << 20), BLOCKS_OF_A_FRAME, table.flip());
            }
            output.commit(
                    true,
                    new Commit.Contents(
                            0,
                            RecordLocation.NONE,
                            Sha256.NONE,
                            RecordLocation.NONE,
                            Sha256.NONE,
                            catalog.flush(),
                            RecordLocation.NONE,
                            Sha256.NONE));
        }
    }
}

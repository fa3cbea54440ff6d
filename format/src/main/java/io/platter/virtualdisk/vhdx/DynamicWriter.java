package io.platter.virtualdisk.vhdx;

import io.platter.block.ExtentKind;
import io.platter.virtualdisk.spi.BlockCutter;
import io.platter.virtualdisk.spi.FileOutput;
import io.platter.virtualdisk.spi.TableOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes a dynamic VHDX file: the BAT while the blocks are appended, and the headers last.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class DynamicWriter implements BlockCutter.Sink {
    private final FileOutput file;
    private final Plan plan;
    private final TableOutput bat;
    private long blocks;

    DynamicWriter(FileOutput file, Plan plan) throws IOException {
        this.file = file;
        this.plan = plan;
        this.bat = new TableOutput(file, Plan.BAT_OFFSET, ByteOrder.LITTLE_ENDIAN);
        file.appendZeros(plan.dataOffset());
    }

    @Override
    public void block(long index, ByteBuffer block) throws IOException {
        add(Plan.present(file.append(block)), 1);
    }

    @Override
    public void empty(long first, long count, ExtentKind kind) throws IOException {
        add(kind == ExtentKind.ZERO ? Layout.BLOCK_ZERO : Layout.BLOCK_NOT_PRESENT, count);
    }

    /** Adds entries of payload blocks, and between the chunks those of sector bitmap blocks, which are not there. */
    private void add(long entry, long count) throws IOException {
        for (long left = count; left > 0; ) {
            long inChunk = blocks % plan.chunkRatio();
            if (inChunk == 0 && blocks > 0) {
                bat.addLong(Layout.BLOCK_NOT_PRESENT, 1);
            }
            long length = Math.min(left, plan.chunkRatio() - inChunk);
            bat.addLong(entry, length);
            blocks += length;
            left -= length;
        }
    }

    @Override
    public void finish() throws IOException {
        bat.flush();
        file.complete();
        plan.writeHeaders(file);
    }
}

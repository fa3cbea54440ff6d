package io.platter.virtualdisk.vhd;

import io.platter.block.ExtentKind;
import io.platter.virtualdisk.spi.BlockCutter;
import io.platter.virtualdisk.spi.FileOutput;
import io.platter.virtualdisk.spi.TableOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.UUID;

/**
 * Writes a dynamic VHD file: the BAT while the blocks are appended, then the footer and the headers.
 *
 * <p>The format has no word for zeros, so they are not stored, just as what is unused. Not thread-safe: one thread at a
 * time.
 */
final class DynamicWriter implements BlockCutter.Sink {
    private static final long HEADER_OFFSET = Layout.FOOTER_LENGTH;
    private static final long TABLE_OFFSET = HEADER_OFFSET + Layout.HEADER_LENGTH;

    private final FileOutput file;
    private final long diskSize;
    private final int blockSize;
    private final UUID id;
    private final int entries;
    private final TableOutput table;
    /** All sectors of a block are there. */
    private final byte[] bitmap;

    DynamicWriter(FileOutput file, long diskSize, int blockSize, UUID id) throws IOException {
        this.file = file;
        this.diskSize = diskSize;
        this.blockSize = blockSize;
        this.id = id;
        this.entries = (int) ((diskSize + blockSize - 1) / blockSize);
        this.table = new TableOutput(file, TABLE_OFFSET, ByteOrder.BIG_ENDIAN);
        this.bitmap = new byte[Layout.bitmapLength(blockSize)];
        Arrays.fill(bitmap, (byte) -1);
        file.appendZeros(TABLE_OFFSET + 4L * entries);
        file.align(Layout.SECTOR);
    }

    @Override
    public void block(long index, ByteBuffer block) throws IOException {
        long offset = file.append(ByteBuffer.wrap(bitmap));
        file.append(block);
        table.add((int) (offset / Layout.SECTOR), 1);
    }

    @Override
    public void empty(long first, long count, ExtentKind kind) throws IOException {
        table.add(Layout.BLOCK_ABSENT, count);
    }

    @Override
    public void finish() throws IOException {
        int filled = entries % (Layout.SECTOR / 4);
        table.add(Layout.BLOCK_ABSENT, filled == 0 ? 0 : Layout.SECTOR / 4 - filled);
        table.flush();
        ByteBuffer footer = Footer.encode(Layout.TYPE_DYNAMIC, diskSize, HEADER_OFFSET, id);
        file.append(footer.duplicate());
        file.writeAt(HEADER_OFFSET, Header.encode(TABLE_OFFSET, entries, blockSize));
        file.writeAt(0, footer);
    }
}

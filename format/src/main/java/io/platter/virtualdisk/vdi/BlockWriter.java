package io.platter.virtualdisk.vdi;

import io.platter.block.ExtentKind;
import io.platter.bytes.Guids;
import io.platter.virtualdisk.spi.BlockCutter;
import io.platter.virtualdisk.spi.FileOutput;
import io.platter.virtualdisk.spi.TableOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Writes a VDI file: the map while the blocks are appended, or put in their places in a static one, and the header last.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class BlockWriter implements BlockCutter.Sink {
    private static final String TEXT = "<<< Platter Virtual Disk Image >>>\n";
    private static final int MAP_OFFSET = 512;
    private static final int DATA_ALIGNMENT = 1 << 20;

    private final FileOutput file;
    private final long diskSize;
    private final boolean isStatic;
    private final UUID id;
    private final int blocks;
    private final long dataOffset;
    private final TableOutput map;
    private int allocated;

    BlockWriter(FileOutput file, long diskSize, boolean isStatic, UUID id) {
        this.file = file;
        this.diskSize = diskSize;
        this.isStatic = isStatic;
        this.id = id;
        this.blocks = (int) ((diskSize + Layout.BLOCK_SIZE - 1) / Layout.BLOCK_SIZE);
        long mapEnd = MAP_OFFSET + 4L * blocks;
        this.dataOffset = mapEnd + Math.floorMod(-mapEnd, DATA_ALIGNMENT);
        this.map = new TableOutput(file, MAP_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void block(long index, ByteBuffer block) throws IOException {
        file.writeAt(dataOffset + (long) allocated * Layout.BLOCK_SIZE, block);
        map.add(allocated, 1);
        allocated++;
    }

    @Override
    public void empty(long first, long count, ExtentKind kind) throws IOException {
        if (!isStatic) {
            map.add(kind == ExtentKind.ZERO ? Layout.BLOCK_ZERO : Layout.BLOCK_FREE, count);
            return;
        }
        for (long i = 0; i < count; i++) {
            map.add(allocated++, 1);
        }
    }

    @Override
    public void finish() throws IOException {
        map.flush();
        long end = dataOffset + (long) allocated * Layout.BLOCK_SIZE;
        if (isStatic) {
            file.extendTo(end);
        }
        ByteBuffer header = ByteBuffer.allocate(MAP_OFFSET).order(ByteOrder.LITTLE_ENDIAN);
        header.put(TEXT.getBytes(StandardCharsets.US_ASCII));
        header.position(Layout.SIGNATURE_OFFSET);
        header.putInt(Layout.SIGNATURE).putInt(Layout.VERSION_1_1).putInt(Layout.HEADER_SIZE);
        header.putInt(isStatic ? Layout.TYPE_STATIC : Layout.TYPE_DYNAMIC);
        header.position(Layout.MAP_OFFSET_OFFSET).putInt(MAP_OFFSET).putInt((int) dataOffset);
        header.position(Layout.SECTOR_SIZE_OFFSET).putInt(512);
        header.position(Layout.DISK_SIZE_OFFSET).putLong(diskSize).putInt(Layout.BLOCK_SIZE);
        header.putInt(0).putInt(blocks).putInt(allocated);
        // The image's id, and after it that of its last modification.
        Guids.put(header.position(Layout.ID_OFFSET), id);
        Guids.put(header, new UUID(id.getMostSignificantBits(), ~id.getLeastSignificantBits()));
        file.writeAt(0, header.clear());
    }
}

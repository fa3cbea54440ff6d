package io.platter.virtualdisk.vmdk;

import io.platter.block.ExtentKind;
import io.platter.virtualdisk.BlockEncoder;
import io.platter.virtualdisk.spi.BlockCutter;
import io.platter.virtualdisk.spi.FileOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;

/**
 * Writes a stream-optimized VMDK file in one pass: the header and the descriptor, grains with each grain table after
 * its grains, then the grain directory and the footer that tells where it is.
 *
 * <p>VMware's tools do not know a word for zeros in such a file, so they are not stored, just as what is unused. Not
 * thread-safe: one thread at a time.
 */
final class StreamWriter implements BlockCutter.Sink {
    private static final int DESCRIPTOR_OFFSET = Layout.SECTOR;
    private static final int DESCRIPTOR_LENGTH = 20 * Layout.SECTOR;
    /** Where the first grain stands: as VMware's tools have it. */
    private static final int OVERHEAD = 128 * Layout.SECTOR;

    private final FileOutput file;
    private final long diskSize;
    private final int level;
    private final int grainSize;
    private final int[] directory;
    private final ByteBuffer table;
    private int tableIndex;
    private boolean tableUsed;

    /** Starts the file of a disk whose size is a multiple of a sector. */
    StreamWriter(FileOutput file, long diskSize, int grainSize, int level, UUID id) throws IOException {
        this.file = file;
        this.diskSize = diskSize;
        this.level = level;
        this.grainSize = grainSize;
        long span = (long) Layout.WRITTEN_TABLE_ENTRIES * grainSize;
        this.directory = new int[(int) ((diskSize + span - 1) / span)];
        this.table = littleEndian(Integer.BYTES * Layout.WRITTEN_TABLE_ENTRIES);
        file.append(header(Layout.DIRECTORY_AT_END));
        file.append(ByteBuffer.wrap(Descriptor.encode(diskSize, id).getBytes(StandardCharsets.UTF_8)));
        file.align(OVERHEAD);
    }

    private ByteBuffer header(long directoryOffset) {
        return Header.encode(diskSize, grainSize, DESCRIPTOR_OFFSET, DESCRIPTOR_LENGTH, directoryOffset, OVERHEAD);
    }

    private static ByteBuffer littleEndian(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public Optional<BlockEncoder> newEncoder() {
        return Optional.of(new GrainEncoder(level, grainSize));
    }

    @Override
    public void block(long index, ByteBuffer block) {
        throw new IllegalStateException("a grain that was not compressed");
    }

    @Override
    public void encoded(long index, ByteBuffer encoded) throws IOException {
        moveTo(index);
        ByteBuffer marker = littleEndian(Layout.GRAIN_MARKER_LENGTH);
        marker.putLong(index * (grainSize / Layout.SECTOR)).putInt(encoded.remaining());
        int sector = nextSector();
        file.append(marker.flip());
        file.append(encoded);
        file.align(Layout.SECTOR);
        table.putInt(Integer.BYTES * (int) (index % Layout.WRITTEN_TABLE_ENTRIES), sector);
        tableUsed = true;
    }

    @Override
    public void empty(long first, long count, ExtentKind kind) {}

    /** Writes the grain table if the next grain belongs to another one. */
    private void moveTo(long index) throws IOException {
        int wanted = (int) (index / Layout.WRITTEN_TABLE_ENTRIES);
        if (wanted != tableIndex) {
            writeTable();
            tableIndex = wanted;
        }
    }

    private void writeTable() throws IOException {
        if (tableUsed) {
            appendMarker(Layout.MARKER_GRAIN_TABLE, table.capacity());
            directory[tableIndex] = nextSector();
            file.append(table.clear());
            table.clear().put(new byte[table.capacity()]);
            tableUsed = false;
        }
    }

    /** Returns where the next byte will stand, as an unsigned number of four bytes. */
    private int nextSector() throws IOException {
        long sector = file.end() / Layout.SECTOR;
        if (sector >= Layout.MAX_FILE_SECTORS) {
            throw new IOException("a VMDK file has room for at most 2 TiB of compressed grains");
        }
        return (int) sector;
    }

    /** Appends the marker of what comes next, which has {@code length} bytes. */
    private void appendMarker(int type, int length) throws IOException {
        ByteBuffer marker = littleEndian(Layout.SECTOR);
        marker.putLong((length + Layout.SECTOR - 1) / Layout.SECTOR).putInt(0).putInt(type);
        file.append(marker.clear());
    }

    @Override
    public void finish() throws IOException {
        writeTable();
        ByteBuffer entries = littleEndian(Integer.BYTES * directory.length);
        entries.asIntBuffer().put(directory);
        appendMarker(Layout.MARKER_GRAIN_DIRECTORY, entries.capacity());
        long directoryOffset = file.append(entries);
        file.align(Layout.SECTOR);
        appendMarker(Layout.MARKER_FOOTER, Layout.HEADER_LENGTH);
        file.append(header(directoryOffset));
        appendMarker(Layout.MARKER_END_OF_STREAM, 0);
    }
}

package io.platter.virtualdisk.vhdx;

import io.platter.block.BlockDevice;
import io.platter.virtualdisk.spi.DiskMap;
import io.platter.virtualdisk.spi.Run;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A file with what its log says laid over it. The logged bytes stay in the log, and are read there when they are needed.
 *
 * <p>Filled by one thread; afterwards safe for use by several threads.
 */
final class LogOverlay implements DiskMap {
    private static final int SECTOR = Layout.LOG_SECTOR;

    private final BlockDevice file;
    /** By where they start; they do not overlap. */
    private final NavigableMap<Long, Piece> pieces = new TreeMap<>();

    private long size;

    /** What is laid over a range up to {@code end}: a logged sector, or zeros if that is null. */
    private record Piece(long end, @Nullable Logged sector) {}

    /** A sector whose first eight and last four bytes stand in its descriptor, and the others in the log. */
    private record Logged(BlockDevice file, long fileOffset, long leading, int trailing) implements Run.Source {
        @Override
        public void read(ByteBuffer target, long offset) throws IOException {
            ByteBuffer sector = ByteBuffer.allocate(SECTOR).order(ByteOrder.LITTLE_ENDIAN);
            file.read(sector, fileOffset);
            sector.putLong(0, leading).putInt(SECTOR - Integer.BYTES, trailing);
            target.put(sector.slice((int) offset, target.remaining()));
        }
    }

    LogOverlay(BlockDevice file) {
        this.file = file;
        this.size = file.size();
    }

    /** Returns the size of the file after the replay, in bytes. */
    long size() {
        return size;
    }

    /** Makes the file at least this long. */
    void extendTo(long newSize) {
        size = Math.max(size, newSize);
    }

    /** Lays zeros over a range of whole sectors. */
    void zero(long start, long length) {
        put(start, start + length, null);
    }

    /** Lays a sector over the file that stands, but for its ends, at {@code loggedAt}. */
    void data(long start, long loggedAt, long leading, int trailing) {
        put(start, start + SECTOR, new Logged(file, loggedAt, leading, trailing));
    }

    private void put(long start, long end, @Nullable Logged sector) {
        cutAt(start);
        cutAt(end);
        pieces.subMap(start, end).clear();
        if (end > start) {
            pieces.put(start, new Piece(end, sector));
        }
        extendTo(end);
    }

    /** Makes two pieces of the one that reaches over a place: zeros, for a logged sector has no place inside. */
    private void cutAt(long place) {
        Map.Entry<Long, Piece> before = pieces.lowerEntry(place);
        if (before != null && before.getValue().end() > place) {
            pieces.put(place, before.getValue());
            pieces.put(before.getKey(), new Piece(place, before.getValue().sector()));
        }
    }

    @Override
    public Run runAt(long offset) {
        Map.Entry<Long, Piece> here = pieces.floorEntry(offset);
        if (here != null && here.getValue().end() > offset) {
            long start = here.getKey();
            Piece piece = here.getValue();
            return piece.sector() == null
                    ? Run.empty(start, piece.end() - start, Run.Kind.ZERO)
                    : Run.made(start, piece.end() - start, piece.sector(), 0);
        }
        Long next = pieces.higherKey(offset);
        long end = next == null ? size : next;
        return offset < file.size()
                ? Run.stored(offset, Math.min(end, file.size()) - offset, file, offset)
                : Run.empty(offset, end - offset, Run.Kind.ZERO);
    }
}

package io.platter.virtualdisk.spi;

import io.platter.block.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;

/**
 * What a {@link DiskMap} says about a run of a disk, and where its bytes are.
 *
 * @param diskOffset where the run starts on the disk, in bytes
 * @param length how long it is, in bytes, 1 or more
 * @param kind where the bytes come from
 * @param source what reads a DATA run
 * @param sourceOffset where the run's first byte stands in the source; meaningful for DATA only
 */
public record Run(long diskOffset, long length, Kind kind, Source source, long sourceOffset) {
    /** Where the bytes of a run come from. */
    public enum Kind {
        /** A source has them. */
        DATA,
        /** They are recorded as zeros. */
        ZERO,
        /** Nothing is stored; they read as zeros. */
        HOLE,
        /** They are those of the parent at the same place, and zeros without a parent. */
        PARENT
    }

    /** Bytes that are reached by an offset. */
    @FunctionalInterface
    public interface Source {
        /** Fills {@code target} from its position to its limit with the bytes from {@code offset} on. */
        void read(ByteBuffer target, long offset) throws IOException;
    }

    /** The bytes of a file as they are. */
    private record Stored(BlockDevice file) implements Source {
        @Override
        public void read(ByteBuffer target, long offset) throws IOException {
            file.read(target, offset);
        }
    }

    private static final Source NOTHING = (target, offset) -> {
        throw new IllegalStateException("a run without bytes was read");
    };

    /** Returns a run whose bytes stand as they are in a file; the caller has checked that the file holds them. */
    public static Run stored(long diskOffset, long length, BlockDevice file, long fileOffset) {
        return new Run(diskOffset, length, Kind.DATA, new Stored(file), fileOffset);
    }

    /** Returns a run whose bytes have to be made. */
    public static Run made(long diskOffset, long length, Source source, long sourceOffset) {
        return new Run(diskOffset, length, Kind.DATA, source, sourceOffset);
    }

    /** Returns a run without bytes of its own: ZERO, HOLE or PARENT. */
    public static Run empty(long diskOffset, long length, Kind kind) {
        return new Run(diskOffset, length, kind, NOTHING, 0);
    }

    /** Tells whether the run that follows on the disk can be read together with this one. */
    boolean joins(Run next) {
        return kind == next.kind
                && source.equals(next.source)
                && (kind != Kind.DATA || sourceOffset + length == next.sourceOffset);
    }

    /** Returns this run and the one that follows it as one. */
    Run join(Run next) {
        return new Run(diskOffset, length + next.length, kind, source, sourceOffset);
    }

    /**
     * Returns the part of a block's run that holds a place, and whose sectors are all stored, or all the parent's.
     *
     * @param here which sectors of the block are stored, counted from the start of this run
     * @param place in bytes, inside this run
     */
    public Run sectors(BitSet here, int sectorSize, long place) {
        int sector = (int) ((place - diskOffset) / sectorSize);
        boolean isHere = here.get(sector);
        int first = 1 + (isHere ? here.previousClearBit(sector) : here.previousSetBit(sector));
        int after = isHere ? here.nextClearBit(sector) : here.nextSetBit(sector);
        long from = (long) first * sectorSize;
        long to = after < 0 ? length : Math.min(length, (long) after * sectorSize);
        return isHere
                ? new Run(diskOffset + from, to - from, kind, source, sourceOffset + from)
                : empty(diskOffset + from, to - from, Kind.PARENT);
    }

    /** Returns the first offset after the run, in bytes. */
    public long end() {
        return diskOffset + length;
    }
}

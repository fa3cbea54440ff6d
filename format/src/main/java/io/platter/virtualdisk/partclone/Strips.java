package io.platter.virtualdisk.partclone;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.bytes.LruCache;
import io.platter.bytes.SeededCrc;
import io.platter.virtualdisk.spi.Run;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The used blocks of a partclone image as one run of bytes, without the checksums that stand between them. A strip is
 * checked whole before bytes of it are handed out for the first time.
 *
 * <p>Where a strip's checksum goes on from the one before, it goes on from what is stored there. Safe for use by several
 * threads.
 */
final class Strips implements Run.Source {
    static final int CRC_LENGTH = 4;
    /** In version 1, programs of 64 bits wrote the register as one of theirs before partclone 0.1.0. */
    private static final int WIDE_CRC_LENGTH = 8;

    private static final int READ_AT_ONCE = 1 << 16;
    private static final int REMEMBERED_STRIPS = 1 << 14;

    private final BlockDevice file;
    private final Header header;
    private final long start;
    private final long length;
    private final long stripLength;
    private final int checksumLength;
    private final LruCache<Boolean> checked = new LruCache<>(REMEMBERED_STRIPS, this::check);

    /**
     * Finds the strips.
     *
     * @param start where the first one stands, in bytes from the start of the file
     * @param blocks how many blocks they have together
     * @throws CorruptImageException if the file ends before they do
     */
    Strips(BlockDevice file, Header header, long start, long blocks) throws CorruptImageException {
        this.file = file;
        this.header = header;
        this.start = start;
        this.length = blocks * header.blockSize();
        this.stripLength = Math.max(1, header.blocksPerChecksum()) * header.blockSize();
        long checksums = file.size() - start - length;
        long strips = length / stripLength + (length % stripLength == 0 ? 0 : 1);
        boolean wide =
                header.version() == 1 && checksums % WIDE_CRC_LENGTH == 0 && checksums / WIDE_CRC_LENGTH == strips;
        this.checksumLength = header.blocksPerChecksum() == 0 ? 0 : wide ? WIDE_CRC_LENGTH : CRC_LENGTH;
        if (checksums < 0 || (checksumLength > 0 && checksums / checksumLength < strips)) {
            throw new CorruptImageException(
                    file.name(),
                    file.size(),
                    "end of file, expected " + length + " bytes of blocks and " + strips + " checksums from " + start
                            + " on");
        }
    }

    /** Returns the run of used blocks. */
    Run run(long diskOffset, long runLength, long offset) {
        return checksumLength == 0
                ? Run.stored(diskOffset, runLength, file, start + offset)
                : Run.made(diskOffset, runLength, this, offset);
    }

    @Override
    public void read(ByteBuffer target, long offset) throws IOException {
        int limit = target.limit();
        long from = offset;
        while (target.position() < limit) {
            long strip = from / stripLength;
            checked.get(strip);
            int count = (int) Math.min(limit - target.position(), stripLength - from % stripLength);
            file.read(target.limit(target.position() + count), start + from + strip * checksumLength);
            from += count;
        }
    }

    private Boolean check(long strip) throws IOException {
        int seed = header.reseeded() || strip == 0 ? -1 : storedChecksum(strip - 1);
        int stored = storedChecksum(strip);
        int computed = checksum(strip, seed);
        if (stored != computed) {
            throw new CorruptImageException(file.name(), end(strip), Header.mismatch("strip", stored, computed));
        }
        return true;
    }

    private int checksum(long strip, int seed) throws IOException {
        SeededCrc crc = SeededCrc.crc32(seed);
        long first = start + strip * (stripLength + checksumLength);
        long end = end(strip);
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(READ_AT_ONCE, end - first));
        for (long offset = first; offset < end; offset += buffer.limit()) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), end - offset));
            if (header.version() != 1) {
                file.read(buffer, offset);
            } else if (offset == first) {
                file.read(buffer.limit(1), offset);
                Arrays.fill(buffer.array(), buffer.get(0));
                buffer.limit((int) Math.min(buffer.capacity(), end - offset));
            }
            crc.update(buffer.rewind());
        }
        return crc.value();
    }

    private int storedChecksum(long strip) throws IOException {
        ByteBuffer checksum = ByteBuffer.allocate(CRC_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        file.read(checksum, end(strip));
        return checksum.getInt(0);
    }

    /** Returns where the blocks of a strip end, and its checksum stands, in bytes from the start of the file. */
    private long end(long strip) {
        long before = strip * stripLength;
        return start + before + strip * checksumLength + Math.min(stripLength, length - before);
    }
}

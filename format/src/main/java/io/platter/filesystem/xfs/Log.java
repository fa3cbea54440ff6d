package io.platter.filesystem.xfs;

import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.filesystem.kit.UnprovenException;
import io.platter.filesystem.kit.WindowedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * The log of XFS, a ring of records. It is empty if the last thing written to it is an unmount record, and all that
 * stands after it is older.
 *
 * <p>The first four bytes of each basic block of 512 bytes hold the number of the round (cycle) in which it was written;
 * in a record's header they hold its magic, and the cycle follows. So the place where the log was written last, its head,
 * is where the cycle falls by one. Writes may have reached the disk in any order, so the cycles must be as they should
 * for as far around the head as there can be writes under way: all the same before it, all older after it. Any doubt is
 * a log in use.
 */
final class Log {
    private static final int BASIC_BLOCK = 512;
    private static final int RECORD_MAGIC = 0xFEEDBABE;
    private static final int VERSION_2 = 2;
    /** A header describes this much of a record; larger ones have more headers. */
    private static final int HEADER_CYCLE_SIZE = 32 << 10;

    private static final int MAX_RECORD_SIZE = 256 << 10;
    private static final int MAX_RECORD_BLOCKS = MAX_RECORD_SIZE / BASIC_BLOCK + MAX_RECORD_SIZE / HEADER_CYCLE_SIZE;
    /** Eight buffers of the largest size may be under way at once. */
    private static final int WRITES_UNDER_WAY = 8 * MAX_RECORD_SIZE / BASIC_BLOCK;

    private static final int CRC_AT = 32;
    /** The size of a header where the compiler pads it to eight bytes, and where it does not. */
    private static final int[] HEADER_SIZES = {328, 324};

    private static final byte CLIENT_LOG = (byte) 0xAA;
    private static final int UNMOUNT_TRANS = 0x20;

    private final Superblock superblock;
    private final WindowedReader reads;
    private final long blocks;

    Log(BlockDevice volume, Superblock superblock) {
        this.superblock = superblock;
        reads = new WindowedReader(volume, ByteOrder.BIG_ENDIAN);
        blocks = superblock.logBlocks * superblock.blockSize / BASIC_BLOCK;
    }

    /** Checks that the log is empty because the filesystem was unmounted in order. */
    void requireUnmounted() throws IOException, UnprovenException {
        long head = head();
        checkCyclesAround(head);
        for (int back = 1; back <= Math.min(MAX_RECORD_BLOCKS, blocks); back++) {
            ByteBuffer header = block(head - back);
            if (header.getInt(0) == RECORD_MAGIC) {
                checkUnmountRecord(header, head, back);
                return;
            }
        }
        throw dirty("no record before block " + head);
    }

    /** Returns the block after the last one of the youngest cycle. */
    private long head() throws IOException, UnprovenException {
        int first = cycle(0);
        int last = cycle(blocks - 1);
        if (first == last) {
            return blocks;
        }
        if (last != first - 1) {
            throw dirty("cycles " + first + " and " + last + " at the ends");
        }
        long young = 0;
        long old = blocks - 1;
        while (old - young > 1) {
            long middle = (young + old) / 2;
            if (cycle(middle) == first) {
                young = middle;
            } else {
                old = middle;
            }
        }
        return old;
    }

    private void checkCyclesAround(long head) throws IOException, UnprovenException {
        int young = cycle(head - 1);
        for (long block = Math.max(0, head - WRITES_UNDER_WAY);
                block < Math.min(blocks, head + WRITES_UNDER_WAY);
                block++) {
            int cycle = cycle(block);
            if (block < head ? cycle != young : cycle >= young) {
                throw dirty("cycle " + cycle + " in block " + block + ", with cycle " + young + " up to block " + head);
            }
        }
    }

    private void checkUnmountRecord(ByteBuffer header, long head, int length) throws IOException, UnprovenException {
        int size = header.getInt(12);
        int headers = Math.max(1, (header.getInt(320) + HEADER_CYCLE_SIZE - 1) / HEADER_CYCLE_SIZE);
        byte[] uuid = new byte[16];
        header.get(304, uuid);
        if (header.getInt(8) != VERSION_2
                || header.getInt(40) != 1
                || size <= 0
                || size > MAX_RECORD_SIZE
                || headers + (size + BASIC_BLOCK - 1) / BASIC_BLOCK != length
                || !Arrays.equals(uuid, superblock.uuid)) {
            throw dirty("the last record, at block " + (head - length) + ", is no unmount record");
        }
        checkChecksum(header, head - length, headers, size);
        ByteBuffer operation = block(head - length + headers);
        if (operation.get(8) != CLIENT_LOG || (operation.get(9) & UNMOUNT_TRANS) == 0) {
            throw dirty("the last record, at block " + (head - length) + ", is no unmount record");
        }
    }

    /** mkfs leaves the checksum out. */
    private void checkChecksum(ByteBuffer header, long start, int headers, int size)
            throws IOException, UnprovenException {
        int stored = Integer.reverseBytes(header.getInt(CRC_AT));
        boolean matches = stored == 0;
        for (int headerSize : HEADER_SIZES) {
            CRC32C crc = new CRC32C();
            crc.update(header.slice(0, CRC_AT));
            crc.update(new byte[Integer.BYTES]);
            crc.update(header.slice(CRC_AT + Integer.BYTES, headerSize - CRC_AT - Integer.BYTES));
            for (int i = 1; i < headers; i++) {
                crc.update(block(start + i).slice(0, 260));
            }
            for (int done = 0; done < size; done += BASIC_BLOCK) {
                crc.update(block(start + headers + done / BASIC_BLOCK).slice(0, Math.min(BASIC_BLOCK, size - done)));
            }
            matches |= stored == (int) crc.getValue();
        }
        if (!matches) {
            throw new UnprovenException(Reason.CHECKSUM, "unmount record in the log: stored %08x".formatted(stored));
        }
    }

    private int cycle(long block) throws IOException {
        ByteBuffer bytes = block(block);
        return bytes.getInt(0) == RECORD_MAGIC ? bytes.getInt(4) : bytes.getInt(0);
    }

    /** Reads a block of the ring; the one before the first is the last. */
    private ByteBuffer block(long block) throws IOException {
        return reads.read(superblock.logOffset() + Math.floorMod(block, blocks) * BASIC_BLOCK, BASIC_BLOCK);
    }

    private static UnprovenException dirty(String detail) {
        return new UnprovenException(Reason.JOURNAL_DIRTY, "log: " + detail);
    }
}

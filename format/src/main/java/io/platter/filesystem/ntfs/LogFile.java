package io.platter.filesystem.ntfs;

import io.platter.allocation.Reason;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The start of {@code $LogFile}, which says whether all that was logged has reached its place. Source: Linux,
 * {@code fs/ntfs/logfile.h}, {@code restart_page_header} and {@code restart_area}.
 */
final class LogFile {
    /** {@code RSTR}. */
    private static final int RESTART_PAGE = 0x52545352;

    private static final int SMALLEST_PAGE = 512;
    private static final int USUAL_PAGE = 4096;
    private static final int LARGEST_PAGE = 64 << 10;
    private static final int PAGES_CHECKED = 4;
    private static final int NO_CLIENT = 0xFFFF;
    private static final int VOLUME_IS_CLEAN = 2;

    private LogFile() {}

    private record RestartPage(long lsn, int majorVersion, boolean clean) {}

    /**
     * Checks that nothing has to be replayed.
     *
     * @throws UnprovenException if something has
     * @throws CorruptImageException if the log is damaged
     */
    static void checkClean(AttributeStream log) throws IOException, UnprovenException {
        byte[] start = new byte[PAGES_CHECKED * USUAL_PAGE];
        log.read(ByteBuffer.wrap(start), 0);
        if (isEmpty(start)) {
            return;
        }
        int pageSize = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getInt(16);
        if (pageSize < SMALLEST_PAGE || pageSize > LARGEST_PAGE || Integer.bitCount(pageSize) != 1) {
            throw log.corrupt(16, "restart pages of " + pageSize + " bytes");
        }
        RestartPage first = page(log, 0, pageSize);
        RestartPage second = page(log, pageSize, pageSize);
        RestartPage current = second.lsn > first.lsn ? second : first;
        if (current.majorVersion != 1) {
            // Since Windows 8 the log has version 2 while the volume is mounted, and over a fast startup.
            String detail = "$LogFile has version " + current.majorVersion + ": a system keeps changes in its memory";
            throw new UnprovenException(Reason.JOURNAL_DIRTY, detail);
        }
        if (!current.clean) {
            throw new UnprovenException(Reason.JOURNAL_DIRTY, "$LogFile has changes that are not in their place");
        }
    }

    /** Linux fills a log that is not needed any more with ones. */
    private static boolean isEmpty(byte[] bytes) {
        for (byte each : bytes) {
            if (each != -1) {
                return false;
            }
        }
        return true;
    }

    private static RestartPage page(AttributeStream log, int position, int size) throws IOException {
        byte[] bytes = new byte[size];
        log.read(ByteBuffer.wrap(bytes), position);
        ByteReader reader = ByteReader.of(ByteBuffer.wrap(bytes), ByteOrder.LITTLE_ENDIAN, "$LogFile", position);
        if (reader.readI32() != RESTART_PAGE) {
            throw reader.corrupt(0, "no restart page");
        }
        UpdateSequence.restore(bytes, "$LogFile", position);
        int area = reader.seek(24).readU16();
        int majorVersion = reader.skip(2).readU16();
        long lsn = reader.seek(area).readI64();
        int clientInUse = reader.skip(4).readU16();
        int flags = reader.readU16();
        return new RestartPage(lsn, majorVersion, clientInUse == NO_CLIENT || (flags & VOLUME_IS_CLEAN) != 0);
    }
}

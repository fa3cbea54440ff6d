package io.platter.virtualdisk.vhdx;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import io.platter.virtualdisk.spi.MappedDisk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Replays the log of a VHDX file that was not closed, in memory: the file stays as it is.
 *
 * <p>The log is a ring of entries. The newest valid entry, the head, names the tail, from which on entries may not have
 * reached their places yet; the entries from tail to head are the active sequence. Source: [MS-VHDX] §2.3.
 */
final class Log {
    /** Far more than the 1 MiB that Hyper-V and QEMU make. */
    private static final long MAX_LENGTH = 256 << 20;
    /** At about 200 bytes each. A log of {@link #MAX_LENGTH} has room for so many sectors twice. */
    private static final long MAX_DESCRIPTORS = 1 << 17;

    private Log() {}

    /**
     * Returns the file as it is after a replay; the file itself if there is nothing to replay.
     *
     * @throws CorruptImageException if the log holds no complete sequence, or the file is cut off
     */
    static BlockDevice replay(BlockDevice file, Header header) throws IOException {
        if (!header.hasLog()) {
            return file;
        }
        if (header.logLength() > MAX_LENGTH) {
            throw new UnsupportedImageException(
                    file.name(), "the replay of a log of " + header.logLength() + " bytes, more than " + MAX_LENGTH);
        }
        LogRing ring = new LogRing(file, header);
        List<LogEntry> sequence = activeSequence(ring);
        if (sequence.isEmpty()) {
            throw new CorruptImageException(file.name(), header.logOffset(), "a log without a complete sequence");
        }
        LogEntry head = sequence.get(sequence.size() - 1);
        if (file.size() < head.flushedFileOffset()) {
            throw new CorruptImageException(
                    file.name(),
                    ring.fileOffset(head.position()),
                    "a file of " + file.size() + " bytes, which had " + head.flushedFileOffset()
                            + " when it was logged");
        }
        long descriptors =
                sequence.stream().mapToLong(LogEntry::descriptorCount).sum();
        if (descriptors > MAX_DESCRIPTORS) {
            throw new UnsupportedImageException(
                    file.name(), "the replay of " + descriptors + " log descriptors, more than " + MAX_DESCRIPTORS);
        }
        LogOverlay overlay = new LogOverlay(file);
        for (LogEntry entry : sequence) {
            entry.replay(ring, overlay);
        }
        overlay.extendTo(head.lastFileOffset());
        return new MappedDisk(file, overlay.size(), file.logicalSectorSize(), overlay);
    }

    /** Returns the entries from tail to head of the newest sequence that is complete. */
    private static List<LogEntry> activeSequence(LogRing ring) throws IOException {
        List<LogEntry> active = List.of();
        for (List<LogEntry> chain : chains(ring)) {
            LogEntry head = chain.get(chain.size() - 1);
            int tail = 0;
            while (tail < chain.size() && chain.get(tail).position() != head.tail()) {
                tail++;
            }
            boolean isNewer = active.isEmpty()
                    || Long.compareUnsigned(
                                    head.sequence(),
                                    active.get(active.size() - 1).sequence())
                            > 0;
            if (tail < chain.size() && isNewer) {
                active = chain.subList(tail, chain.size());
            }
        }
        return active;
    }

    /** Returns the valid entries of the ring, those together that follow each other in place and in number. */
    private static List<List<LogEntry>> chains(LogRing ring) throws IOException {
        List<List<LogEntry>> chains = new ArrayList<>();
        @Nullable List<LogEntry> chain = null;
        int position = 0;
        while (position < ring.length()) {
            LogEntry entry = LogEntry.read(ring, position);
            if (entry == null) {
                position += Layout.LOG_SECTOR;
                continue;
            }
            if (chain == null || !chain.get(chain.size() - 1).precedes(entry, ring)) {
                chain = new ArrayList<>();
                chains.add(chain);
            }
            chain.add(entry);
            position += entry.length();
        }
        joinAround(chains, ring);
        return chains;
    }

    /** Joins the last chain to the first one, if it runs over the end of the ring. */
    private static void joinAround(List<List<LogEntry>> chains, LogRing ring) {
        if (chains.size() < 2) {
            return;
        }
        List<LogEntry> first = chains.get(0);
        List<LogEntry> last = chains.get(chains.size() - 1);
        if (last.get(last.size() - 1).precedes(first.get(0), ring)) {
            last.addAll(first);
            chains.remove(0);
        }
    }
}

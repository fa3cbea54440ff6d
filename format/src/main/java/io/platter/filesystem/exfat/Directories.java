package io.platter.filesystem.exfat;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentSet;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Shows that the allocation bitmap of an exFAT volume holds all clusters of all files and directories. The bitmap has
 * neither a checksum nor a copy, so nothing else would tell a bit that was lost.
 *
 * <p>Offsets and names are those of Microsoft's "exFAT file system specification" 1.00, sections 6 and 7. Not
 * thread-safe: one thread at a time.
 */
final class Directories {
    static final int ENTRY = 32;
    static final int IN_USE = 0x80;
    static final int SECONDARY = 0x40;
    static final int BENIGN = 0x20;
    static final int ALLOCATION_BITMAP = 0x81;
    static final int UP_CASE_TABLE = 0x82;
    static final int VOLUME_LABEL = 0x83;
    static final int FILE = 0x85;
    static final int STREAM_EXTENSION = 0xC0;

    private static final int ATTRIBUTE_DIRECTORY = 0x10;
    private static final int ALLOCATION_POSSIBLE = 1;
    private static final int NO_FAT_CHAIN = 2;
    private static final int PIECE = 32 << 10;
    /** How many directories may wait to be read; they take at most 64 MiB. */
    private static final int MAXIMUM_WAITING = 1 << 20;

    private final BlockDevice volume;
    private final BootSector boot;
    private final Chains chains;
    private final Deque<Directory> waiting = new ArrayDeque<>();
    /** Whether the entry was read after which a directory has no more. */
    private boolean ended;
    /** Whether the last file entry was that of a directory. */
    private boolean directoryFollows;

    private record Directory(long firstCluster, long length, boolean contiguous) {}

    /** What is done with each entry of a directory. */
    @FunctionalInterface
    interface EntryVisitor {
        /** Takes an entry: 32 bytes, of which the first, the type, has been read. */
        void visit(int type, ByteReader entry) throws IOException;
    }

    Directories(BlockDevice volume, BootSector boot) {
        this.volume = volume;
        this.boot = boot;
        this.chains = new Chains(volume, boot);
    }

    /** Visits the entries of the root directory that are in use. */
    void visitRoot(EntryVisitor visitor) throws IOException {
        visit(new Directory(boot.rootCluster, Chains.TO_THE_END, false), visitor, cluster -> {});
    }

    private void visit(Directory directory, EntryVisitor visitor, Chains.ClusterVisitor clusters) throws IOException {
        ended = false;
        chains.follow(directory.firstCluster, directory.length, directory.contiguous, cluster -> {
            clusters.visit(cluster);
            visitEntries(cluster, visitor);
        });
    }

    private void visitEntries(long cluster, EntryVisitor visitor) throws IOException {
        int piece = Math.min(PIECE, boot.clusterSize());
        for (int done = 0; done < boot.clusterSize() && !ended; done += piece) {
            ByteReader reader =
                    ByteReader.read(volume, boot.clusterOffset(cluster) + done, piece, ByteOrder.LITTLE_ENDIAN);
            for (int at = 0; at < piece && !ended; at += ENTRY) {
                int type = reader.seek(at).readU8();
                ended = type == 0;
                if ((type & IN_USE) != 0) {
                    visitor.visit(type, reader);
                }
            }
        }
    }

    /**
     * Checks all files and directories.
     *
     * @throws CorruptImageException if a cluster of one is not in the set, or belongs to two of them
     */
    void check(ExtentSet used) throws IOException {
        waiting.add(new Directory(boot.rootCluster, Chains.TO_THE_END, false));
        while (!waiting.isEmpty()) {
            directoryFollows = false;
            visit(
                    waiting.remove(),
                    (type, entry) -> checkEntry(type, entry, used),
                    cluster -> checkUsed(cluster, used));
        }
    }

    private void checkEntry(int type, ByteReader entry, ExtentSet used) throws IOException {
        int start = entry.position() - 1;
        boolean secondary = (type & SECONDARY) != 0;
        int flags = secondary ? entry.readU8() : entry.seek(start + 4).readU16();
        long firstCluster = entry.seek(start + 20).readU32();
        long length = entry.readI64();
        if (type == FILE) {
            directoryFollows = (flags & ATTRIBUTE_DIRECTORY) != 0;
            return;
        }
        boolean table = type == ALLOCATION_BITMAP || type == UP_CASE_TABLE;
        boolean generic = type != VOLUME_LABEL && (flags & ALLOCATION_POSSIBLE) != 0;
        if ((!table && !generic) || length == 0) {
            return;
        }
        boolean contiguous = !table && (flags & NO_FAT_CHAIN) != 0;
        if (type == STREAM_EXTENSION && directoryFollows) {
            later(new Directory(firstCluster, length, contiguous));
        } else {
            chains.follow(firstCluster, length, contiguous, cluster -> checkUsed(cluster, used));
        }
        directoryFollows = false;
    }

    private void later(Directory directory) throws CorruptImageException {
        if (waiting.size() == MAXIMUM_WAITING) {
            throw new CorruptImageException(
                    volume.name(), boot.clusterOffset(directory.firstCluster), "more than 2^20 directories at once");
        }
        waiting.add(directory);
    }

    private void checkUsed(long cluster, ExtentSet used) throws CorruptImageException {
        if (!used.contains(boot.clusterOffset(cluster), boot.clusterSize())) {
            throw new CorruptImageException(
                    volume.name(),
                    boot.clusterOffset(cluster),
                    "cluster " + cluster + " belongs to a file, but not in the allocation bitmap");
        }
    }
}

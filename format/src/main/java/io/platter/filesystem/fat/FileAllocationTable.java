package io.platter.filesystem.fat;

import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentSet;
import io.platter.filesystem.kit.FreeRuns;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The file allocation table of a FAT volume: an entry a cluster, 0 for a free one, else the next of the same file, a
 * mark of its end, or a mark that the cluster is bad. Source: fatgen103, "FAT Data Structure".
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class FileAllocationTable {
    /** A multiple of the 12, 16 and 32 bits of an entry, and of 3 bytes, where a pair of 12-bit entries ends. */
    private static final int CHUNK = 3 << 18;

    private final BlockDevice volume;
    private final BootSector boot;
    private final long mask;

    FileAllocationTable(BlockDevice volume, BootSector boot) {
        this.volume = volume;
        this.boot = boot;
        // The four highest bits of a FAT32 entry are reserved and mean nothing.
        this.mask = (1L << Math.min(boot.entryBits, 28)) - 1;
    }

    private interface EntryVisitor {
        void visit(long cluster, long entry) throws CorruptImageException;
    }

    /**
     * Checks that the volume was left in order.
     *
     * @throws UnprovenException if it was not, or nobody knows
     */
    void checkClean() throws IOException, UnprovenException {
        if (boot.marks != 0) {
            throw new UnprovenException(Reason.NOT_CLEAN, "the boot sector says in use or to be tested: " + boot.marks);
        }
        if (boot.entryBits == 12) {
            return;
        }
        ByteReader reader = ByteReader.read(
                volume, boot.fatOffset(boot.activeFat) + boot.entryBits / 8, 4, ByteOrder.LITTLE_ENDIAN);
        long entry = reader.readU32() & (boot.entryBits == 16 ? 0xFFFF : mask);
        // The highest bit says that the volume was unmounted, the next one that there was no error.
        long inOrder = mask & ~(mask >>> 2);
        if ((entry & inOrder) != inOrder) {
            throw new UnprovenException(
                    Reason.NOT_CLEAN, "FAT entry 1 is " + Long.toHexString(entry) + ": in use, or errors seen");
        }
    }

    /**
     * Returns the entry of a cluster of a FAT32: the number of the next cluster of the same file, or what else it is.
     *
     * @throws CorruptImageException if the FAT is cut off before it
     */
    long next(long cluster) throws IOException {
        return ByteReader.read(volume, boot.fatOffset(boot.activeFat) + 4 * cluster, 4, ByteOrder.LITTLE_ENDIAN)
                        .readU32()
                & mask;
    }

    /**
     * Returns the bytes that are used.
     *
     * @throws CorruptImageException if the FATs differ, a link leads outside or to a free cluster, or the volume says that
     *     another number of clusters is free
     */
    ExtentSet used() throws IOException {
        checkCopies();
        FreeRuns free = new FreeRuns();
        long[] counts = {0, 0};
        long[] run = {2, 2};
        visit((cluster, entry) -> {
            if (cluster == 0) {
                checkMedia(entry);
            } else if (cluster > 1 && entry == 0) {
                run[1] = cluster + 1;
                counts[0]++;
            } else {
                counts[1] += entry == mask - 8 ? 1 : 0;
                addRun(free, run[0], run[1]);
                run[0] = Math.max(2, cluster + 1);
                run[1] = run[0];
            }
        });
        addRun(free, run[0], run[1]);
        boot.checkFreeClusters(volume, counts[0], counts[1]);
        ExtentSet used = free.used(volume.size());
        checkLinks(used);
        return used;
    }

    private void addRun(FreeRuns free, long from, long to) {
        free.add(boot.clusterOffset(from), (to - from) * boot.clusterSize());
    }

    private void checkCopies() throws IOException {
        for (int fat = 1; boot.mirrored && fat < boot.fats; fat++) {
            for (long done = 0; done < boot.fatBytes(); done += CHUNK) {
                int different = chunk(0, done).mismatch(chunk(fat, done));
                if (different >= 0) {
                    throw new CorruptImageException(
                            volume.name(),
                            boot.fatOffset(fat) + done + different,
                            "FAT " + fat + " differs from FAT 0");
                }
            }
        }
    }

    private void checkMedia(long entry) throws CorruptImageException {
        if (entry != ((mask & ~0xFF) | boot.media)) {
            throw corrupt(0, entry, "expected the media byte " + boot.media);
        }
    }

    private void checkLinks(ExtentSet used) throws IOException {
        if (boot.entryBits == 32 && !isUsed(used, boot.rootCluster)) {
            throw corrupt(boot.rootCluster, 0, "but the root directory is there");
        }
        long bad = mask - 8;
        long last = boot.clusters + 1;
        visit((cluster, entry) -> {
            if (cluster < 2 || entry < 2 || entry >= bad) {
                return;
            }
            if (entry > last) {
                throw corrupt(cluster, entry, "the last cluster is " + last);
            }
            if (!isUsed(used, entry)) {
                throw corrupt(cluster, entry, "which is free");
            }
        });
    }

    private boolean isUsed(ExtentSet used, long cluster) {
        return used.contains(boot.clusterOffset(cluster), boot.clusterSize());
    }

    private CorruptImageException corrupt(long cluster, long entry, String detail) {
        return new CorruptImageException(
                volume.name(),
                boot.fatOffset(boot.activeFat) + cluster * boot.entryBits / 8,
                "FAT entry " + cluster + " is " + Long.toHexString(entry) + ", " + detail);
    }

    private void visit(EntryVisitor visitor) throws IOException {
        int perChunk = CHUNK * 8 / boot.entryBits;
        for (long first = 0; first < boot.clusters + 2; first += perChunk) {
            ByteBuffer bytes = chunk(boot.activeFat, first * boot.entryBits / 8);
            int count = (int) Math.min(perChunk, boot.clusters + 2 - first);
            for (int i = 0; i < count; i++) {
                visitor.visit(first + i, entry(bytes, i) & mask);
            }
        }
    }

    private long entry(ByteBuffer bytes, int index) {
        return switch (boot.entryBits) {
            case 12 -> bytes.getChar(index * 3 / 2) >>> (4 * (index & 1));
            case 16 -> bytes.getChar(index * 2);
            default -> bytes.getInt(index * 4);
        };
    }

    private ByteBuffer chunk(int fat, long done) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(CHUNK, boot.fatBytes() - done));
        volume.read(bytes, boot.fatOffset(fat) + done);
        return bytes.flip().order(ByteOrder.LITTLE_ENDIAN);
    }
}

package io.platter.filesystem.exfat;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentSet;
import io.platter.filesystem.kit.Filesystem;
import io.platter.filesystem.kit.FreeRuns;
import io.platter.filesystem.kit.Proof;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * exFAT, and TexFAT with its second FAT and bitmap.
 *
 * <p>A file in the root directory, the allocation bitmap, says which clusters are used. The proof is the checksum of the
 * boot region, the flags by which a system says that it has the volume mounted, and that no cluster of any file is free.
 */
public final class ExFat implements Filesystem {
    private static final int SECOND_BITMAP = 1;
    private static final int VOLUME_DIRTY = 2;
    private static final int MEDIA_FAILURE = 4;
    private static final int KNOWN_REVISION = 1;
    private static final int PIECE = 1 << 20;
    private static final int LONGEST_LABEL = 11;

    @Override
    public String name() {
        return "exfat";
    }

    @Override
    public long sizeOf(BlockDevice volume) throws IOException {
        return BootSector.read(volume)
                .map(boot -> Filesystem.bytes(boot.volumeLength, 1L << boot.sectorShift))
                .orElse(0L);
    }

    @Override
    public Optional<AllocationMap> map(BlockDevice volume) throws IOException {
        Optional<BootSector> boot = BootSector.read(volume);
        return boot.isEmpty() ? Optional.empty() : Optional.of(map(volume, boot.get()));
    }

    private AllocationMap map(BlockDevice volume, BootSector boot) throws IOException {
        AllocationMap map = new AllocationMap(
                name(),
                label(volume, boot),
                boot.serialNumber,
                volume.size(),
                boot.clusterSize(),
                VolumeState.CLEAN,
                Reason.NONE,
                "",
                ExtentSet.EMPTY);
        return Proof.apply(map, () -> used(volume, boot));
    }

    private static String label(BlockDevice volume, BootSector boot) throws IOException {
        Root root = new Root();
        try {
            new Directories(volume, boot).visitRoot(root::take);
        } catch (CorruptImageException e) {
            // The root directory is damaged or cut off: the volume has the label that was seen before that, if any.
        }
        return root.label;
    }

    private static ExtentSet used(BlockDevice volume, BootSector boot) throws IOException, UnprovenException {
        if (!boot.fits(volume.size())) {
            throw new UnprovenException(
                    Reason.TRUNCATED,
                    "the filesystem has %s sectors of %d bytes, the volume %d bytes"
                            .formatted(Long.toUnsignedString(boot.volumeLength), 1 << boot.sectorShift, volume.size()));
        }
        if (!boot.hasValidChecksum(volume)) {
            throw new UnprovenException(Reason.CHECKSUM, "boot region");
        }
        if (boot.revision >>> 8 != KNOWN_REVISION) {
            throw new UnprovenException(
                    Reason.UNKNOWN_FEATURE, "revision " + (boot.revision >>> 8) + "." + (boot.revision & 0xFF));
        }
        if ((boot.volumeFlags & (VOLUME_DIRTY | MEDIA_FAILURE)) != 0) {
            throw new UnprovenException(Reason.NOT_CLEAN, "volume flags " + Integer.toHexString(boot.volumeFlags));
        }
        Root root = new Root();
        new Directories(volume, boot).visitRoot(root::take);
        if (root.unknownType != 0) {
            throw new UnprovenException(
                    Reason.UNKNOWN_FEATURE, "directory entry of type " + Integer.toHexString(root.unknownType));
        }
        if (root.bitmaps.size() != boot.numberOfFats) {
            throw new CorruptImageException(
                    volume.name(),
                    boot.clusterOffset(boot.rootCluster),
                    root.bitmaps.size() + " allocation bitmaps, expected " + boot.numberOfFats);
        }
        ExtentSet used = ExtentSet.EMPTY;
        for (Bitmap bitmap : root.bitmaps) {
            // One of the two of TexFAT is older than the other; what either calls used is kept.
            ExtentSet one = read(volume, boot, bitmap);
            used = used.count() == 0 ? one : used.union(one);
        }
        new Directories(volume, boot).check(used);
        return used;
    }

    private static ExtentSet read(BlockDevice volume, BootSector boot, Bitmap bitmap) throws IOException {
        long needed = (boot.clusterCount + 7) / 8;
        if (bitmap.length < needed) {
            throw new CorruptImageException(
                    volume.name(),
                    boot.clusterOffset(boot.rootCluster),
                    "allocation bitmap of " + bitmap.length + " bytes, expected " + needed);
        }
        FreeRuns free = new FreeRuns();
        ByteBuffer piece = ByteBuffer.allocate(Math.min(PIECE, boot.clusterSize()));
        long[] next = {2};
        new Chains(volume, boot).follow(bitmap.firstCluster, needed, false, cluster -> {
            for (int done = 0; done < boot.clusterSize(); done += piece.capacity()) {
                volume.read(piece.clear(), boot.clusterOffset(cluster) + done);
                long count = Math.min(8L * piece.capacity(), boot.clusterCount + 2 - next[0]);
                free.addClear(piece.flip(), (int) count, boot.clusterOffset(next[0]), boot.clusterSize());
                next[0] += count;
            }
        });
        return free.used(volume.size());
    }

    private record Bitmap(long firstCluster, long length) {}

    /** What the root directory says about the volume. */
    private static final class Root {
        private final List<Bitmap> bitmaps = new ArrayList<>();
        private String label = "";
        private int unknownType;

        void take(int type, ByteReader entry) throws CorruptImageException {
            switch (type) {
                case Directories.ALLOCATION_BITMAP -> takeBitmap(entry);
                case Directories.VOLUME_LABEL -> {
                    int characters = Math.min(entry.readU8(), LONGEST_LABEL);
                    label = entry.readText(2 * characters, StandardCharsets.UTF_16LE);
                }
                case Directories.UP_CASE_TABLE, Directories.FILE -> {}
                default -> {
                    // A system that does not know a critical entry may not mount the volume.
                    if ((type & (Directories.SECONDARY | Directories.BENIGN)) == 0) {
                        unknownType = type;
                    }
                }
            }
        }

        private void takeBitmap(ByteReader entry) throws CorruptImageException {
            int flags = entry.readU8();
            Bitmap bitmap = new Bitmap(entry.skip(18).readU32(), entry.readU63("bitmap length"));
            if (bitmaps.size() == 2 || (flags & SECOND_BITMAP) != bitmaps.size()) {
                throw entry.corrupt(entry.position(), "allocation bitmap " + bitmaps.size() + " has flags " + flags);
            }
            bitmaps.add(bitmap);
        }
    }
}

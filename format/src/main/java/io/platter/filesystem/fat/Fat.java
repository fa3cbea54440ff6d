package io.platter.filesystem.fat;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentSet;
import io.platter.filesystem.kit.Filesystem;
import io.platter.filesystem.kit.Proof;
import io.platter.filesystem.kit.UnprovenException;
import io.platter.filesystem.opaque.BitLocker;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.util.Optional;

/**
 * FAT12, FAT16 and FAT32.
 *
 * <p>The FAT is itself what says which clusters are used: those whose entry is not 0, bad ones too. The proof is that
 * all FATs that are kept equal are equal, that the volume was left in order, and that no link leads outside or to a free
 * cluster.
 */
public final class Fat implements Filesystem {
    private static final int DIRECTORY_ENTRY = 32;
    private static final int DELETED = 0xE5;
    private static final int ATTRIBUTES = 0x3F;
    private static final int VOLUME_LABEL = 0x08;
    private static final int ARCHIVED = 0x20;

    /** Stands for {@link #DELETED} where that is the first character of a name. Source: fatgen103, "DIR_Name[0]". */
    private static final int NOT_DELETED = 0x05;

    /** Names are in the code page of the machine, which nobody notes; this is what mtools and dosfstools take, too. */
    private static final Charset CODE_PAGE = Charset.forName("IBM850");

    /** How many clusters of a root directory are searched for the label. */
    private static final int MAX_CLUSTERS = 100;

    @Override
    public String name() {
        return "fat";
    }

    @Override
    public long sizeOf(BlockDevice volume) throws IOException {
        return BootSector.read(volume).map(BootSector::size).orElse(0L);
    }

    @Override
    public Optional<AllocationMap> map(BlockDevice volume) throws IOException {
        Optional<BootSector> boot = BitLocker.isToGo(volume) ? Optional.empty() : BootSector.read(volume);
        return boot.isEmpty() ? Optional.empty() : Optional.of(map(volume, boot.get()));
    }

    private static AllocationMap map(BlockDevice volume, BootSector boot) throws IOException {
        FileAllocationTable table = new FileAllocationTable(volume, boot);
        AllocationMap map = new AllocationMap(
                boot.name(),
                label(volume, boot, table),
                boot.volumeId,
                volume.size(),
                boot.clusterSize(),
                VolumeState.CLEAN,
                Reason.NONE,
                "",
                ExtentSet.EMPTY);
        return Proof.apply(map, () -> {
            if (boot.size() > volume.size()) {
                throw new UnprovenException(
                        Reason.TRUNCATED,
                        "the filesystem has %d bytes, the volume %d".formatted(boot.size(), volume.size()));
            }
            table.checkClean();
            boot.checkBackup(volume);
            return table.used();
        });
    }

    /**
     * Returns the label that the root directory has, or an empty text. The boot sector has a label too, which systems
     * forget to change.
     */
    private static String label(BlockDevice volume, BootSector boot, FileAllocationTable table) throws IOException {
        try {
            long cluster = boot.rootCluster;
            long offset = boot.rootOffset();
            for (int i = 0; i < MAX_CLUSTERS; i++) {
                ByteReader directory = ByteReader.read(volume, offset, boot.rootLength(), ByteOrder.LITTLE_ENDIAN);
                Optional<String> label = label(directory);
                cluster = boot.entryBits == 32 ? table.next(cluster) : 0;
                if (label.isPresent() || !boot.isCluster(cluster)) {
                    return label.orElse("");
                }
                offset = boot.clusterOffset(cluster);
            }
        } catch (CorruptImageException e) {
            // The root directory is cut off: the volume just has no label then.
        }
        return "";
    }

    /** Returns the label in a piece of a directory; an empty one if the directory ends without one. */
    private static Optional<String> label(ByteReader directory) throws IOException {
        while (directory.remaining() >= DIRECTORY_ENTRY) {
            byte[] entry = directory.readBytes(DIRECTORY_ENTRY);
            if (entry[0] == 0) {
                return Optional.of("");
            }
            boolean isLabel = (entry[11] & ATTRIBUTES & ~ARCHIVED) == VOLUME_LABEL;
            if (isLabel && Byte.toUnsignedInt(entry[0]) != DELETED) {
                entry[0] = entry[0] == NOT_DELETED ? (byte) DELETED : entry[0];
                return Optional.of(new String(entry, 0, 11, CODE_PAGE).stripTrailing());
            }
        }
        return Optional.empty();
    }
}

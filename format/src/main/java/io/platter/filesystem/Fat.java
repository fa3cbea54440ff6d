package io.platter.filesystem;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.ExtentSet;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * FAT12, FAT16 and FAT32.
 *
 * <p>The FAT is itself what says which clusters are used: those whose entry is not 0, bad ones too. The proof is that
 * all FATs that are kept equal are equal, that the volume was left in order, and that no link leads outside or to a free
 * cluster.
 */
final class Fat implements Filesystem {
    private static final int DIRECTORY_ENTRY = 32;
    private static final int DELETED = 0xE5;
    private static final int ATTRIBUTES = 0x3F;
    private static final int VOLUME_LABEL = 0x08;
    private static final int ARCHIVED = 0x20;

    /** Stands in the boot sector of an encrypted volume that shows a small FAT to systems without BitLocker. */
    private static final byte[] BITLOCKER_TO_GO = HexFormat.of().parseHex("3bd66749292ed84a8399f6a339e3d001");

    private static final int BITLOCKER_OFFSET = 424;

    @Override
    public String name() {
        return "fat";
    }

    @Override
    public Optional<AllocationMap> map(BlockDevice volume) throws IOException {
        Optional<FatBootSector> boot = FatBootSector.read(volume);
        if (boot.isEmpty()) {
            return Optional.empty();
        }
        if (isBitLocker(volume)) {
            return Optional.of(AllocationMap.whole(volume, "bitlocker", Reason.OPAQUE, "BitLocker To Go"));
        }
        return Optional.of(map(volume, boot.get()));
    }

    private static AllocationMap map(BlockDevice volume, FatBootSector boot) throws IOException {
        if (boot.size() > volume.size()) {
            String detail = "the filesystem has " + boot.size() + " bytes, the volume " + volume.size();
            return AllocationMap.whole(volume, boot.name(), Reason.TRUNCATED, detail);
        }
        AllocationMap map = new AllocationMap(
                boot.name(),
                label(volume, boot),
                boot.volumeId,
                volume.size(),
                boot.clusterSize(),
                VolumeState.CLEAN,
                Reason.NONE,
                "",
                ExtentSet.EMPTY);
        FatTable table = new FatTable(volume, boot);
        return map.proven(() -> {
            table.checkClean();
            boot.checkBackup(volume);
            return table.used();
        });
    }

    private static boolean isBitLocker(BlockDevice volume) throws IOException {
        ByteReader reader = ByteReader.read(volume, BITLOCKER_OFFSET, BITLOCKER_TO_GO.length, ByteOrder.LITTLE_ENDIAN);
        return Arrays.equals(reader.readBytes(BITLOCKER_TO_GO.length), BITLOCKER_TO_GO);
    }

    /** The boot sector has a label too, which systems forget to change. */
    private static String label(BlockDevice volume, FatBootSector boot) throws IOException {
        ByteReader directory = ByteReader.read(volume, boot.rootOffset(), boot.rootLength(), ByteOrder.LITTLE_ENDIAN);
        while (directory.remaining() >= DIRECTORY_ENTRY) {
            byte[] entry = directory.readBytes(DIRECTORY_ENTRY);
            if (entry[0] == 0) {
                break;
            }
            boolean isLabel = (entry[11] & ATTRIBUTES & ~ARCHIVED) == VOLUME_LABEL;
            if (isLabel && Byte.toUnsignedInt(entry[0]) != DELETED) {
                return new String(entry, 0, 11, StandardCharsets.ISO_8859_1).stripTrailing();
            }
        }
        return "";
    }
}

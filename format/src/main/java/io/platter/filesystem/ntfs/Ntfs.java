package io.platter.filesystem.ntfs;

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
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/**
 * NTFS 1.2 to 3.1.
 *
 * <p>A file, {@code $Bitmap}, says which clusters are used. The proof is the volume's dirty flag, a log that needs no
 * replay, no hibernated system, the MFT being equal to its copy, and that no cluster of any file is free.
 */
public final class Ntfs implements Filesystem {
    private static final long LOG_FILE = 2;
    private static final long VOLUME = 3;
    private static final long BITMAP = 6;

    private static final int VOLUME_IS_DIRTY = 0x0001;
    private static final int CHKDSK_UNDERWAY = 0x4000;
    /** The versions of Windows NT 4, 2000, and XP and later. */
    private static final Set<String> KNOWN_VERSIONS = Set.of("1.2", "3.0", "3.1");

    private static final int PIECE = 1 << 20;

    @Override
    public String name() {
        return "ntfs";
    }

    @Override
    public long sizeOf(BlockDevice volume) throws IOException {
        // The copy of the boot sector stands in the sector after the last.
        return BootSector.read(volume)
                .map(boot -> Filesystem.bytes(boot.totalSectors + 1, boot.bytesPerSector))
                .orElse(0L);
    }

    @Override
    public Optional<AllocationMap> map(BlockDevice volume) throws IOException {
        Optional<BootSector> boot = BootSector.read(volume);
        return boot.isEmpty() ? Optional.empty() : Optional.of(map(volume, boot.get()));
    }

    private AllocationMap map(BlockDevice device, BootSector boot) throws IOException {
        AllocationMap map = new AllocationMap(
                name(),
                label(device, boot),
                boot.serialNumber,
                device.size(),
                boot.clusterSize,
                VolumeState.CLEAN,
                Reason.NONE,
                "",
                ExtentSet.EMPTY);
        return Proof.apply(map, () -> {
            if (!boot.fits(device.size())) {
                throw new UnprovenException(
                        Reason.TRUNCATED,
                        "the filesystem has %d sectors of %d bytes, the volume %d bytes"
                                .formatted(boot.totalSectors, boot.bytesPerSector, device.size()));
            }
            Volume volume = new Volume(device, boot);
            volume.compareWithCopy();
            checkClean(volume, volume.record(VOLUME));
            boot.checkCopy(device);
            ExtentSet used = used(volume);
            new FileCheck(volume, used).check();
            return used;
        });
    }

    private static String label(BlockDevice device, BootSector boot) throws IOException {
        try {
            return new Volume(device, boot)
                    .record(VOLUME)
                    .attribute(Attribute.VOLUME_NAME)
                    .map(name -> new String(name.value, StandardCharsets.UTF_16LE))
                    .orElse("");
        } catch (CorruptImageException e) {
            // The MFT is damaged or cut off: the volume just has no label then, and the proof fails for that reason.
            return "";
        }
    }

    private static void checkClean(Volume volume, FileRecord record) throws IOException, UnprovenException {
        Attribute information = record.attribute(Attribute.VOLUME_INFORMATION)
                .orElseThrow(() -> volume.mft.corrupt(VOLUME * volume.boot.recordSize, "no volume information"));
        ByteReader reader =
                ByteReader.of(ByteBuffer.wrap(information.value), ByteOrder.LITTLE_ENDIAN, "volume information", 0);
        String version = reader.skip(8).readU8() + "." + reader.readU8();
        int flags = reader.readU16();
        if (!KNOWN_VERSIONS.contains(version)) {
            throw new UnprovenException(Reason.UNKNOWN_FEATURE, "NTFS version " + version);
        }
        if ((flags & (VOLUME_IS_DIRTY | CHKDSK_UNDERWAY)) != 0) {
            throw new UnprovenException(Reason.NOT_CLEAN, "volume flags " + Integer.toHexString(flags));
        }
        LogFile.checkClean(volume.content(volume.record(LOG_FILE)));
    }

    private static ExtentSet used(Volume volume) throws IOException {
        AttributeStream bitmap = volume.content(volume.record(BITMAP));
        long clusters = volume.boot.clusters;
        long needed = (clusters + 7) / 8;
        if (bitmap.initializedSize() < needed) {
            throw bitmap.corrupt(0, "$Bitmap has " + bitmap.initializedSize() + " bytes, expected " + needed);
        }
        FreeRuns free = new FreeRuns();
        for (long at = 0; at < needed; at += PIECE) {
            ByteBuffer bits = ByteBuffer.allocate((int) Math.min(PIECE, needed - at));
            bitmap.read(bits, at);
            long count = Math.min(8L * PIECE, clusters - at * 8);
            free.addClear(bits.flip(), (int) count, at * 8 * volume.boot.clusterSize, volume.boot.clusterSize);
        }
        return free.used(volume.device.size());
    }
}

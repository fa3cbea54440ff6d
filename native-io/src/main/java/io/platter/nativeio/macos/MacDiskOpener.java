package io.platter.nativeio.macos;

import io.platter.block.DeviceException;
import io.platter.block.DiskUse.Kind;
import io.platter.block.OpenMode;
import io.platter.device.DiskCapabilities;
import io.platter.device.DiskDescription;
import io.platter.device.DiskOpenOptions;
import io.platter.device.RawDisk;
import io.platter.nativeio.platform.Refusal;
import io.platter.nativeio.platform.SectorDisk;
import io.platter.nativeio.posix.Descriptor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Opens a raw disk, or says why not. */
final class MacDiskOpener {
    private final LibSystem system;
    private final MacDisks disks;

    MacDiskOpener(LibSystem system, Path dev, MacDisks.Mounts mounts) {
        this.system = system;
        this.disks = new MacDisks(system, dev, mounts);
    }

    MacDisks disks() {
        return disks;
    }

    RawDisk open(Path path, OpenMode mode, DiskOpenOptions options) throws IOException {
        DiskDescription description = disks.describe(path, List.of());
        if (mode == OpenMode.WRITE) {
            Refusal.check(description, options);
        }
        Descriptor device = openDevice(description, mode, options);
        try {
            int features = MacDisks.number(device, "DKIOCGETFEATURES", MacConstants.DKIOCGETFEATURES);
            boolean unmap = (features & MacConstants.DK_FEATURE_UNMAP) != 0;
            return new SectorDisk(
                    new MacDiskChannel(device),
                    description,
                    new DiskCapabilities(true, unmap, false),
                    MacDisks.backing(description.path()),
                    mode == OpenMode.WRITE);
        } catch (IOException e) {
            device.close();
            throw e;
        }
    }

    private Descriptor openDevice(DiskDescription description, OpenMode mode, DiskOpenOptions options)
            throws IOException {
        int access = MacConstants.O_CLOEXEC | (mode == OpenMode.WRITE ? MacConstants.O_RDWR : MacConstants.O_RDONLY);
        if (mode == OpenMode.READ) {
            return Descriptor.open(system, description.path(), access);
        }
        try {
            // Without O_NONBLOCK it would wait for the lock of another.
            return Descriptor.open(
                    system, description.path(), access | MacConstants.O_EXLOCK | MacConstants.O_NONBLOCK);
        } catch (DeviceException e) {
            if (e.osError() != MacConstants.EBUSY && e.osError() != MacConstants.EAGAIN) {
                throw e;
            }
            if (mode == OpenMode.WRITE && options.overridden().contains(Kind.BUSY)) {
                return Descriptor.open(system, description.path(), access);
            }
            throw Refusal.busy(description, "another program holds it, or a volume on it is mounted", e);
        }
    }
}

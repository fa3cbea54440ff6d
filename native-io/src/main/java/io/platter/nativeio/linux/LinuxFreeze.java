package io.platter.nativeio.linux;

import io.platter.block.DeviceException;
import io.platter.device.Snapshot;
import io.platter.nativeio.linux.MountTable.Mount;
import io.platter.nativeio.posix.Descriptor;
import io.platter.nativeio.posix.PosixConstants;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A mounted filesystem, frozen by {@code FIFREEZE}. Source: ioctl_fifreeze, linux/fs.h.
 *
 * <p>Safe for use by several threads.
 */
final class LinuxFreeze implements Snapshot {
    private final Path device;
    private final Descriptor filesystem;
    private final ThawWatchdog watchdog;
    private boolean closed;

    private LinuxFreeze(Path device, Descriptor filesystem, ThawWatchdog watchdog) {
        this.device = device;
        this.filesystem = filesystem;
        this.watchdog = watchdog;
    }

    static Snapshot of(SystemTree tree, LibC libc, Path mountPoint, Duration limit, List<Path> ownFiles)
            throws IOException {
        Path point = mountPoint.toRealPath();
        Path device = deviceAt(tree, point);
        for (Path file : ownFiles) {
            if (tree.nodes()
                    .holding(SystemTree.existing(file))
                    .equals(tree.nodes().holding(point))) {
                throw new IllegalArgumentException(
                        file + " is on the filesystem that is to be frozen, at " + mountPoint);
            }
        }
        Descriptor filesystem = Descriptor.open(libc, point, LinuxConstants.O_RDONLY | LinuxConstants.O_CLOEXEC);
        try {
            ThawWatchdog watchdog = ThawWatchdog.start(point, limit);
            try {
                filesystem.ioctl("freeze", LinuxConstants.FIFREEZE, 0);
            } catch (DeviceException e) {
                // Frozen by somebody else, perhaps, who relies on it.
                watchdog.dismiss();
                throw e;
            }
            return new LinuxFreeze(device, filesystem, watchdog);
        } catch (IOException e) {
            filesystem.close();
            throw e;
        }
    }

    private static Path deviceAt(SystemTree tree, Path point) throws IOException {
        BlockClass blocks = new BlockClass(tree);
        Mount found = null;
        for (Mount mount : MountTable.mounts(tree.proc())) {
            if (mount.mountPoint().equals(point)) {
                found = mount; // the last one hides those before
            }
        }
        if (found == null) {
            throw new FileSystemException(point.toString(), null, "nothing is mounted here");
        }
        return blocks.byNumber(found.number()).map(blocks::node).orElse(Path.of(found.source()));
    }

    @Override
    public Path device() {
        return device;
    }

    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (filesystem) {
            filesystem.ioctl("thaw", LinuxConstants.FITHAW, 0);
            watchdog.dismiss();
        } catch (DeviceException e) {
            if (e.osError() != PosixConstants.EINVAL) {
                watchdog.thawNow();
                throw e;
            }
            watchdog.dismiss();
            throw new DeviceException(
                    e.device(), "thaw", -1, e.osError(), "it was thawed before, so it did not hold still", e);
        }
    }
}

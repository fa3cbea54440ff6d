package io.platter.nativeio;

import io.platter.test.LoopDevice;
import io.platter.test.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A mounted filesystem, for a test that runs as root; closing it unmounts it. */
final class Mount implements AutoCloseable {
    private final Path point;

    private Mount(Path point) {
        this.point = point;
    }

    static Mount ext4(LoopDevice loop, Path point) throws IOException {
        return ext4(loop.path(), point);
    }

    /** Makes a filesystem and mounts it. */
    static Mount ext4(Path device, Path point) throws IOException {
        Oracle.of("mkfs.ext4").run("-q", "-F", device);
        Oracle.of("mount").run("-t", "ext4", device, Files.createDirectories(point));
        return new Mount(point);
    }

    Path point() {
        return point;
    }

    @Override
    public void close() {
        Oracle.of("umount").run(point);
    }
}

package io.platter.filesystem.kit;

import io.platter.test.LoopDevice;
import io.platter.test.Oracle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An image file mounted through a loop device, for a test that runs as root; closing it unmounts and detaches it. */
public final class Mount implements AutoCloseable {
    private final LoopDevice loop;
    private final Path directory;

    private Mount(LoopDevice loop, Path directory) {
        this.loop = loop;
        this.directory = directory;
    }

    /**
     * Mounts a file to be written to.
     *
     * @param options for {@code mount -o}, comma-separated, or an empty text
     */
    public static Mount writable(Path image, String type, String options) {
        return mount(LoopDevice.attach(image), type, "rw" + (options.isEmpty() ? "" : "," + options));
    }

    /** Mounts a file in a way that can't change a byte of it. */
    public static Mount readOnly(Path image, String type, String options) {
        LoopDevice loop = LoopDevice.attach(image, "--read-only");
        return mount(loop, type, "ro" + (options.isEmpty() ? "" : "," + options));
    }

    private static Mount mount(LoopDevice loop, String type, String options) {
        try {
            Path directory = Files.createTempDirectory("mount");
            Mount mount = new Mount(loop, directory);
            try {
                Oracle.of("mount").run("-t", type, "-o", options, loop.path(), directory);
            } catch (Throwable e) {
                Files.delete(directory);
                throw e;
            }
            return mount;
        } catch (IOException e) {
            loop.close();
            throw new UncheckedIOException(e);
        } catch (Throwable e) {
            loop.close();
            throw e;
        }
    }

    /** Returns the root of the mounted tree. */
    public Path directory() {
        return directory;
    }

    @Override
    public void close() {
        try {
            Oracle.of("umount").run(directory);
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            loop.close();
        }
    }
}

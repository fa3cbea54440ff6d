package io.platter.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** A file as a block device of the kernel, for a test that runs as root; closing it detaches the file. */
public final class LoopDevice implements AutoCloseable {
    private static final long PATIENCE_NANOS = 20_000_000_000L;

    private final Path path;

    private LoopDevice(Path path) {
        this.path = path;
    }

    /**
     * Attaches a file.
     *
     * @param options more options of {@code losetup}, such as {@code --sector-size 4096} or {@code --read-only}
     */
    public static LoopDevice attach(Path file, Object... options) {
        Oracle.requireRoot();
        Object[] arguments = new Object[options.length + 3];
        arguments[0] = "--find";
        arguments[1] = "--show";
        System.arraycopy(options, 0, arguments, 2, options.length);
        arguments[arguments.length - 1] = file;
        return new LoopDevice(Path.of(Oracle.of("losetup").run(arguments).strip()));
    }

    /** Returns the device node. */
    public Path path() {
        return path;
    }

    /** Detaches the file, and waits until the kernel has let go of it: whoever looks at the device meanwhile delays that. */
    @Override
    public void close() {
        Path backing = Path.of("/sys/block", String.valueOf(path.getFileName()), "loop/backing_file");
        Optional<String> file = read(backing);
        Oracle.of("losetup").run("--detach", path);
        long end = System.nanoTime() + PATIENCE_NANOS;
        // Another file may be attached there by now.
        while (file.isPresent() && file.equals(read(backing))) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError(path + " still holds " + file.get());
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (IOException e) {
            return Optional.empty(); // There is none, or not any more.
        }
    }
}

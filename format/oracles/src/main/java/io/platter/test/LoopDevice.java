package io.platter.test;

import java.nio.file.Path;

/** A file as a block device of the kernel, for a test that runs as root; closing it detaches the file. */
public final class LoopDevice implements AutoCloseable {
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

    @Override
    public void close() {
        Oracle.of("losetup").run("--detach", path);
    }
}

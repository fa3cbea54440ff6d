package io.platter.examples;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Refuses, before anything is done, a target that the user can't have meant. */
final class Targets {
    /** Stands for standard input and standard output. */
    private static final Path STANDARD = Path.of("-");
    /** What is written there stays in memory, and what is missing there is a disk that is not there. */
    private static final Path DEVICES = Path.of("/dev");
    /** But this is made for files. */
    private static final Path SHARED_MEMORY = DEVICES.resolve("shm");

    private Targets() {}

    /** Tells whether a name stands for standard input or standard output. */
    static boolean isStandard(Path path) {
        return path.equals(STANDARD);
    }

    /**
     * Tells whether a target is a new file.
     *
     * @param force whether something that exists may be written over
     * @throws UsageException if it exists without that; or does not, and no file should be made there
     */
    static boolean isNew(Path target, boolean force) throws IOException {
        if (!Files.exists(target)) {
            checkNew(target);
            return true;
        }
        if (Files.isDirectory(target)) {
            throw new UsageException(target + " is a directory, expected a file or a disk");
        }
        if (!force) {
            throw new UsageException(target + " exists and would be written over; --force allows it");
        }
        return false;
    }

    /** Refuses the name of a new file that is a missing disk's, or that could not be made exactly. */
    static void checkNew(Path target) throws IOException {
        if (Files.isSymbolicLink(target)) {
            throw new UsageException(
                    target + " is a link to " + Files.readSymbolicLink(target) + ", which does not exist");
        }
        Path parent = target.toAbsolutePath().normalize().getParent();
        Path directory = parent != null && Files.exists(parent) ? parent.toRealPath() : target.toAbsolutePath();
        if (target.toString().startsWith("\\\\.\\")
                || (directory.startsWith(DEVICES) && !directory.startsWith(SHARED_MEMORY))) {
            throw new UsageException("the device " + target + " does not exist, and a file in its place would be lost");
        }
        if (!isExpressible(target)) {
            throw new UsageException(
                    "no file of the name " + target + " can be made: that " + RawArguments.NOT_OF_THE_LOCALE);
        }
    }

    /** The library makes other names of this one, as text: does that keep its bytes? */
    private static boolean isExpressible(Path target) {
        try {
            Path other = target.resolveSibling(target.getFileName() + ".partial");
            return other.toUri().equals(URI.create(target.toUri() + ".partial"));
        } catch (InvalidPathException e) {
            return false;
        }
    }
}

package io.platter.cli;

import io.platter.block.Backing;
import io.platter.block.BlockDevices;
import io.platter.block.DeviceDirectories;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Refuses, before anything is done, a target that the user can't have meant. */
final class Targets {
    /** Stands for standard input and standard output. */
    private static final Path STANDARD = Path.of("-");

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
        if (NbdDisks.uri(target).isEmpty() && !Files.exists(target)) {
            checkNew(target);
            return true;
        }
        refuseDirectory(target, "a file or a disk");
        if (!force) {
            throw new UsageException(target + " exists and would be written over; --force allows it");
        }
        return false;
    }

    /** Refuses a directory where something else is expected. */
    static void refuseDirectory(Path path, String expected) {
        if (Files.isDirectory(path)) {
            throw new UsageException(path + " is a directory, expected " + expected);
        }
    }

    /** Returns on what a file stands, or will stand. */
    static List<Backing> backing(Path target) throws IOException {
        Path directory = target.toAbsolutePath().getParent();
        return BlockDevices.backing(Files.exists(target) || directory == null ? target : directory);
    }

    /**
     * Returns the bytes that are free where a file stands or will stand.
     *
     * @throws IOException if the system can't be asked
     */
    static long freeSpace(Path target) throws IOException {
        Path directory = target.toAbsolutePath().getParent();
        return Files.getFileStore(directory == null ? target : directory).getUsableSpace();
    }

    /** Refuses the name of a new file that is a missing disk's, or that could not be made exactly. */
    static void checkNew(Path target) throws IOException {
        if (Files.isSymbolicLink(target)) {
            throw new UsageException(
                    target + " is a link to " + Files.readSymbolicLink(target) + ", which does not exist");
        }
        try {
            DeviceDirectories.refuseNewFile(target);
        } catch (NoSuchFileException e) {
            throw new UsageException(Failures.message(e));
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

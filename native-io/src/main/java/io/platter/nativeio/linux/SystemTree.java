package io.platter.nativeio.linux;

import io.platter.block.FileIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The directories by which the kernel tells of itself. A test has its own.
 *
 * <p>Immutable.
 *
 * @param sys as {@code /sys}
 * @param proc as {@code /proc}
 * @param dev as {@code /dev}
 * @param run as {@code /run}
 * @param nodes how the numbers of devices are found
 */
record SystemTree(Path sys, Path proc, Path dev, Path run, Nodes nodes) {
    /** How the number of a device, as {@code major:minor}, is found. */
    interface Nodes {
        /** Returns the number of a block device node, or nothing if the path is something else. */
        Optional<String> ofNode(Path path) throws IOException;

        /** Returns the number of the device whose filesystem holds a file or directory. */
        String holding(Path file) throws IOException;

        /** Returns what a loop device says is under it, or nothing if it can't be asked. */
        Optional<Node> behindLoop(Path loop) throws IOException;
    }

    /**
     * A file or a device node.
     *
     * @param holder the number of the device whose filesystem holds it
     * @param number that of the block device, if it is one
     */
    record Node(String holder, long inode, boolean isBlockDevice, String number) {}

    private static final int S_IFMT = 0170000; // sys/stat.h
    private static final int S_IFBLK = 0060000; // sys/stat.h

    /** Returns the tree of the running system. */
    static SystemTree ofThisSystem() {
        return new SystemTree(Path.of("/sys"), Path.of("/proc"), Path.of("/dev"), Path.of("/run"), new Nodes() {
            @Override
            public Optional<String> ofNode(Path path) throws IOException {
                return ((int) Files.getAttribute(path, "unix:mode") & S_IFMT) == S_IFBLK
                        ? Optional.of(FileIdentity.deviceNumber((long) Files.getAttribute(path, "unix:rdev")))
                        : Optional.empty();
            }

            @Override
            public String holding(Path file) throws IOException {
                return FileIdentity.deviceNumber((long) Files.getAttribute(file, "unix:dev"));
            }

            @Override
            public Optional<Node> behindLoop(Path loop) {
                return LoopStatus.read(loop);
            }
        });
    }

    /** Returns the real path of a file, or of the nearest directory above it that exists. */
    static Path existing(Path path) throws IOException {
        Path existing = path.toAbsolutePath();
        while (!Files.exists(existing)) {
            Path parent = existing.getParent();
            if (parent == null) {
                throw new NoSuchFileException(path.toString());
            }
            existing = parent;
        }
        return existing.toRealPath();
    }

    /** Returns the text of an attribute, or an empty one if there is none: devices differ in what they tell. */
    static String attribute(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1)
                    .replace('\0', ' ')
                    .strip();
        } catch (IOException e) {
            return "";
        }
    }

    /** Returns the number that an attribute holds, or 0 if there is none. */
    static long numericAttribute(Path file) throws IOException {
        String text = attribute(file);
        try {
            return text.isEmpty() ? 0 : Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IOException(file + " holds \"" + text + "\", expected a number", e);
        }
    }

    /** Returns the names in a directory, sorted; none if there is no such directory. */
    static List<String> names(Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
                entries.forEach(entry -> names.add(String.valueOf(entry.getFileName())));
            }
        }
        Collections.sort(names);
        return names;
    }
}

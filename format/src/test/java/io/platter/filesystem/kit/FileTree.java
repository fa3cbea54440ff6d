package io.platter.filesystem.kit;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Trees of real files: makes them, removes part of them, and writes down all that can be seen of one. */
public final class FileTree {
    private FileTree() {}

    /** What a filesystem can hold besides files and directories. */
    public enum Kind {
        /** Nothing else. */
        PLAIN,
        /** Symbolic links, hard links and modes. */
        POSIX,
        /** All of POSIX, and extended attributes of users. */
        POSIX_WITH_ATTRIBUTES
    }

    /**
     * Fills a directory with files of all sizes, in two rounds between which every second file goes, so that the room
     * that is used lies in pieces and part of what is free was used before.
     *
     * @param seed the same seed makes the same tree
     * @param files how many files each round makes
     * @param largest the size of the largest file in bytes
     */
    public static void populate(Path root, long seed, int files, int largest, Kind kind) throws IOException {
        Random random = new Random(seed);
        List<Path> made = new ArrayList<>();
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < files; i++) {
                Path directory =
                        Files.createDirectories(root.resolve("dir" + i % 5).resolve("sub" + i % 3));
                Path file = directory.resolve("file-" + round + "-" + i);
                write(file, random, 1 + (int) (largest * Math.pow(random.nextDouble(), 5)));
                made.add(file);
                if (kind != Kind.PLAIN) {
                    adorn(file, i, random, kind);
                }
            }
            for (int i = round; i < made.size(); i += 2) {
                Files.deleteIfExists(made.get(i));
            }
        }
        Files.createFile(root.resolve("empty"));
        try (FileChannel sparse =
                FileChannel.open(root.resolve("sparse"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            sparse.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 3_000_000);
        }
    }

    private static void write(Path file, Random random, int size) throws IOException {
        byte[] content = new byte[size];
        random.nextBytes(content);
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(content);
        }
    }

    private static void adorn(Path file, int number, Random random, Kind kind) throws IOException {
        if (number % 4 == 0) {
            Files.createSymbolicLink(
                    file.resolveSibling(file.getFileName() + ".short"), Path.of("../" + file.getFileName()));
            Files.createSymbolicLink(
                    file.resolveSibling(file.getFileName() + ".long"), Path.of("a-long-name/".repeat(20)));
        }
        if (number % 5 == 0) {
            Files.createLink(file.resolveSibling(file.getFileName() + ".hard"), file);
        }
        if (number % 3 == 0) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x--x"));
        }
        if (number % 6 == 0 && kind == Kind.POSIX_WITH_ATTRIBUTES) {
            byte[] value = new byte[number % 12 == 0 ? 20 : 700];
            random.nextBytes(value);
            Files.getFileAttributeView(file, UserDefinedFileAttributeView.class).write("test", ByteBuffer.wrap(value));
        }
    }

    /** Returns, for each path below a directory, its type, mode, owner, links, size, times, attributes and content. */
    public static SortedMap<String, String> list(Path root) throws IOException {
        SortedMap<String, String> result = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                result.put(root.relativize(path).toString(), describe(path));
            }
        }
        return result;
    }

    private static String describe(Path path) throws IOException {
        Map<String, Object> unix =
                Files.readAttributes(path, "unix:mode,uid,gid,nlink,size,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
        StringBuilder text = new StringBuilder(new TreeMap<>(unix).toString());
        if (Files.isSymbolicLink(path)) {
            return text.append(" -> ").append(Files.readSymbolicLink(path)).toString();
        }
        if (Files.getFileStore(path).supportsFileAttributeView(UserDefinedFileAttributeView.class)) {
            describeAttributes(path, text);
        }
        if (Files.isRegularFile(path)) {
            text.append(" sha256=").append(digest(path));
        }
        return text.toString();
    }

    private static void describeAttributes(Path path, StringBuilder text) throws IOException {
        UserDefinedFileAttributeView attributes = Files.getFileAttributeView(path, UserDefinedFileAttributeView.class);
        for (String name : attributes.list()) {
            ByteBuffer value = ByteBuffer.allocate(attributes.size(name));
            attributes.read(name, value);
            text.append(' ').append(name).append('=').append(HexFormat.of().formatHex(value.array()));
        }
    }

    private static String digest(Path file) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}

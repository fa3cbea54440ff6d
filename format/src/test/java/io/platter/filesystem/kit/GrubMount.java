package io.platter.filesystem.kit;

import io.platter.test.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Reads filesystems that the kernel here can't mount, through the drivers of GRUB: names, sizes and contents. */
public final class GrubMount {
    private GrubMount() {}

    /** Lists the tree in an image file. */
    public static SortedMap<String, String> list(Path image) throws IOException {
        Oracle.requireRoot();
        Path directory = Files.createTempDirectory("grub-mount");
        try {
            Oracle.of("grub-mount").run(image, directory);
            try {
                return contents(directory);
            } finally {
                Oracle.of("umount").run(directory);
            }
        } finally {
            Files.delete(directory);
        }
    }

    /** Returns, for each path below a directory, the digest of its content. */
    public static SortedMap<String, String> contents(Path root) throws IOException {
        SortedMap<String, String> result = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                result.put(root.relativize(path).toString(), Files.isDirectory(path) ? "directory" : digest(path));
            }
        }
        return result;
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

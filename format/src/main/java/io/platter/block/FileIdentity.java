package io.platter.block;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Objects;

/**
 * What a file or a disk is, whatever it is called: two names with equal identities lead to the same bytes. So names,
 * symbolic links, hard links and device nodes of one thing are equal.
 *
 * <p>Immutable.
 *
 * @param key for people who search for the reason of a refusal: {@code file 8:1 1234} for inode 1234 of a filesystem on
 *     device 8:1, {@code disk 8:0} for a disk. Only equality has a meaning.
 */
public record FileIdentity(String key) {
    private static final int S_IFMT = 0170000; // sys/stat.h
    private static final int S_IFBLK = 0060000; // sys/stat.h

    /** Checks that the key is there. */
    public FileIdentity {
        Objects.requireNonNull(key, "key");
    }

    /**
     * Returns the identity of what a path leads to.
     *
     * @throws java.nio.file.NoSuchFileException if there is nothing
     * @throws IOException if its attributes can't be read
     */
    public static FileIdentity of(Path path) throws IOException {
        FileSystem system = path.getFileSystem();
        if (system.equals(FileSystems.getDefault())
                && system.supportedFileAttributeViews().contains("unix")) {
            Map<String, Object> attributes = Files.readAttributes(path, "unix:mode,dev,ino,rdev");
            return (number(attributes, "mode") & S_IFMT) == S_IFBLK
                    ? ofDisk(deviceNumber(number(attributes, "rdev")))
                    : ofFile(deviceNumber(number(attributes, "dev")), number(attributes, "ino"));
        }
        Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        return new FileIdentity(key == null ? "file " + path.toRealPath().toUri() : "file " + key + " of " + system);
    }

    private static long number(Map<String, Object> attributes, String name) {
        return ((Number) Objects.requireNonNull(attributes.get(name), name)).longValue();
    }

    /** Returns the identity of a file by the number of its filesystem's device, as {@code 8:1}, and of its inode. */
    public static FileIdentity ofFile(String deviceNumber, long inode) {
        return new FileIdentity("file " + deviceNumber + " " + inode);
    }

    /** Returns the identity of a disk or partition by the number or name that the system has for it. */
    public static FileIdentity ofDisk(String number) {
        return new FileIdentity("disk " + number);
    }

    /** Returns {@code dev_t} of the C library as text, {@code major:minor}: sys/sysmacros.h. */
    public static String deviceNumber(long device) {
        long major = (device >>> 8 & 0xfff) | (device >>> 32 & ~0xfffL);
        long minor = (device & 0xff) | (device >>> 12 & 0xfff_ff00L);
        return major + ":" + minor;
    }

    @Override
    public String toString() {
        return key;
    }
}

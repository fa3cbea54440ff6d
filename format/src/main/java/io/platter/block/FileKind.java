package io.platter.block;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** What stands at a path. */
enum FileKind {
    FILE("a file"),
    DIRECTORY("a directory"),
    BLOCK_DEVICE("a disk"),
    CHARACTER_DEVICE("a device that is no disk"),
    PIPE("a pipe"),
    SOCKET("a socket"),
    /** Nothing that Java or POSIX has a name for, such as a device on Windows. */
    OTHER("neither a file nor a disk");

    private static final int S_IFMT = 0170000; // sys/stat.h

    private final String text;

    FileKind(String text) {
        this.text = text;
    }

    static FileKind of(Path path) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        if (attributes.isRegularFile()) {
            return FILE;
        }
        if (attributes.isDirectory()) {
            return DIRECTORY;
        }
        if (!path.getFileSystem().equals(FileSystems.getDefault())
                || !path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return OTHER;
        }
        return switch ((int) Files.getAttribute(path, "unix:mode") & S_IFMT) { // sys/stat.h
            case 0010000 -> PIPE;
            case 0020000 -> CHARACTER_DEVICE;
            case 0060000 -> BLOCK_DEVICE;
            case 0140000 -> SOCKET;
            default -> OTHER;
        };
    }

    /** Refuses what can't be a disk: opening a pipe would wait for its other end, and a directory has no bytes. */
    static void refuseAllButDisks(Path path) throws IOException {
        FileKind kind = of(path);
        if (kind != FILE && kind != BLOCK_DEVICE && kind != OTHER) {
            throw new FileSystemException(
                    FileFailure.nameOf(path), null, "it is " + kind.text + ", expected a file or a disk");
        }
    }
}

package io.platter.block;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Says what went wrong with a file in a sentence that names the file, what was done with it, and the reason. The JDK's
 * own message is a bare name where permission was denied, or a bare reason where a disk is full.
 */
public final class FileFailure {
    private FileFailure() {}

    /**
     * Returns an exception of the same type as the JDK's, as far as callers tell these types apart, with such a message;
     * the JDK's is its cause.
     *
     * @param file the file as the caller knows it
     * @param operation what failed, as in {@code can't be opened for reading}
     * @param failure what the JDK threw
     */
    public static IOException of(Path file, String operation, IOException failure) {
        if (failure instanceof DeviceException) {
            return failure;
        }
        String name = nameOf(file);
        String reason = operation + ": " + reasonOf(file, failure);
        FileSystemException said;
        if (failure instanceof AccessDeniedException) {
            said = new AccessDeniedException(name, null, reason);
        } else if (failure instanceof NoSuchFileException) {
            said = new NoSuchFileException(name, null, reason);
        } else if (failure instanceof FileAlreadyExistsException) {
            said = new FileAlreadyExistsException(name, null, reason);
        } else {
            said = new FileSystemException(name, null, reason);
        }
        said.initCause(failure);
        return said;
    }

    /** Returns the name of a file for messages: its path, and where that is no path of the system, which filesystem's. */
    static String nameOf(Path file) {
        return file.getFileSystem().equals(java.nio.file.FileSystems.getDefault())
                ? file.toString()
                : file.toUri().toString();
    }

    private static String reasonOf(Path file, IOException failure) {
        String known = failure instanceof FileSystemException withFile ? withFile.getReason() : failure.getMessage();
        if (known != null) {
            return known;
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return "it exists";
        }
        if (failure instanceof NoSuchFileException) {
            @Nullable Path directory = file.toAbsolutePath().getParent();
            return directory == null || Files.exists(directory)
                    ? "it does not exist"
                    : "there is no directory " + directory;
        }
        return failure.toString();
    }
}

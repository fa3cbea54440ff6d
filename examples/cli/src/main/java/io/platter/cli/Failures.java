package io.platter.cli;

import io.platter.block.DiskInUseException;
import io.platter.block.ImageFormatException;
import io.platter.image.NoSuchImageException;
import io.platter.image.UnfinishedImageException;
import io.platter.job.SourceChangedException;
import io.platter.job.TargetRefusedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;

/** Says what went wrong in a line, and what would help, and which exit code it has. */
final class Failures {
    private Failures() {}

    /** Returns what a failure says to a user, and what it left. */
    static String message(Throwable failure) {
        StringBuilder text = new StringBuilder(reason(failure));
        for (Throwable suppressed : failure.getSuppressed()) {
            if (suppressed instanceof NotedDisk.Incomplete) {
                text.append("; ").append(suppressed.getMessage());
            }
        }
        return text.toString();
    }

    /** Returns a failure as one JSON object. */
    static String json(Throwable failure, int exitCode) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("type", "error");
        line.put("error", message(failure));
        line.put("exitCode", exitCode);
        return Json.of(line);
    }

    private static String reason(Throwable failure) {
        if (failure instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
            return reason(unchecked.getCause());
        }
        if (failure instanceof FileSystemException file) {
            return ofFile(file);
        }
        if (failure instanceof OutOfMemoryError) {
            return ofMemory(String.valueOf(failure.getMessage()));
        }
        if (failure instanceof LinkageError) {
            return "a native library can't be loaded: " + innermost(failure)
                    + "; it is unpacked to " + System.getProperty("java.io.tmpdir")
                    + ", which needs room and must allow programs: java -Djava.io.tmpdir=DIRECTORY names another";
        }
        if (failure instanceof ImageFormatException && failure.getMessage() != null) {
            // The library has no other name for what it reads in one pass; the program does that with one thing only.
            return failure.getMessage().replace("image channel", "standard input");
        }
        String text = failure.getMessage();
        if (text == null || isFault(failure)) {
            return "a fault of the program: " + failure + "; with --debug it tells where";
        }
        return text + hint(text);
    }

    private static String ofFile(FileSystemException failure) {
        String file = String.valueOf(failure.getFile());
        String other = failure.getOtherFile() == null ? "" : " or " + failure.getOtherFile();
        String reason = failure.getReason();
        if (reason == null) {
            reason = plainReason(failure);
        }
        return reason.startsWith("exists") || reason.startsWith("does not exist")
                ? file + other + " " + reason
                : file + other + ": " + reason + hint(reason);
    }

    /** The JDK tells these apart by their classes only. */
    private static String plainReason(FileSystemException failure) {
        if (failure instanceof NoSuchFileException) {
            return "does not exist";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return "exists";
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof NotDirectoryException) {
            return "not a directory";
        }
        if (failure instanceof DirectoryNotEmptyException) {
            return "the directory is not empty";
        }
        return failure instanceof FileSystemLoopException
                ? "links lead in a circle"
                : failure.getClass().getSimpleName();
    }

    private static String ofMemory(String detail) {
        String found = "out of memory: " + detail;
        if (detail.contains("direct buffer")) {
            return found + "; fewer --threads need less, java -XX:MaxDirectMemorySize=SIZE allows more";
        }
        if (detail.contains("thread")) {
            return found + "; fewer --threads need less, ulimit -u allows more";
        }
        return found + "; the heap may take " + Sizes.human(Runtime.getRuntime().maxMemory())
                + ", java -Xmx allows more, and fewer --threads need less";
    }

    private static String hint(String text) {
        return text.contains("Too many open files") ? "; ulimit -n allows more" : "";
    }

    /** A class that failed to start names only itself the next time; the cause says why. */
    private static String innermost(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    /** Returns where a failure comes from, for developers. */
    static String trace(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    private static boolean isFault(Throwable failure) {
        return !(failure instanceof IOException
                || failure instanceof IllegalArgumentException
                || failure instanceof IllegalStateException
                || failure instanceof UnsupportedOperationException
                || failure instanceof CancellationException);
    }

    static int exitCode(Throwable failure, Interruption interruption) {
        if (failure instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
            return exitCode(unchecked.getCause(), interruption);
        }
        if (failure instanceof DiskInUseException
                || failure instanceof TargetRefusedException
                || failure instanceof UnfinishedImageException
                || failure instanceof NoSuchImageException
                || failure instanceof FileAlreadyExistsException) {
            return Main.WRONG_USAGE;
        }
        if (failure instanceof ImageFormatException
                || failure instanceof NotAnImageException
                || failure instanceof SourceChangedException) {
            return Main.BAD_IMAGE;
        }
        if (failure instanceof CancellationException) {
            return interruption.exitCode();
        }
        return failure instanceof IllegalArgumentException || failure instanceof IllegalStateException
                ? Main.WRONG_USAGE
                : Main.IO_FAILURE;
    }
}

package io.platter.repository.store;

import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Blobs as files of a directory: on a local disk, or a share that is mounted from another machine.
 *
 * <p>A blob is written under another name, in {@code tmp}, forced to the medium, and gets its name as a hard link, which fails if
 * the name is taken. So several programs and machines may write at once. A filesystem without hard links, such as FAT, is refused for
 * writing.
 *
 * <p>Safe for use by several threads.
 */
public final class DirectoryStore implements BlobStore {
    private static final String TEMPORARY = "tmp";

    /** A file under a temporary name that is older than this was left by a program that was killed, in milliseconds. */
    private static final long LEFT_AFTER = 7L * 24 * 60 * 60 * 1000;

    private final Path root;
    private final Set<Path> knownDirectories = ConcurrentHashMap.newKeySet();

    private DirectoryStore(Path root) {
        this.root = root;
    }

    /**
     * Takes a directory that exists.
     *
     * @throws NotDirectoryException if it is none
     */
    public static DirectoryStore open(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            if (Files.exists(directory)) {
                throw new NotDirectoryException(directory.toString());
            }
            throw new NoSuchFileException(directory.toString());
        }
        return new DirectoryStore(directory);
    }

    /** Takes a directory, which is made if it does not exist. */
    public static DirectoryStore create(Path directory) throws IOException {
        Files.createDirectories(directory);
        return open(directory);
    }

    @Override
    public String name() {
        return root.toString();
    }

    private Path path(String key) {
        if (!key.matches("[A-Za-z0-9._%/-]{1,900}")
                || key.startsWith("/")
                || key.contains("..")
                || key.contains("//")) {
            throw new IllegalArgumentException("key \"" + key + "\", expected parts of letters, digits and . _ - %");
        }
        Path path = root;
        for (String part : key.split("/", -1)) {
            path = path.resolve(part);
        }
        return path;
    }

    @Override
    public Put put(String key, List<ByteBuffer> bytes) throws IOException {
        Path file = path(key);
        if (Files.exists(file)) {
            return Put.EXISTS;
        }
        makeDirectory(parent(file));
        makeDirectory(root.resolve(TEMPORARY));
        Path temporary = root.resolve(TEMPORARY).resolve(UUID.randomUUID().toString());
        try {
            write(temporary, bytes);
            Files.createLink(file, temporary);
        } catch (FileAlreadyExistsException e) {
            return Put.EXISTS;
        } catch (UnsupportedOperationException e) {
            throw noLinks(e);
        } catch (FileSystemException e) {
            throw Files.exists(temporary) ? noLinks(e) : e;
        } finally {
            Files.deleteIfExists(temporary);
        }
        force(parent(file));
        return Put.CREATED;
    }

    private IOException noLinks(Exception cause) {
        return new IOException(
                "no blob can be made in " + root + ": its filesystem has no hard links, which a repository needs ("
                        + cause.getMessage() + ")",
                cause);
    }

    private static Path parent(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(file + " is in no directory");
        }
        return parent;
    }

    private static void write(Path file, List<ByteBuffer> bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (ByteBuffer piece : bytes) {
                ByteBuffer rest = piece.duplicate();
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
            }
            channel.force(true);
        }
    }

    /** Makes a directory and those above it, durably. */
    private void makeDirectory(Path directory) throws IOException {
        if (knownDirectories.contains(directory)) {
            return;
        }
        if (!Files.isDirectory(directory)) {
            if (!directory.equals(root)) {
                makeDirectory(parent(directory));
            }
            try {
                Files.createDirectory(directory);
                force(parent(directory));
            } catch (FileAlreadyExistsException e) {
                // Somebody else was first.
            }
        }
        knownDirectories.add(directory);
    }

    private static void force(Path directory) throws IOException {
        if (File.separatorChar != '/') {
            return; // Windows has no such operation, and does not need it.
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void get(String key, long offset, ByteBuffer target) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(path(key))) {
            channel.position(offset);
            while (target.hasRemaining()) {
                if (channel.read(target) < 0) {
                    throw new EOFException("blob " + key + " of " + root + " ends at " + channel.size()
                            + " bytes, expected " + target.remaining() + " more from " + offset + " on");
                }
            }
        }
    }

    @Override
    public Blob stat(String key) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(path(key), BasicFileAttributes.class);
        if (!attributes.isRegularFile()) {
            throw new NoSuchFileException(key, null, "is no blob of " + root);
        }
        return blob(key, attributes);
    }

    private static Blob blob(String key, BasicFileAttributes attributes) {
        return new Blob(key, attributes.size(), attributes.lastModifiedTime().toMillis());
    }

    /** Returns all of them at once. */
    @Override
    public List<Blob> list(String prefix, String after) throws IOException {
        List<Blob> found = new ArrayList<>();
        collect(prefix.substring(0, prefix.lastIndexOf('/') + 1), prefix, after, found);
        return found;
    }

    /** Adds what is below a directory, in order. */
    private void collect(String directory, String prefix, String after, List<Blob> found) throws IOException {
        SortedMap<String, BasicFileAttributes> entries = new TreeMap<>();
        Path path = directory.isEmpty() ? root : path(directory.substring(0, directory.length() - 1));
        try (DirectoryStream<Path> names = Files.newDirectoryStream(path)) {
            for (Path entry : names) {
                String key = directory + entry.getFileName();
                try {
                    BasicFileAttributes attributes = Files.readAttributes(entry, BasicFileAttributes.class);
                    // As a part of keys: "a-b" comes before "a/b".
                    entries.put(attributes.isDirectory() ? key + "/" : key, attributes);
                } catch (NoSuchFileException e) {
                    // Deleted meanwhile.
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return;
        }
        for (Map.Entry<String, BasicFileAttributes> entry : entries.entrySet()) {
            String key = entry.getKey();
            if (!key.endsWith("/")) {
                if (key.startsWith(prefix) && key.compareTo(after) > 0) {
                    found.add(blob(key, entry.getValue()));
                }
            } else if (!key.equals(TEMPORARY + "/") && (key.startsWith(prefix) || prefix.startsWith(key))) {
                collect(key, prefix, after, found);
            }
        }
    }

    @Override
    public void delete(String key) throws IOException {
        Files.deleteIfExists(path(key));
    }

    /** Deletes what programs have left in the directory that were killed while they wrote, a week ago or earlier. */
    @Override
    public void tidy() throws IOException {
        Path directory = root.resolve(TEMPORARY);
        if (!Files.isDirectory(directory)) {
            return;
        }
        long now = System.currentTimeMillis();
        List<Path> left = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                try {
                    if (now - Files.getLastModifiedTime(entry).toMillis() > LEFT_AFTER) {
                        left.add(entry);
                    }
                } catch (NoSuchFileException e) {
                    // Published meanwhile.
                }
            }
        }
        for (Path entry : left) {
            Files.deleteIfExists(entry);
        }
    }

    @Override
    public void close() {}

    /** Returns the directory. */
    @Override
    public String toString() {
        return name();
    }
}

package io.platter.block;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;

/**
 * A regular file as a device, with what the JDK alone can do.
 *
 * <p>Its size is fixed when it is opened, but for {@link #over}. Long aligned writes go around the system's cache, see
 * {@link DirectFileWriter}. Safe for use by several threads, as far as they do not touch the same bytes.
 *
 * <p>A file of the system's own filesystems that is open for reading stays open when a thread that reads is interrupted;
 * the interrupt stays pending. One that is open for writing is closed by that, as the JDK's channels are. After
 * {@link #close()} everything that reads or writes throws {@link ClosedChannelException}.
 */
public final class FileDevice implements BlockDevice {
    /** Reads once, up to the end of the file, as {@link FileChannel#read(ByteBuffer, long)} does. */
    private interface Reading {
        int read(ByteBuffer target, long fileOffset) throws IOException;
    }

    /** The file as it is open for writing. */
    private record Writing(FileChannel channel, DirectFileWriter writer) {}

    private final Path path;
    private final String name;
    private final FileIdentity identity;
    private final Closeable opened;
    private final Reading reading;

    /** Nothing if the file is open for reading only. */
    private final Optional<Writing> writing;

    private volatile long size;

    private FileDevice(Path path, Closeable opened, Reading reading, Optional<Writing> writing, long size)
            throws IOException {
        this.path = path;
        this.name = FileFailure.nameOf(path);
        this.identity = FileIdentity.of(path);
        this.opened = opened;
        this.reading = reading;
        this.writing = writing;
        this.size = size;
    }

    /**
     * Opens an existing file, or a disk as far as the JDK alone can. A file that is open for writing is locked: nobody
     * else opens it so through this library, in this program or another, nor writes an image there or replaces it.
     *
     * @throws java.nio.file.NoSuchFileException if the path does not exist
     * @throws DiskInUseException if it is to be held or written, and others use it: it is swapped to, or a loop device
     *     is built over it
     * @throws IOException if it can't be opened, is neither a file nor a disk, or is to be written and is being written
     */
    public static FileDevice open(Path path, OpenMode mode) throws IOException {
        boolean writable = mode == OpenMode.WRITE;
        try {
            FileKind.refuseAllButDisks(path);
            if (mode != OpenMode.READ) {
                BlockDevices.refuseUsed(path);
            }
            if (!writable) {
                return openForReading(path);
            }
            if (!path.getFileSystem().equals(FileSystems.getDefault()) || FileKind.of(path) != FileKind.FILE) {
                return openForWriting(path);
            }
        } catch (UnsupportedOperationException e) {
            throw FileFailure.of(path, "can't be opened", new IOException("its filesystem has no way to do that", e));
        } catch (FileSystemException e) {
            throw FileFailure.of(path, writable ? "can't be opened for writing" : "can't be opened", e);
        }
        LockedFile file = LockedFile.open(path, path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        return closingOnFailure(
                file, () -> writing(path, file.channel(), file, file.channel().size()));
    }

    private static FileDevice openForReading(Path path) throws IOException {
        if (!path.getFileSystem().equals(FileSystems.getDefault())) {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            return closingOnFailure(
                    channel, () -> new FileDevice(path, channel, channel::read, Optional.empty(), channel.size()));
        }
        UninterruptibleFile file = UninterruptibleFile.open(path);
        return closingOnFailure(file, () -> new FileDevice(path, file, file::read, Optional.empty(), file.size()));
    }

    private static FileDevice openForWriting(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        return closingOnFailure(channel, () -> writing(path, channel, channel, channel.size()));
    }

    private static FileDevice writing(Path path, FileChannel channel, Closeable opened, long size) throws IOException {
        Writing writing = new Writing(channel, DirectFileWriter.of(path, channel));
        return new FileDevice(path, opened, channel::read, Optional.of(writing), size);
    }

    private interface Opening {
        FileDevice open() throws IOException;
    }

    private static FileDevice closingOnFailure(Closeable opened, Opening opening) throws IOException {
        try {
            return opening.open();
        } catch (IOException | RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }

    /**
     * Creates a file of {@code size} zeros that takes no room yet where the filesystem can do that.
     *
     * @throws java.nio.file.FileAlreadyExistsException if the file exists
     * @throws java.nio.file.NoSuchFileException if there is no such directory, or if only a device can have this name
     * @throws IOException if it can't be created
     */
    public static FileDevice create(Path path, long size) throws IOException {
        DeviceDirectories.refuseNewFile(path);
        try {
            FileChannel channel = FileChannel.open(
                    path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
            return closingOnFailure(channel, () -> {
                FileDevice file = writing(path, channel, channel, size);
                file.endAt(size);
                return file;
            });
        } catch (FileSystemException e) {
            throw FileFailure.of(path, "can't be created", e);
        }
    }

    /**
     * Takes an empty file whose size is not known yet: it is as large as what is written to it, and as a device has the
     * largest size, until {@link #endAt} says how large it is.
     *
     * @param path the file, which the channel has opened
     * @param channel the file, open for reading and writing; stays open when the device is closed
     * @throws IOException if the system can't be asked for the file
     */
    public static FileDevice over(Path path, FileChannel channel) throws IOException {
        return writing(path, channel, () -> {}, Long.MAX_VALUE);
    }

    /**
     * Sets the size of the file, and so of the device.
     *
     * @param newSize in bytes
     * @throws DeviceException if the file can't get this size
     */
    public void endAt(long newSize) throws IOException {
        Ranges.checkWritable(this);
        FileChannel channel = writing.orElseThrow().channel();
        try {
            channel.truncate(newSize);
            if (channel.size() < newSize) {
                channel.write(ByteBuffer.allocate(1), newSize - 1);
            }
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            throw new DeviceException(name, "resize", newSize, 0, String.valueOf(e.getMessage()), e);
        }
        size = newSize;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<Backing> backing() throws IOException {
        return BlockDevices.backing(path, identity);
    }

    @Override
    public List<DiskUse> uses() throws IOException {
        return BlockDevices.uses(path);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int logicalSectorSize() {
        return 512;
    }

    @Override
    public int physicalSectorSize() {
        return 4096;
    }

    @Override
    public boolean isWritable() {
        return writing.isPresent();
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        Ranges.check(this, diskOffset, target.remaining());
        long position = diskOffset;
        while (target.hasRemaining()) {
            int count;
            try {
                count = reading.read(target, position);
            } catch (ClosedChannelException e) {
                throw e;
            } catch (IOException e) {
                throw new DeviceException(name, "read", position, 0, String.valueOf(e.getMessage()), e);
            }
            if (count < 0) {
                throw new DeviceException(name, "read", position, 0, "end of file, expected " + size + " bytes", null);
            }
            position += count;
        }
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) throws IOException {
        Ranges.check(this, diskOffset, source.remaining());
        Ranges.checkWritable(this);
        int start = source.position();
        try {
            writing.orElseThrow().writer().write(source, diskOffset);
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            long position = diskOffset + source.position() - start;
            throw new DeviceException(name, "write", position, 0, String.valueOf(e.getMessage()), e);
        }
    }

    /** Returns the size, the times and the key of the file that stands at the path. */
    @Override
    public Optional<String> state() throws IOException {
        BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
        boolean isUnix = path.getFileSystem().supportedFileAttributeViews().contains("unix");
        // The time that no program can set back.
        String changed = isUnix ? ", changed " + Files.getAttribute(path, "unix:ctime") : "";
        String key = file.fileKey() == null ? "" : ", file " + file.fileKey();
        return Optional.of("size " + file.size() + ", modified " + file.lastModifiedTime() + changed + key);
    }

    @Override
    public void flush() throws IOException {
        if (writing.isEmpty()) {
            return;
        }
        try {
            writing.get().channel().force(true);
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            throw new DeviceException(name, "flush", -1, 0, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void close() throws IOException {
        try (opened) {
            if (writing.isPresent()) {
                writing.get().writer().close();
            }
        }
    }
}

package io.platter.block;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
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
 */
public final class FileDevice implements BlockDevice {
    private final Path path;
    private final String name;
    private final FileIdentity identity;
    private final FileChannel channel;
    private final boolean ownsChannel;
    private volatile long size;
    /** Nothing if the file is open for reading only. */
    private final Optional<DirectFileWriter> writer;

    private FileDevice(Path path, FileChannel channel, boolean ownsChannel, long size, boolean writable)
            throws IOException {
        this.path = path;
        this.name = FileFailure.nameOf(path);
        this.identity = FileIdentity.of(path);
        this.channel = channel;
        this.ownsChannel = ownsChannel;
        this.size = size;
        this.writer = writable ? Optional.of(DirectFileWriter.of(path, channel)) : Optional.empty();
    }

    /**
     * Opens an existing file, or a disk as far as the JDK alone can.
     *
     * @throws java.nio.file.NoSuchFileException if the path does not exist
     * @throws DiskInUseException if it is to be held or written, and others use it: it is swapped to, or a loop device
     *     is built over it
     * @throws IOException if it can't be opened, or is neither a file nor a disk
     */
    public static FileDevice open(Path path, OpenMode mode) throws IOException {
        boolean writable = mode == OpenMode.WRITE;
        try {
            FileKind.refuseAllButDisks(path);
            refuseUsed(path, mode);
            FileChannel channel = writable
                    ? FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)
                    : FileChannel.open(path, StandardOpenOption.READ);
            try {
                return new FileDevice(path, channel, true, channel.size(), writable);
            } catch (IOException | RuntimeException | Error e) {
                channel.close();
                throw e;
            }
        } catch (UnsupportedOperationException e) {
            throw new FileSystemException(
                    FileFailure.nameOf(path), null, "can't be opened: its filesystem has no way to do that");
        } catch (FileSystemException e) {
            throw FileFailure.of(path, writable ? "can't be opened for writing" : "can't be opened", e);
        }
    }

    private static void refuseUsed(Path path, OpenMode mode) throws IOException {
        List<DiskUse> uses = mode == OpenMode.READ ? List.of() : BlockDevices.uses(path);
        if (!uses.isEmpty()) {
            throw new DiskInUseException(path.toString(), uses);
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
            try {
                FileDevice file = new FileDevice(path, channel, true, size, true);
                file.endAt(size);
                return file;
            } catch (IOException | RuntimeException | Error e) {
                channel.close();
                throw e;
            }
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
        return new FileDevice(path, channel, false, Long.MAX_VALUE, true);
    }

    /**
     * Sets the size of the file, and so of the device.
     *
     * @param newSize in bytes
     * @throws DeviceException if the file can't get this size
     */
    public void endAt(long newSize) throws IOException {
        Ranges.checkWritable(this);
        try {
            channel.truncate(newSize);
            if (channel.size() < newSize) {
                channel.write(ByteBuffer.allocate(1), newSize - 1);
            }
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
        return writer.isPresent();
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        Ranges.check(this, diskOffset, target.remaining());
        long position = diskOffset;
        while (target.hasRemaining()) {
            int count;
            try {
                count = channel.read(target, position);
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
            writer.orElseThrow().write(source, diskOffset);
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
        try {
            channel.force(true);
        } catch (IOException e) {
            throw new DeviceException(name, "flush", -1, 0, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            if (writer.isPresent()) {
                writer.get().close();
            }
        } finally {
            if (ownsChannel) {
                channel.close();
            }
        }
    }
}

package io.platter.block;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/**
 * A regular file as a device, with what the JDK alone can do.
 *
 * <p>Its size is fixed when it is opened, but for {@link #over}. Long aligned writes go around the system's
 * cache, see {@link DirectFileWriter}. Safe for use by several threads, as far as they do not touch the same bytes.
 */
public final class FileDevice implements BlockDevice {
    private final Path path;
    private final String name;
    private final FileChannel channel;
    private volatile long size;
    /** Nothing if the file is open for reading only. */
    private final Optional<DirectFileWriter> writer;

    private final boolean ownsChannel;

    private FileDevice(
            Path path, FileChannel channel, long size, Optional<DirectFileWriter> writer, boolean ownsChannel) {
        this.path = path;
        this.name = path.toString();
        this.channel = channel;
        this.size = size;
        this.writer = writer;
        this.ownsChannel = ownsChannel;
    }

    /**
     * Opens an existing file.
     *
     * @throws IOException if it can't be opened
     */
    public static FileDevice open(Path path, OpenMode mode) throws IOException {
        boolean writable = mode == OpenMode.WRITE;
        OpenOption[] options = writable
                ? new OpenOption[] {StandardOpenOption.READ, StandardOpenOption.WRITE}
                : new OpenOption[] {StandardOpenOption.READ};
        FileChannel channel = FileChannel.open(path, options);
        try {
            Optional<DirectFileWriter> writer =
                    writable ? Optional.of(DirectFileWriter.of(path, channel)) : Optional.empty();
            return new FileDevice(path, channel, channel.size(), writer, true);
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Creates a file of {@code size} zeros that takes no room yet where the filesystem can do that.
     *
     * @throws java.nio.file.FileAlreadyExistsException if the file exists
     * @throws IOException if it can't be created
     */
    public static FileDevice create(Path path, long size) throws IOException {
        FileChannel channel = FileChannel.open(
                path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
        try {
            FileDevice file = new FileDevice(
                    path.toString(), channel, size, Optional.of(DirectFileWriter.of(path, channel)), true);
            file.endAt(size);
            return file;
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Takes an empty file whose size is not known yet: it is as large as what is written to it, and as a device has the
     * largest size, until {@link #endAt} says how large it is.
     *
     * @param path the file, which the channel has opened
     * @param channel the file, open for reading and writing; stays open when the device is closed
     */
    public static FileDevice over(Path path, FileChannel channel) {
        Optional<DirectFileWriter> writer = Optional.of(DirectFileWriter.of(path, channel));
        return new FileDevice(path, channel, Long.MAX_VALUE, writer, false);
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

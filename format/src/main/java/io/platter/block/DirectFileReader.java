package io.platter.block;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file past the system's cache. The cache reads in units of its own, up to some mebibytes on Linux, and fails
 * for all of a unit if one sector of it is bad; what is asked for here is read and nothing else, on the grid of
 * {@link AlignedBuffers#GRID} bytes.
 *
 * <p>Safe for use by several threads, of which one reads at a time.
 */
public final class DirectFileReader implements Closeable {
    private static final int GRID = AlignedBuffers.GRID;
    private static final int ROOM = 1 << 20;

    private final String name;
    private final FileChannel direct;
    private final ByteBuffer room = AlignedBuffers.allocate(ROOM);

    private DirectFileReader(String name, FileChannel direct) {
        this.name = name;
        this.direct = direct;
    }

    /**
     * Opens a file that is open already.
     *
     * @param fileKey its {@link BasicFileAttributes#fileKey}, null where the system has none
     * @return nothing if the system can't read it so, or if another file stands at the path by now
     */
    public static Optional<DirectFileReader> open(Path path, @Nullable Object fileKey) {
        try {
            if (Files.getFileStore(path).getBlockSize() > GRID) {
                return Optional.empty();
            }
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, DirectFileWriter.directOption());
            Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
            if (fileKey != null && fileKey.equals(key)) {
                return Optional.of(new DirectFileReader(path.toString(), channel));
            }
            channel.close();
        } catch (IOException | ReflectiveOperationException | UnsupportedOperationException e) {
            // Neither every filesystem nor every runtime can do this.
        }
        return Optional.empty();
    }

    /**
     * Fills the buffer from its position to its limit.
     *
     * @throws DeviceException if the file can't be read; the buffer's position tells how far that came
     */
    public synchronized void read(ByteBuffer target, long fileOffset) throws DeviceException {
        for (long position = fileOffset; target.hasRemaining(); ) {
            int skip = (int) (position & GRID - 1);
            long needed = (skip + (long) target.remaining() + GRID - 1) / GRID * GRID;
            room.clear().limit((int) Math.min(ROOM, needed));
            readRoom(position - skip, skip);
            room.flip().position(skip);
            room.limit(Math.min(room.limit(), skip + target.remaining()));
            position += room.remaining();
            target.put(room);
        }
    }

    private void readRoom(long fileOffset, int needed) throws DeviceException {
        int count;
        try {
            count = direct.read(room, fileOffset);
        } catch (IOException e) {
            throw new DeviceException(name, "read", fileOffset + needed, 0, String.valueOf(e.getMessage()), e);
        }
        if (count <= needed) {
            throw new DeviceException(name, "read", fileOffset + needed, 0, "end of file", null);
        }
    }

    @Override
    public void close() throws IOException {
        direct.close();
    }
}

package io.platter;

import io.platter.block.Backing;
import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.DiskUse;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The border of a capture towards its source: whatever the source throws, a {@link DeviceException} with its name and
 * the place comes out. So a failure of the source is told from one of the image by where it arose, and not by what a
 * device that somebody else wrote happens to throw.
 *
 * <p>Does not close the source. Safe for use by several threads, as the source is.
 */
final class GuardedSource implements BlockDevice {
    /** For how much a source that could not say what it has is asked to be read instead, in bytes. */
    private static final long UNKNOWN = 1 << 20;

    private final BlockDevice source;

    GuardedSource(BlockDevice source) {
        this.source = source;
    }

    /** Returns the exception for what a source threw. */
    static DeviceException failure(String name, long diskOffset, IOException thrown) {
        if (thrown instanceof DeviceException e) {
            return e;
        }
        // What the JDK says of a file by its name, such as that a disk was pulled out, is no bad sector.
        String operation = thrown instanceof FileSystemException ? "access" : "read";
        String reason = thrown instanceof FileSystemException e && e.getReason() != null
                ? e.getReason()
                : thrown.getMessage() == null ? thrown.getClass().getSimpleName() : thrown.getMessage();
        return new DeviceException(name, operation, diskOffset, 0, reason, thrown);
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        try {
            source.read(target, diskOffset);
        } catch (IOException e) {
            throw failure(name(), diskOffset, e);
        }
    }

    /** Returns what the source knows. If it can't be asked, its bytes are read, which then fails or does not. */
    @Override
    public Extent extentAt(long diskOffset) {
        try {
            return source.extentAt(diskOffset);
        } catch (IOException e) {
            return new Extent(diskOffset, Math.min(UNKNOWN, size() - diskOffset), ExtentKind.DATA);
        }
    }

    @Override
    public String name() {
        return source.name();
    }

    @Override
    public long size() {
        return source.size();
    }

    @Override
    public int logicalSectorSize() {
        return source.logicalSectorSize();
    }

    @Override
    public int physicalSectorSize() {
        return source.physicalSectorSize();
    }

    @Override
    public boolean isWritable() {
        return false;
    }

    @Override
    public void write(ByteBuffer bytes, long diskOffset) {
        throw new IllegalStateException(name() + " is being captured, and not written");
    }

    @Override
    public List<Backing> backing() throws IOException {
        return source.backing();
    }

    @Override
    public List<DiskUse> uses() throws IOException {
        return source.uses();
    }

    @Override
    public Optional<String> state() throws IOException {
        return source.state();
    }

    @Override
    public Map<String, String> identity() {
        return source.identity();
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}

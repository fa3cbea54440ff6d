package io.platter.nativeio.platform;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.DeviceView;
import io.platter.block.DirectFileReader;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.bytes.Zeros;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A regular file whose holes are known, and can be made.
 *
 * <p>Only a native call can tell holes from written zeros, and a program that images plain files shall not load native
 * code. A hole reads as zeros; so as long as what stands at the asked offset is not zero there is nothing to ask, and
 * the answer is DATA for the next {@value #STEP} bytes. The price is a read of one cluster a mebibyte, and a hole that
 * starts inside such a step is seen at the step's end. The first cluster of zeros opens the file natively; from then on
 * every answer is the filesystem's.
 *
 * <p>After a read that failed, all reads go past the system's cache, see {@link DirectFileReader}: only so does what
 * stands near a bad sector come out.
 *
 * <p>Safe for use by several threads, as far as they do not touch the same bytes.
 */
final class SparseFile extends DeviceView {
    /** How far a cluster that is not zero speaks for what follows it, in bytes. */
    private static final int STEP = 1 << 20;

    private static final int CLUSTER = 4096;

    /** Ends of runs are put on this grid, in bytes: filesystems work in more, but no interface promises it. */
    private static final int GRAIN = 512;

    private final Path path;
    private final @Nullable Object fileKey;
    private final NativeMachine machine;

    /** Empty until it is asked for, and if the system can't help. This and the flags: under the lock of {@code this}. */
    private Optional<FileSpace> space = Optional.empty();

    private boolean asked;
    private boolean closed;
    private boolean directTried;

    /** Empty until a read as usual fails, and if the system can't help. Set under the lock of {@code this}. */
    private volatile Optional<DirectFileReader> direct = Optional.empty();

    private SparseFile(Path path, @Nullable Object fileKey, FileDevice file, NativeMachine machine) {
        super(file);
        this.path = path;
        this.fileKey = fileKey;
        this.machine = machine;
    }

    static BlockDevice open(Path path, OpenMode mode, NativeMachine machine) throws IOException {
        FileDevice file = FileDevice.open(path, mode);
        try {
            Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
            return new SparseFile(path, key, file, machine);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        Optional<DirectFileReader> known = direct;
        if (known.isPresent()) {
            if (diskOffset < 0 || target.remaining() > size() - diskOffset) {
                throw new IllegalArgumentException("range of " + target.remaining() + " bytes at disk offset "
                        + diskOffset + ", " + name() + " has " + size());
            }
            known.get().read(target, diskOffset);
            return;
        }
        int start = target.position();
        try {
            super.read(target, diskOffset);
        } catch (DeviceException e) {
            Optional<DirectFileReader> opened = openDirect();
            if (opened.isEmpty()) {
                throw e;
            }
            opened.get().read(target.position(start), diskOffset);
        }
    }

    /** Opens the file for reading past the system's cache, which has failed: for more, perhaps, than what is bad. */
    private synchronized Optional<DirectFileReader> openDirect() {
        if (!closed && !directTried) {
            directTried = true;
            direct = DirectFileReader.open(path, fileKey);
        }
        return direct;
    }

    /**
     * Returns the run at an offset. Where the file can't be read or its filesystem not be asked, that is DATA, too: the
     * one who then reads it hears of the failure, and knows what to do about it.
     */
    @Override
    public Extent extentAt(long diskOffset) throws IOException {
        long rest = super.extentAt(diskOffset).length();
        try {
            return knownAt(diskOffset, rest);
        } catch (IOException e) {
            return new Extent(diskOffset, Math.min(STEP, rest), ExtentKind.DATA);
        }
    }

    private Extent knownAt(long diskOffset, long rest) throws IOException {
        if (!wasAsked() && !isZero(diskOffset, (int) Math.min(CLUSTER, rest))) {
            return new Extent(diskOffset, Math.min(STEP, rest), ExtentKind.DATA);
        }
        Optional<FileSpace> known = space();
        if (known.isEmpty()) {
            return new Extent(diskOffset, rest, ExtentKind.DATA);
        }
        FileSpace.Run run = known.get().runAt(diskOffset);
        long end = Math.min(run.end(), size());
        if (!run.isHole()) {
            return new Extent(diskOffset, Math.min(roundUp(end), size()) - diskOffset, ExtentKind.DATA);
        }
        long zeros = (end == size() ? end : end - end % GRAIN) - diskOffset;
        return zeros > 0
                ? new Extent(diskOffset, zeros, ExtentKind.ZERO)
                : new Extent(diskOffset, Math.min(roundUp(end + 1), size()) - diskOffset, ExtentKind.DATA);
    }

    @Override
    public void zero(long diskOffset, long length) throws IOException {
        if (!discard(diskOffset, length)) {
            device().zero(diskOffset, length);
        }
    }

    @Override
    public boolean discard(long diskOffset, long length) throws IOException {
        super.discard(diskOffset, length);
        if (!isWritable()) {
            throw new IllegalStateException(name() + " is open for reading only");
        }
        Optional<FileSpace> known = length == 0 ? Optional.empty() : space();
        return known.isPresent() && known.get().punch(diskOffset, length);
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        BlockDevice file = device();
        try (file) {
            if (direct.isPresent()) {
                direct.get().close();
            }
            if (space.isPresent()) {
                space.get().close();
            }
        }
    }

    private synchronized boolean wasAsked() {
        return asked;
    }

    private synchronized Optional<FileSpace> space() throws IOException {
        if (closed) {
            throw new IllegalStateException(name() + " is closed");
        }
        if (!asked) {
            asked = true;
            space = machine.fileSpace(path, fileKey, isWritable());
        }
        return space;
    }

    private boolean isZero(long diskOffset, int length) throws IOException {
        ByteBuffer sample = ByteBuffer.allocate(length);
        read(sample, diskOffset);
        return Zeros.isZero(sample.rewind());
    }

    private static long roundUp(long offset) {
        return (offset + GRAIN - 1) / GRAIN * GRAIN;
    }
}

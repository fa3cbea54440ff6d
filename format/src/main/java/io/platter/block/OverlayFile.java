package io.platter.block;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * An {@linkplain OverlayDevice overlay} whose changes are in a file: what a guest writes while it runs from an image is
 * there again tomorrow. The file is bound to what lies below it by an identity, such as an image's id, and is refused over
 * anything else.
 *
 * <p>What was written before a {@link #flush} that returned is found again whatever happens afterwards; of later writes, each
 * 4 KiB are found as they were, or as they were written, or torn at a sector. A range that is discarded or made zeros is
 * zeros ever after: what lies below does not come back.
 *
 * <p>The file, whose numbers are little-endian, is a header of 4096 bytes (the magic number {@code PLTOVL\r\n}, the version, the size
 * of a cell, the size of the disk, where the map and where the bytes start, the identity after its length, and at its end the
 * CRC-32C of all that), a map with a bit for each cell, the lowest of a byte first, and the cells at their places; it is sparse, where the
 * filesystem can do that. Bytes are on the medium before the map says that they count.
 *
 * <p>Safe for use by several threads. The file is locked: nobody else opens it meanwhile.
 */
public final class OverlayFile extends DeviceView {
    private static final long MAGIC = 0x0A0D4C564F544C50L;
    private static final int VERSION = 1;
    private static final int HEADER = 4096;
    private static final int CRC_AT = HEADER - 4;
    private static final int IDENTITY_AT = 42;
    private static final int MAX_IDENTITY = 1024;
    private static final int DATA_ALIGNMENT = 1 << 20;

    private final OverlayDevice overlay;
    private final BlockDevice file;
    private final Object flushing = new Object();
    private volatile @Nullable IOException failure;
    private volatile boolean closed;

    private OverlayFile(OverlayDevice overlay, BlockDevice file) {
        super(overlay);
        this.overlay = overlay;
        this.file = file;
    }

    /** Tells whether a file starts as an overlay does. */
    public static boolean matches(BlockDevice file) throws IOException {
        if (file.size() < HEADER) {
            return false;
        }
        ByteBuffer magic = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        file.read(magic, 0);
        return magic.getLong(0) == MAGIC;
    }

    /**
     * Opens the overlay in a file, or creates it where there is none.
     *
     * @see #create
     * @see #open
     * @throws IOException as they do
     */
    public static OverlayFile openOrCreate(Path file, BlockDevice below, String identity) throws IOException {
        return Files.exists(file) ? open(file, below, identity) : create(file, below, identity);
    }

    /**
     * Creates a file over a device.
     *
     * @param below never written, and does not change as long as there is the file; stays open
     * @param identity by which what lies below is known again, at most 1024 bytes of UTF-8
     * @throws java.nio.file.FileAlreadyExistsException if the file exists
     * @throws IOException if it can't be created
     */
    public static OverlayFile create(Path file, BlockDevice below, String identity) throws IOException {
        byte[] name = identity.getBytes(StandardCharsets.UTF_8);
        if (name.length > MAX_IDENTITY) {
            throw new IllegalArgumentException("an identity of " + name.length + " bytes, expected at most 1024");
        }
        int cell = OverlayDevice.cellOf(below.size());
        long data = dataOffset(below.size(), cell);
        ByteBuffer header = ByteBuffer.allocate(HEADER)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(MAGIC)
                .putInt(VERSION)
                .putInt(cell)
                .putLong(below.size())
                .putLong(HEADER)
                .putLong(data)
                .putShort((short) name.length)
                .put(name);
        header.putInt(CRC_AT, crc(header)).rewind();
        try (FileDevice created = FileDevice.create(file, data + below.size())) {
            created.write(header, 0);
            created.flush();
        }
        return open(file, below, identity);
    }

    /**
     * Opens a file over the device that it was created over.
     *
     * @param below stays open
     * @param identity of the device
     * @throws CorruptImageException if the file is no overlay, or damaged
     * @throws UnsupportedImageException if it is an overlay over something else, or of a later version
     * @throws IOException if it can't be opened, as while somebody else has it open
     */
    public static OverlayFile open(Path file, BlockDevice below, String identity) throws IOException {
        BlockDevice opened = BlockDevices.open(file, OpenMode.WRITE);
        try {
            return read(opened, below, Objects.requireNonNull(identity, "identity"));
        } catch (IOException | RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }

    private static OverlayFile read(BlockDevice file, BlockDevice below, String identity) throws IOException {
        if (!matches(file)) {
            throw new CorruptImageException(file.name(), 0, "no overlay file, or one whose creation was cut off");
        }
        ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
        file.read(header, 0);
        if (header.getInt(8) != VERSION) {
            throw new UnsupportedImageException(file.name(), "an overlay of version " + header.getInt(8));
        }
        if (crc(header) != header.getInt(CRC_AT)) {
            throw new CorruptImageException(
                    file.name(),
                    CRC_AT,
                    "header has CRC %08x, expected %08x".formatted(header.getInt(CRC_AT), crc(header)));
        }
        int length = Short.toUnsignedInt(header.getShort(IDENTITY_AT - 2));
        String bound = StandardCharsets.UTF_8
                .decode(header.slice(IDENTITY_AT, Math.min(length, MAX_IDENTITY)))
                .toString();
        if (!bound.equals(identity)) {
            throw new UnsupportedImageException(
                    file.name(), "to lie over " + bound + ", for which it was made, and not over " + identity);
        }
        int cell = header.getInt(12);
        long diskSize = header.getLong(16);
        if (diskSize != below.size() || cell != OverlayDevice.cellOf(diskSize)) {
            throw new CorruptImageException(
                    file.name(),
                    12,
                    "cells of " + cell + " bytes of a disk of " + diskSize + ", expected " + below.size());
        }
        long data = dataOffset(diskSize, cell);
        if (header.getLong(32) != data || file.size() < data + diskSize) {
            throw new CorruptImageException(
                    file.name(), 32, "bytes from " + header.getLong(32) + " on in a file of " + file.size());
        }
        BitSet changed = readMap(file, (int) cells(diskSize, cell));
        return new OverlayFile(new OverlayDevice(below, file.slice(data, diskSize), cell, changed), file);
    }

    private static BitSet readMap(BlockDevice file, int cells) throws IOException {
        BitSet changed = new BitSet();
        long end = HEADER + mapLength(cells);
        ByteBuffer page = ByteBuffer.allocate(OverlayDevice.MapPage.SIZE);
        for (long position = HEADER; position < end; ) {
            Extent run = file.extentAt(position);
            if (run.kind() != ExtentKind.DATA && run.end() >= position + page.capacity()) {
                position += (Math.min(run.end(), end) - position) & -page.capacity();
                continue;
            }
            file.read(page.clear(), position);
            int first = (int) ((position - HEADER) * 8);
            BitSet.valueOf(page.flip()).stream().forEach(bit -> changed.set(first + bit));
            position += page.capacity();
        }
        if (changed.length() > cells) {
            throw new CorruptImageException(
                    file.name(), HEADER, "cell " + (changed.length() - 1) + " in the map of " + cells);
        }
        return changed;
    }

    private static long cells(long diskSize, int cell) {
        return (diskSize + cell - 1) / cell;
    }

    private static long mapLength(long cells) {
        return (cells + OverlayDevice.MapPage.CELLS - 1) / OverlayDevice.MapPage.CELLS * OverlayDevice.MapPage.SIZE;
    }

    private static long dataOffset(long diskSize, int cell) {
        long end = HEADER + mapLength(cells(diskSize, cell));
        return (end + DATA_ALIGNMENT - 1) / DATA_ALIGNMENT * DATA_ALIGNMENT;
    }

    private static int crc(ByteBuffer header) {
        CRC32C crc = new CRC32C();
        crc.update(header.duplicate().position(0).limit(CRC_AT));
        return (int) crc.getValue();
    }

    /** Returns which bytes of the disk were changed, rounded up to 4 KiB or more. */
    public ExtentSet changes() {
        return overlay.changes();
    }

    /** Returns what is known of a place. */
    public OverlayDevice.Change changeAt(long diskOffset) {
        return overlay.changeAt(diskOffset);
    }

    @Override
    public <T> Optional<T> unwrap(Class<T> type) {
        return type.isInstance(overlay) ? Optional.of(type.cast(overlay)) : super.unwrap(type);
    }

    @Override
    public Extent extentAt(long diskOffset) throws IOException {
        return overlay.extentAt(diskOffset);
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) throws IOException {
        checkSound();
        overlay.write(source, diskOffset);
    }

    @Override
    public void zero(long diskOffset, long length) throws IOException {
        checkSound();
        overlay.zero(diskOffset, length);
    }

    @Override
    public boolean discard(long diskOffset, long length) throws IOException {
        checkSound();
        return overlay.discard(diskOffset, length);
    }

    private void checkSound() throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        IOException before = failure;
        if (before != null) {
            // The system may have thrown away what it could not store: a later flush that succeeds would be a lie.
            throw new DeviceException(file.name(), "write", -1, 0, "an earlier flush has failed", before);
        }
    }

    /**
     * {@inheritDoc}
     *
     * @throws IOException if it failed, now or before: then nothing can be written any more
     */
    @Override
    public void flush() throws IOException {
        synchronized (flushing) {
            checkSound();
            try {
                List<OverlayDevice.MapPage> pages = overlay.takeNewPages();
                file.flush();
                for (OverlayDevice.MapPage page : pages) {
                    file.write(page.bits(), HEADER + (long) page.number() * OverlayDevice.MapPage.SIZE);
                }
                if (!pages.isEmpty()) {
                    file.flush();
                }
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }
    }

    /** Flushes, and closes the file; what lies below stays open. */
    @Override
    public void close() throws IOException {
        synchronized (flushing) {
            if (closed) {
                return;
            }
            try (file) {
                if (failure == null) {
                    flush();
                }
            } finally {
                closed = true;
            }
        }
    }
}

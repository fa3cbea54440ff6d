package io.platter.virtualdisk.spi;

import io.platter.block.Backing;
import io.platter.block.BlockDevice;
import io.platter.block.DeviceView;
import io.platter.block.DiskUse;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.bytes.Zeros;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A disk for reading, put together from a {@link DiskMap} and, where that says so, a parent. */
public final class MappedDisk extends DeviceView {
    /** How many runs of a map are joined in one answer of {@link #extentAt}, so that it takes a bounded time. */
    private static final int JOINED_RUNS = 1024;

    private final long size;
    private final int logicalSectorSize;
    private final int physicalSectorSize;
    private final DiskMap map;
    private final @Nullable BlockDevice parent;
    private final List<? extends Closeable> owned;

    /**
     * Creates the disk.
     *
     * @param file the file that holds it, whose name it has; stays open when this disk is closed
     * @param parent the disk whose bytes PARENT runs have, or null if they read as zeros
     * @param owned what is closed with this disk, in this order; the parent only if it is among it
     */
    public MappedDisk(
            BlockDevice file,
            long size,
            int logicalSectorSize,
            int physicalSectorSize,
            DiskMap map,
            @Nullable BlockDevice parent,
            List<? extends Closeable> owned) {
        super(file);
        this.size = size;
        this.logicalSectorSize = logicalSectorSize;
        this.physicalSectorSize = physicalSectorSize;
        this.map = map;
        this.parent = parent;
        this.owned = List.copyOf(owned);
    }

    /** Creates a disk of whose physical sectors nothing is known. */
    public MappedDisk(
            BlockDevice file,
            long size,
            int logicalSectorSize,
            DiskMap map,
            @Nullable BlockDevice parent,
            List<? extends Closeable> owned) {
        this(file, size, logicalSectorSize, logicalSectorSize, map, parent, owned);
    }

    /** Creates a disk without a parent that owns nothing. */
    public MappedDisk(BlockDevice file, long size, int logicalSectorSize, DiskMap map) {
        this(file, size, logicalSectorSize, map, null, List.of());
    }

    /** Its own file, and those that it has opened: extents, segments, parents. */
    private Stream<BlockDevice> files() {
        Stream<BlockDevice> others =
                owned.stream().filter(BlockDevice.class::isInstance).map(BlockDevice.class::cast);
        return Stream.concat(Stream.of(device()), Stream.concat(Stream.ofNullable(parent), others))
                .distinct();
    }

    @Override
    public List<Backing> backing() throws IOException {
        Set<Backing> all = new LinkedHashSet<>();
        for (BlockDevice one : files().toList()) {
            all.addAll(one.backing());
        }
        return List.copyOf(all);
    }

    @Override
    public List<DiskUse> uses() throws IOException {
        Set<DiskUse> all = new LinkedHashSet<>();
        for (BlockDevice one : files().toList()) {
            all.addAll(one.uses());
        }
        return List.copyOf(all);
    }

    @Override
    public Optional<String> state() throws IOException {
        List<String> all = new ArrayList<>();
        for (BlockDevice one : files().toList()) {
            one.state().ifPresent(all::add);
        }
        return all.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", all));
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int logicalSectorSize() {
        return logicalSectorSize;
    }

    @Override
    public int physicalSectorSize() {
        return physicalSectorSize;
    }

    @Override
    public boolean isWritable() {
        return false;
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        checkRange(diskOffset, target.remaining());
        long end = diskOffset + target.remaining();
        long offset = diskOffset;
        Run run = offset < end ? map.runAt(offset) : null;
        while (run != null) {
            Run next = run.end() < end ? map.runAt(run.end()) : null;
            if (next != null && run.joins(next)) {
                run = run.join(next);
                continue;
            }
            readRun(target, run, offset, Math.min(run.end(), end));
            offset = run.end();
            run = next;
        }
    }

    private void readRun(ByteBuffer target, Run run, long from, long to) throws IOException {
        int limit = target.limit();
        target.limit(target.position() + (int) (to - from));
        switch (run.kind()) {
            case DATA -> run.source().read(target, run.sourceOffset() + (from - run.diskOffset()));
            case PARENT -> readParent(target, from);
            default -> Zeros.put(target, target.remaining());
        }
        target.limit(limit);
    }

    private void readParent(ByteBuffer target, long diskOffset) throws IOException {
        int limit = target.limit();
        if (parent != null && diskOffset < parent.size()) {
            int length = (int) Math.min(target.remaining(), parent.size() - diskOffset);
            target.limit(target.position() + length);
            parent.read(target, diskOffset);
            target.limit(limit);
        }
        Zeros.put(target, target.remaining());
    }

    @Override
    public Extent extentAt(long diskOffset) throws IOException {
        checkRange(diskOffset, 1);
        Extent first = extentOf(diskOffset);
        long end = first.end();
        for (int joined = 1; joined < JOINED_RUNS && end < size; joined++) {
            Extent next = extentOf(end);
            if (next.kind() != first.kind()) {
                break;
            }
            end = next.end();
        }
        return new Extent(diskOffset, end - diskOffset, first.kind());
    }

    /** Returns what the map, or the parent, knows about one place and what follows it. */
    private Extent extentOf(long diskOffset) throws IOException {
        Run run = map.runAt(diskOffset);
        long end = Math.min(run.end(), size);
        if (run.kind() == Run.Kind.PARENT && parent != null && diskOffset < parent.size()) {
            return parent.extentAt(diskOffset).clip(diskOffset, end);
        }
        ExtentKind kind =
                switch (run.kind()) {
                    case DATA -> ExtentKind.DATA;
                    case ZERO -> ExtentKind.ZERO;
                    case HOLE, PARENT -> ExtentKind.HOLE;
                };
        return new Extent(diskOffset, end - diskOffset, kind);
    }

    private void checkRange(long diskOffset, long length) {
        if (diskOffset < 0 || diskOffset > size - length) {
            throw new IllegalArgumentException("range of " + length + " bytes at disk offset " + diskOffset
                    + " is not inside " + name() + " of " + size + " bytes");
        }
    }

    @Override
    public void close() throws IOException {
        closeAll(owned);
    }

    /** Closes all, even if one fails; the first failure is thrown, with the others in it. */
    static void closeAll(List<? extends Closeable> all) throws IOException {
        IOException failure = null;
        for (Closeable one : all) {
            try {
                one.close();
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Closes all after a failure, which takes up what fails now. */
    public static void closeAfter(Exception failure, List<? extends Closeable> all) {
        try {
            closeAll(all);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}

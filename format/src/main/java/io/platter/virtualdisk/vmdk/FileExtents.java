package io.platter.virtualdisk.vmdk;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.Extent;
import io.platter.block.UnsupportedImageException;
import io.platter.bytes.LruCache;
import io.platter.virtualdisk.FileResolver;
import io.platter.virtualdisk.spi.DiskMap;
import io.platter.virtualdisk.spi.Run;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** A disk put together from the extents that its descriptor lists, one after the other. Safe for use by several threads. */
final class FileExtents implements DiskMap {
    /** A disk may have ten thousands of extents, and a map keeps up to some tens of megabytes. */
    private static final int CACHED_MAPS = 4;

    private final String resource;
    private final List<Supplier<DiskMap>> parts = new ArrayList<>();
    private final LruCache<DiskMap> maps =
            new LruCache<>(CACHED_MAPS, index -> parts.get((int) index).get());
    private long[] starts = new long[4];
    private long size;

    private FileExtents(String resource) {
        this.resource = resource;
    }

    /**
     * Opens all extents.
     *
     * @param resource the name of the file that holds the descriptor
     * @param resolver who decides which files are meant
     * @param owned takes what the resolver gives, even if a later extent fails
     */
    static FileExtents open(String resource, Descriptor descriptor, FileResolver resolver, List<Closeable> owned)
            throws IOException {
        FileExtents extents = new FileExtents(resource);
        for (FileExtent extent : descriptor.extents()) {
            if (extent.length() > 0) {
                extents.add(extent, extents.open(extent, resolver, owned));
            }
        }
        return extents;
    }

    private Supplier<DiskMap> open(FileExtent extent, FileResolver resolver, List<Closeable> owned) throws IOException {
        switch (extent.type()) {
            case "ZERO" -> {
                return () -> diskOffset -> Run.empty(0, extent.length(), Run.Kind.ZERO);
            }
            case "FLAT", "VMFS", "SPARSE", "VMFSSPARSE" -> {
                BlockDevice file = resolver.resolve("extent", extent.name());
                owned.add(file);
                return extent.type().endsWith("SPARSE") ? sparse(extent, file) : flat(extent, file);
            }
            default -> throw new UnsupportedImageException(resource, "VMDK extents of type " + extent.type());
        }
    }

    private Supplier<DiskMap> flat(FileExtent extent, BlockDevice file) throws CorruptImageException {
        if (extent.fileOffset() > file.size() - extent.length()) {
            throw corrupt(
                    extent,
                    extent.length() + " bytes at offset " + extent.fileOffset() + " of " + file.name() + " of "
                            + file.size() + " bytes");
        }
        return () -> diskOffset -> {
            Extent run = file.extentAt(extent.fileOffset() + diskOffset);
            return switch (run.kind()) {
                case DATA -> Run.stored(diskOffset, run.length(), file, run.offset());
                case ZERO -> Run.empty(diskOffset, run.length(), Run.Kind.ZERO);
                case HOLE -> Run.empty(diskOffset, run.length(), Run.Kind.HOLE);
            };
        };
    }

    private Supplier<DiskMap> sparse(FileExtent extent, BlockDevice file) throws IOException {
        Header header = Header.read(file);
        if (extent.length() > header.capacity()) {
            throw corrupt(
                    extent, extent.length() + " bytes in " + file.name() + ", which has room for " + header.capacity());
        }
        return () -> new GrainMap(file, header);
    }

    private void add(FileExtent extent, Supplier<DiskMap> part) throws CorruptImageException {
        if (parts.size() + 1 == starts.length) {
            starts = Arrays.copyOf(starts, 2 * starts.length);
        }
        starts[parts.size()] = size;
        parts.add(part);
        if (extent.length() > Long.MAX_VALUE - size) {
            throw corrupt(extent, "a disk of " + size + " bytes and " + extent.length() + " more");
        }
        size += extent.length();
        starts[parts.size()] = size;
    }

    private CorruptImageException corrupt(FileExtent extent, String detail) {
        return new CorruptImageException(resource, extent.lineOffset(), "extent of " + detail);
    }

    /** Returns the size of the disk in bytes. */
    long size() {
        return size;
    }

    @Override
    public Run runAt(long diskOffset) throws IOException {
        int found = Arrays.binarySearch(starts, 0, parts.size(), diskOffset);
        int index = found < 0 ? -found - 2 : found;
        long start = starts[index];
        Run run = maps.get(index).runAt(diskOffset - start);
        long length = Math.min(run.length(), starts[index + 1] - start - run.diskOffset());
        return new Run(start + run.diskOffset(), length, run.kind(), run.source(), run.sourceOffset());
    }
}

package io.platter.virtualdisk.spi;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens the parent of a disk, as the caller's resolver decides. */
public final class Parents {
    private Parents() {}

    /**
     * An open parent.
     *
     * @param disk the parent as a disk
     * @param owned what the child closes with itself: the disk and the file it is in
     */
    public record Parent(BlockDevice disk, List<? extends Closeable> owned) {}

    /** Makes sure that the file which the resolver gave is the one that is meant. */
    @FunctionalInterface
    public interface Check {
        void check(BlockDevice parentFile) throws IOException;
    }

    /**
     * Opens a parent.
     *
     * @param file the child's file
     * @param nameOffset where in it the parent's name stands, in bytes
     * @param name the parent's name
     * @param format the parent's format, or null if the child's file does not tell: then it needs a magic
     * @param options those of the child
     * @param check what the parent's file has to pass
     */
    public static Parent open(
            BlockDevice file,
            long nameOffset,
            String name,
            @Nullable VirtualDiskFormat format,
            VirtualDiskOptions options,
            Check check)
            throws IOException {
        VirtualDiskOptions forParent = options.forParent()
                .orElseThrow(() -> new CorruptImageException(
                        file.name(),
                        nameOffset,
                        "a chain of more than " + VirtualDiskOptions.MAX_PARENTS + " parents"));
        BlockDevice parentFile = options.resolver().resolve("parent", name);
        try {
            check.check(parentFile);
            VirtualDiskFormat known = format != null ? format : recognise(parentFile, options);
            BlockDevice disk = known.open(parentFile, forParent);
            return new Parent(disk, List.of(disk, parentFile));
        } catch (IOException | RuntimeException e) {
            MappedDisk.closeAfter(e, List.of(parentFile));
            throw e;
        }
    }

    private static VirtualDiskFormat recognise(BlockDevice parentFile, VirtualDiskOptions options) throws IOException {
        return VirtualDisks.recognise(parentFile, options.parentFormats())
                .orElseThrow(() -> new UnsupportedImageException(
                        parentFile.name(), "to be named in its format, as it has the magic of none"));
    }
}

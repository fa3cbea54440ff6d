package io.platter.virtualdisk.ewf;

import io.platter.block.BlockDevice;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import java.io.IOException;

/**
 * The Expert Witness Compression Format of EnCase, FTK Imager and libewf: E01 files, and SMART's S01. Only for reading;
 * segment files after the first one come through the resolver, in the role {@code extent}, by the names that the
 * format's convention gives them.
 *
 * <p>The format knows of no place whether it is used: all of the disk is data.
 */
public final class EwfFormat implements VirtualDiskFormat {
    /** Creates the format, for the service loader. */
    public EwfFormat() {}

    @Override
    public String name() {
        return "ewf";
    }

    @Override
    public boolean matches(BlockDevice file) throws IOException {
        return Segments.isThere(file);
    }

    @Override
    public BlockDevice open(BlockDevice file, VirtualDiskOptions options) throws IOException {
        return Segments.open(file, options.resolver());
    }
}

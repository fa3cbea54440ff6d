package io.platter.virtualdisk;

import io.platter.block.BlockDevice;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/**
 * The Expert Witness Compression Format of EnCase, FTK Imager and libewf: E01 files, and SMART's S01. Only for reading;
 * segment files behind the first one come through the resolver, in the role {@code extent}, by the names that the
 * format's convention gives them.
 *
 * <p>The format knows of no place whether it is used: all of the disk is data.
 */
final class EwfFormat implements VirtualDiskFormat {
    @Override
    public String name() {
        return "ewf";
    }

    @Override
    public boolean matches(BlockDevice file) throws IOException {
        return EwfSegments.isThere(file);
    }

    @Override
    public BlockDevice open(BlockDevice file, VirtualDiskOptions options) throws IOException {
        return EwfSegments.open(file, options.resolver());
    }

    @Override
    public boolean canCreate() {
        return false;
    }

    @Override
    public boolean createsInOnePass(VirtualDiskOptions options) {
        return false;
    }

    @Override
    public VirtualDiskWriter create(WritableByteChannel output, long diskSize, VirtualDiskOptions options) {
        throw new UnsupportedOperationException("an EWF image can't be written");
    }
}

package io.platter.testkit;

import io.platter.block.BlockDevice;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/** The contract of a format whose largest disk is small. */
class SmallFormatTest implements VirtualDiskFormatContract {
    private static final long LARGEST = 2L << 30;

    @Override
    public VirtualDiskFormat format() {
        return new SmallRaw(VirtualDisks.named("raw").orElseThrow());
    }

    @Override
    public long hugeDiskSize() {
        return LARGEST;
    }

    @Override
    public boolean hasMagic() {
        return false;
    }

    private record SmallRaw(VirtualDiskFormat raw) implements VirtualDiskFormat {
        @Override
        public String name() {
            return "small-raw";
        }

        @Override
        public boolean matches(BlockDevice file) throws IOException {
            return raw.matches(file);
        }

        @Override
        public BlockDevice open(BlockDevice file, VirtualDiskOptions options) throws IOException {
            return raw.open(file, options);
        }

        @Override
        public boolean canCreate() {
            return true;
        }

        @Override
        public boolean createsInOnePass(VirtualDiskOptions options) {
            return raw.createsInOnePass(options);
        }

        @Override
        public VirtualDiskWriter create(WritableByteChannel output, long diskSize, VirtualDiskOptions options)
                throws IOException {
            if (diskSize > LARGEST) {
                throw new IllegalArgumentException("disk of " + diskSize + " bytes, the format holds up to " + LARGEST);
            }
            return raw.create(output, diskSize, options);
        }
    }
}

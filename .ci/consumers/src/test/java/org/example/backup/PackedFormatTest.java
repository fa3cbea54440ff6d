package org.example.backup;

import io.platter.testkit.VirtualDiskFormatContract;
import io.platter.virtualdisk.VirtualDiskFormat;

class PackedFormatTest implements VirtualDiskFormatContract {
    @Override
    public VirtualDiskFormat format() {
        return new PackedFormat();
    }

    @Override
    public long hugeDiskSize() {
        return 2L << 30;
    }
}

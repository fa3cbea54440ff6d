package org.example.backup;

import io.platter.testkit.VirtualDiskFormatContract;
import io.platter.virtualdisk.VirtualDiskFormat;

class PagedFormatTest implements VirtualDiskFormatContract {
    @Override
    public VirtualDiskFormat format() {
        return new PagedFormat();
    }
}

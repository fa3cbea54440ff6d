package io.platter.virtualdisk.raw;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.BlockDevice;
import io.platter.block.MemoryDevice;
import io.platter.testkit.ReadOnlyDevice;
import io.platter.testkit.VirtualDiskFormatContract;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class RawFormatTest implements VirtualDiskFormatContract {
    @Override
    public VirtualDiskFormat format() {
        return VirtualDisks.named("raw").orElseThrow();
    }

    @Override
    public boolean hasMagic() {
        return false;
    }

    @Test
    void closingTheDiskLeavesTheFileOpen() throws IOException {
        try (ReadOnlyDevice file = new ReadOnlyDevice("file", 10) {
            @Override
            protected void fill(ByteBuffer target, long offset) {
                target.put(new byte[target.remaining()]);
            }
        }) {
            BlockDevice disk = format().open(file, options());
            disk.close();
            assertThat(file.isClosed()).isFalse();
        }
    }

    @Test
    void rawIsNeverGuessed() throws IOException {
        assertThat(VirtualDisks.recognise(MemoryDevice.ofSize(4096), VirtualDisks.formats()))
                .isEmpty();
    }
}

package io.platter.virtualdisk;

import io.platter.test.VirtualDiskFormatContract;
import org.junit.jupiter.api.Nested;

class VhdxFormatTest {
    private static final VirtualDiskFormat VHDX = VirtualDisks.named("vhdx").orElseThrow();
    private static final int MIB = 1 << 20;

    @Nested
    class Dynamic implements VirtualDiskFormatContract {
        @Override
        public VirtualDiskFormat format() {
            return VHDX;
        }
    }

    @Nested
    class Fixed implements VirtualDiskFormatContract {
        @Override
        public VirtualDiskFormat format() {
            return VHDX;
        }

        @Override
        public VirtualDiskOptions options() {
            return VirtualDiskOptions.builder().subformat("fixed").build();
        }

        @Override
        public int damageRounds() {
            return 50;
        }
    }

    @Nested
    class LargeSectors implements VirtualDiskFormatContract {
        @Override
        public VirtualDiskFormat format() {
            return VHDX;
        }

        @Override
        public VirtualDiskOptions options() {
            return VirtualDiskOptions.builder()
                    .logicalSectorSize(4096)
                    .blockSize(2 * MIB)
                    .build();
        }

        @Override
        public int damageRounds() {
            return 50;
        }
    }
}

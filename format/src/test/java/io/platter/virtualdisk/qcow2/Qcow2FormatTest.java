package io.platter.virtualdisk.qcow2;

import io.platter.testkit.VirtualDiskFormatContract;
import io.platter.virtualdisk.Compression;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import org.junit.jupiter.api.Nested;

class Qcow2FormatTest {
    interface Contract extends VirtualDiskFormatContract {
        @Override
        default VirtualDiskFormat format() {
            return VirtualDisks.named("qcow2").orElseThrow();
        }
    }

    @Nested
    class Plain implements Contract {
        @Override
        public int damageRounds() {
            return 1600;
        }
    }

    @Nested
    class SmallestClusters implements Contract {
        @Override
        public VirtualDiskOptions options() {
            return VirtualDiskOptions.builder().blockSize(512).build();
        }

        @Override
        public long hugeDiskSize() {
            return 100L << 30;
        }
    }

    @Nested
    class LargestClusters implements Contract {
        @Override
        public VirtualDiskOptions options() {
            return VirtualDiskOptions.builder()
                    .blockSize(2 << 20)
                    .compression(Compression.DEFLATE)
                    .build();
        }

        @Override
        public int damageRounds() {
            return 20;
        }
    }

    @Nested
    class CompressedWithZstd implements Contract {
        @Override
        public VirtualDiskOptions options() {
            return VirtualDiskOptions.builder().compression(Compression.ZSTD).build();
        }
    }

    @Nested
    class CompressedWithDeflate implements Contract {
        @Override
        public VirtualDiskOptions options() {
            return VirtualDiskOptions.builder()
                    .compression(Compression.DEFLATE)
                    .blockSize(4096)
                    .build();
        }
    }
}

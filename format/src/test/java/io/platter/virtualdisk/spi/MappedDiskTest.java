package io.platter.virtualdisk.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.MemoryDevice;
import io.platter.testkit.DiskModel;
import io.platter.testkit.ReadOnlyDevice;
import io.platter.testkit.SparseFile;
import io.platter.virtualdisk.Compression;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What all opened disks have in common, shown on qcow2. */
class MappedDiskTest {
    private static final VirtualDiskFormat QCOW2 = VirtualDisks.named("qcow2").orElseThrow();
    private static final VirtualDiskOptions OPTIONS = VirtualDiskOptions.builder()
            .blockSize(4096)
            .compression(Compression.ZSTD)
            .build();

    private final DiskModel model = DiskModel.random(1, 3 << 20, 50_000);

    private byte[] file() throws IOException {
        SparseFile file = new SparseFile();
        try (VirtualDiskWriter writer = QCOW2.create(file, model.bytes().length, OPTIONS)) {
            model.writeTo(writer, 2);
        }
        return file.toByteArray();
    }

    @Test
    void severalThreadsReadAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (BlockDevice disk = QCOW2.open(MemoryDevice.over(file()), OPTIONS)) {
            List<Future<?>> readers = new ArrayList<>();
            for (int reader = 0; reader < 4; reader++) {
                long seed = reader;
                readers.add(threads.submit(() -> {
                    model.assertEqual(disk, seed);
                    return null;
                }));
            }
            for (Future<?> reader : readers) {
                reader.get();
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void aReadThatFailedCanBeRepeated() throws IOException {
        byte[] bytes = file();
        int[] reads = {0};
        BlockDevice flaky = new ReadOnlyDevice("flaky", bytes.length) {
            @Override
            protected void fill(ByteBuffer target, long offset) throws IOException {
                if (reads[0]++ % 3 == 2) {
                    throw new DeviceException(name(), "read", offset, 5, "made to fail", null);
                }
                target.put(bytes, (int) offset, target.remaining());
            }
        };
        byte[] read = new byte[model.bytes().length];
        BlockDevice disk = QCOW2.open(flaky, OPTIONS);
        for (int offset = 0; offset < read.length; ) {
            try {
                disk.read(ByteBuffer.wrap(read, offset, 4096), offset);
                offset += 4096;
            } catch (DeviceException expected) {
                assertThat(expected.osError()).isEqualTo(5);
            }
        }
        assertThat(read).isEqualTo(model.bytes());
    }

    @Test
    void readsOutsideTheDiskAndWritesAreMisuse() throws IOException {
        try (BlockDevice disk = QCOW2.open(MemoryDevice.over(file()), OPTIONS)) {
            ByteBuffer two = ByteBuffer.allocate(2);
            assertThatIllegalArgumentException().isThrownBy(() -> disk.read(two, disk.size() - 1));
            assertThatIllegalArgumentException().isThrownBy(() -> disk.read(two, -1));
            assertThatIllegalArgumentException().isThrownBy(() -> disk.extentAt(disk.size()));
            assertThat(disk.isWritable()).isFalse();
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> disk.write(two, 0));
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> disk.zero(0, 1));
            assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> disk.discard(0, 1));
        }
    }

    @Test
    void whatTheResolverGaveIsClosedWithTheDiskAndTheFileIsNot() throws IOException {
        byte[] child = file();
        ByteBuffer.wrap(child).putLong(8, 200).putInt(16, 1).put(200, (byte) 'p');
        byte[] parentBytes = file();
        ReadOnlyDevice parent = device(parentBytes);
        ReadOnlyDevice file = device(child);
        VirtualDiskOptions options =
                VirtualDiskOptions.builder().resolver((role, name) -> parent).build();
        BlockDevice disk = QCOW2.open(file, options);
        assertThat(parent.isClosed()).isFalse();
        disk.close();
        assertThat(parent.isClosed()).isTrue();
        assertThat(file.isClosed()).isFalse();
    }

    @Test
    void aParentThatCanNotBeOpenedIsClosed() throws IOException {
        byte[] child = file();
        ByteBuffer.wrap(child).putLong(8, 200).putInt(16, 1).put(200, (byte) 'p');
        ReadOnlyDevice parent = device(new byte[10]);
        VirtualDiskOptions options =
                VirtualDiskOptions.builder().resolver((role, name) -> parent).build();
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> QCOW2.open(MemoryDevice.over(child), options));
        assertThat(parent.isClosed()).isTrue();
    }

    private static ReadOnlyDevice device(byte[] bytes) {
        return new ReadOnlyDevice("bytes", bytes.length) {
            @Override
            protected void fill(ByteBuffer target, long offset) {
                target.put(bytes, (int) offset, target.remaining());
            }
        };
    }
}

package io.platter.filesystem;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.ExtentSet;
import io.platter.block.FileDevice;
import io.platter.block.MemoryDevice;
import io.platter.block.OpenMode;
import io.platter.test.Oracle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilesystemsTest {
    private static final int SIZE = 4 << 20;

    @TempDir
    Path directory;

    @Test
    void unknownContentIsUsedWhole() throws IOException {
        AllocationMap map = Filesystems.probe(MemoryDevice.ofSize(SIZE));
        assertThat(map.filesystem()).isEqualTo("unknown");
        assertThat(map.reason()).isEqualTo(Reason.UNRECOGNISED);
        assertThat(map.used()).isEqualTo(ExtentSet.of(0, SIZE));
        assertThat(Filesystems.probe(MemoryDevice.ofSize(0)).used()).isEqualTo(ExtentSet.EMPTY);
    }

    @Test
    void marksOfTwoFilesystemsKeepWhatEitherNeeds() throws IOException {
        byte[] image = ext4();
        ExtentSet ofExt = Filesystems.probe(MemoryDevice.over(image)).used();
        System.arraycopy("SWAPSPACE2".getBytes(StandardCharsets.US_ASCII), 0, image, 4096 - 10, 10);
        AllocationMap doubtful = Filesystems.probe(MemoryDevice.over(image));
        assertThat(doubtful.reason()).isEqualTo(Reason.UNKNOWN_FEATURE);
        assertThat(doubtful.used()).isEqualTo(ExtentSet.of(0, SIZE));

        AllocationMap ext = map(ofExt, Reason.NONE, "");
        AllocationMap both = ext.and(map(ExtentSet.of(SIZE / 2, 4096), Reason.NONE, ""));
        assertThat(both.reason()).isEqualTo(Reason.NONE);
        assertThat(both.used()).isEqualTo(ofExt.union(ExtentSet.of(SIZE / 2, 4096)));
        assertThat(both.detail()).isEqualTo("recognised as a and a");
        AllocationMap whole = ext.and(map(ExtentSet.of(0, SIZE), Reason.OPAQUE, "why"));
        assertThat(whole.reason()).isEqualTo(Reason.OPAQUE);
        assertThat(whole.detail()).isEqualTo("why; recognised as a and a");
    }

    private static AllocationMap map(ExtentSet used, Reason reason, String detail) {
        return new AllocationMap("a", "", "", SIZE, 1024, VolumeState.CLEAN, reason, detail, used);
    }

    @Test
    void volumeWhoseStructuresCantBeReadIsUsedWhole() throws IOException {
        Path image = directory.resolve("image");
        Files.write(image, ext4());
        try (FileDevice file = FileDevice.open(image, OpenMode.READ)) {
            AllocationMap map = Filesystems.probe(new FailingDevice(file, 8 << 10, 12 << 10));
            assertThat(map.filesystem()).isEqualTo("ext4");
            assertThat(map.reason()).isEqualTo(Reason.UNREADABLE);
            assertThat(map.used()).isEqualTo(ExtentSet.of(0, SIZE));
            assertThat(Filesystems.probe(new FailingDevice(file, 0, 4 << 10)).reason())
                    .isEqualTo(Reason.UNREADABLE);
        }
    }

    private byte[] ext4() throws IOException {
        Path image = directory.resolve("ext4");
        Files.write(image, new byte[SIZE]);
        Oracle.of("mke2fs").run("-q", "-F", "-t", "ext4", "-b", 4096, image);
        return Files.readAllBytes(image);
    }

    /** A device with a bad place. */
    private record FailingDevice(BlockDevice device, long from, long to) implements BlockDevice {
        @Override
        public void read(ByteBuffer target, long diskOffset) throws IOException {
            if (diskOffset < to && diskOffset + target.remaining() > from) {
                throw new DeviceException(name(), "read", Math.max(from, diskOffset), 5, "Input/output error", null);
            }
            device.read(target, diskOffset);
        }

        @Override
        public String name() {
            return "failing";
        }

        @Override
        public long size() {
            return device.size();
        }

        @Override
        public int logicalSectorSize() {
            return 512;
        }

        @Override
        public boolean isWritable() {
            return false;
        }

        @Override
        public void write(ByteBuffer source, long diskOffset) {
            throw new IllegalStateException();
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}

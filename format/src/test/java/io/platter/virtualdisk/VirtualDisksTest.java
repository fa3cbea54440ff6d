package io.platter.virtualdisk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.platter.block.BlockDevice;
import io.platter.block.MemoryDevice;
import io.platter.block.UnsupportedImageException;
import io.platter.testkit.SparseFile;
import io.platter.virtualdisk.vhd.Footer;
import io.platter.virtualdisk.vhd.Layout;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VirtualDisksTest {
    private static byte[] written(String format) throws IOException {
        SparseFile file = new SparseFile();
        try (VirtualDiskWriter writer =
                VirtualDisks.named(format).orElseThrow().create(file, 512, VirtualDiskOptions.defaults())) {
            writer.data(0, ByteBuffer.wrap(new byte[512]).put(0, (byte) 1));
            writer.finish();
        }
        return file.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"qcow2", "vmdk", "vhd", "vhdx", "vdi", "android-sparse"})
    void aFileIsRecognisedByItsMagic(String name) throws IOException {
        BlockDevice file = MemoryDevice.over(written(name));
        assertThat(VirtualDisks.recognise(file, VirtualDisks.formats()))
                .map(VirtualDiskFormat::name)
                .hasValue(name);
    }

    @ParameterizedTest
    @CsvSource({
        "raw, 0",
        "qcow2, 65536",
        "vhd, 2097152",
        "vhdx, 1048576",
        "vdi, 1048576",
        "vmdk, 65536",
        "android-sparse, 4096"
    })
    void aFileTellsTheSizeOfItsBlocks(String name, int blockSize) throws IOException {
        BlockDevice file = MemoryDevice.over(written(name));
        assertThat(VirtualDisks.named(name).orElseThrow().info(file))
                .isEqualTo(new VirtualDiskInfo(blockSize, List.of()));
    }

    @Test
    void onlyTheAllowedFormatsAreTried() throws IOException {
        BlockDevice file = MemoryDevice.over(written("qcow2"));
        assertThat(VirtualDisks.recognise(
                        file, List.of(VirtualDisks.named("vdi").orElseThrow())))
                .isEmpty();
    }

    @Test
    void aFileOfTwoFormatsAtOnceIsRefused() throws IOException {
        byte[] file = written("qcow2");
        byte[] footer =
                Footer.encode(Layout.TYPE_FIXED, 512, -1, new UUID(1, 2)).array();
        byte[] both = Arrays.copyOf(file, file.length + 512);
        System.arraycopy(footer, 0, both, file.length, 512);
        assertThatExceptionOfType(UnsupportedImageException.class)
                .isThrownBy(() -> VirtualDisks.recognise(MemoryDevice.over(both), VirtualDisks.formats()))
                .withMessageContaining("qcow2")
                .withMessageContaining("vhd");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 100, 511})
    void aFileTooSmallForAnyHeaderIsNotRecognised(int size) throws IOException {
        assertThat(VirtualDisks.recognise(MemoryDevice.ofSize(size), VirtualDisks.formats()))
                .isEmpty();
    }

    @Test
    void formatsOfOthersAreFoundAsServices(@TempDir Path directory) throws Exception {
        Path services = Files.createDirectories(directory.resolve("META-INF/services"));
        Files.writeString(services.resolve(VirtualDiskFormat.class.getName()), Added.class.getName());
        URL[] places = {
            VirtualDisks.class.getProtectionDomain().getCodeSource().getLocation(),
            VirtualDisksTest.class.getProtectionDomain().getCodeSource().getLocation(),
            directory.toUri().toURL()
        };
        try (URLClassLoader loader = new URLClassLoader(places, ClassLoader.getPlatformClassLoader())) {
            Object formats = loader.loadClass(VirtualDisks.class.getName())
                    .getMethod("formats")
                    .invoke(null);
            assertThat(formats.toString()).contains("the added format");
        }
        assertThat(VirtualDisks.named("added")).isEmpty();
    }

    @Test
    void formatsOfAPluginAreFoundByItsClassLoader(@TempDir Path directory) throws Exception {
        Path services = Files.createDirectories(directory.resolve("META-INF/services"));
        Files.writeString(services.resolve(VirtualDiskFormat.class.getName()), Added.class.getName());
        URL[] library = {
            VirtualDisks.class.getProtectionDomain().getCodeSource().getLocation(),
            VirtualDisksTest.class.getProtectionDomain().getCodeSource().getLocation()
        };
        URL[] ofPlugin = {directory.toUri().toURL()};
        try (URLClassLoader below = new URLClassLoader(library, ClassLoader.getPlatformClassLoader());
                URLClassLoader plugin = new URLClassLoader(ofPlugin, below)) {
            Class<?> known = below.loadClass(VirtualDisks.class.getName());
            Object without = known.getMethod("formats").invoke(null);
            Object with = known.getMethod("formats", ClassLoader.class).invoke(null, plugin);
            assertThat(without.toString()).doesNotContain("the added format");
            assertThat(with.toString()).contains("the added format");
            assertThat((List<?>) with).hasSize(((List<?>) without).size() + 1);
            // A class loader with a Platter of its own has nothing for this one.
            assertThat(VirtualDisks.formats(plugin)).hasSameSizeAs(VirtualDisks.formats(null));
        }
    }

    /** A format of somebody else. */
    public static final class Added implements VirtualDiskFormat {
        @Override
        public String name() {
            return "added";
        }

        @Override
        public boolean matches(BlockDevice file) {
            return false;
        }

        @Override
        public BlockDevice open(BlockDevice file, VirtualDiskOptions options) {
            return file;
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
            throw new UnsupportedOperationException();
        }

        @Override
        public String toString() {
            return "the added format";
        }
    }
}

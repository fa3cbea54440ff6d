package io.platter.nativeio.windows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.DeviceException;
import io.platter.device.DiskDescription;
import io.platter.nativeio.platform.FileSpace;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Our side of Windows against the headers of MinGW and the {@code kernel32} of Wine. No drive is written. */
@Timeout(120)
class WineTest {
    @TempDir
    static Path directory;

    private static Wine wine;

    @BeforeAll
    static void startWine() throws Exception {
        wine = new Wine(directory);
    }

    @AfterAll
    static void stopWine() throws Exception {
        if (wine != null) {
            wine.stop();
        }
    }

    @Test
    void constantsSizesAndOffsetsAreWhatTheHeadersSay() throws Exception {
        Map<String, Long> ours = new TreeMap<>();
        for (Field field : WindowsConstants.class.getDeclaredFields()) {
            ours.put("(int) " + field.getName(), ((Number) field.get(null)).longValue());
        }
        for (Class<?> layout : WindowsLayout.class.getDeclaredClasses()) {
            for (Field field : layout.getDeclaredFields()) {
                String expression = field.getName().equals("SIZE")
                        ? "sizeof(" + layout.getSimpleName() + ")"
                        : "offsetof(" + layout.getSimpleName() + ", "
                                + field.getName().replace('_', '.') + ")";
                ours.put(expression, ((Number) field.get(null)).longValue());
            }
        }

        assertThat(ours).hasSizeGreaterThan(80).isEqualTo(wine.values(List.copyOf(ours.keySet())));
    }

    @Test
    void drivesAndVolumesAreListed() throws Exception {
        WindowsVolumes volumes = new WindowsVolumes(wine);
        assertThat(volumes.list()).anySatisfy(volume -> {
            assertThat(volume.name()).isEqualTo(volumes.ofSystem()).startsWith("\\\\?\\Volume{");
            assertThat(volume.mountPoints()).containsExactly("C:\\");
            assertThat(volume.disks()).isEmpty(); // Wine names no extents
        });
        List<DiskDescription> disks = new WindowsDisks(wine).list(List.of(Path.of("/nowhere/image")));
        assertThat(disks).isNotEmpty().first().satisfies(disk -> {
            assertThat(disk.path()).hasToString("\\\\.\\PhysicalDrive0");
            assertThat(disk.logicalSectorSize()).isEqualTo(512);
            assertThat(disk.size()).isPositive();
        });
    }

    @Test
    void bytesAreReadAndWrittenAtTheirPlaces() throws Exception {
        Path file = Files.write(directory.resolve("file"), new byte[300_000]);
        byte[] bytes = new byte[200_000];
        new Random(2).nextBytes(bytes);
        int access = WindowsConstants.GENERIC_READ | WindowsConstants.GENERIC_WRITE;
        try (Handle handle = Handle.open(wine, "Z:" + file, access, 3, 0)) {
            handle.write(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip(), 1000);
            handle.flush();
            ByteBuffer read = ByteBuffer.allocateDirect(bytes.length);
            handle.read(read, 1000);
            byte[] actual = new byte[bytes.length];
            read.flip().get(actual);
            assertThat(actual).isEqualTo(bytes);
            assertThatThrownBy(() -> handle.read(ByteBuffer.allocateDirect(10), 400_000))
                    .isInstanceOfSatisfying(
                            DeviceException.class, e -> assertThat(e.osError()).isEqualTo(38 /* ERROR_HANDLE_EOF */));
            assertThat(Files.readAllBytes(file)).startsWith(new byte[1000]).endsWith(new byte[99_000]);
        }
    }

    @Test
    void aFilesystemWithoutOrdersForHolesIsLeftAlone() throws Exception {
        Path file = Files.write(directory.resolve("dense"), new byte[300_000]);
        try (FileSpace space = WindowsFileSpace.open(wine, "Z:" + file, true)) {
            assertThat(space.runAt(0)).isEqualTo(new FileSpace.Run(Long.MAX_VALUE, false));
            assertThat(space.punch(0, 65536)).isFalse();
        }
    }

    @Test
    void whatIsNotThereIsReportedWithTheTextOfTheSystem() {
        assertThatThrownBy(() -> Handle.open(wine, "\\\\.\\PhysicalDrive77", 0, 3, 0))
                .isInstanceOfSatisfying(DeviceException.class, e -> {
                    assertThat(e.osError()).isEqualTo(WindowsConstants.ERROR_FILE_NOT_FOUND);
                    assertThat(e).hasMessageMatching("open of .*PhysicalDrive77 failed: \\S.*\\(error 2\\)");
                });
    }
}

package io.platter.filesystem.swap;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.block.ExtentSet;
import io.platter.block.MemoryDevice;
import io.platter.test.Oracle;
import io.platter.testkit.Damage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SwapTest {
    private static final int SIZE = (1 << 20) + 1000;
    private static final String UUID = "01234567-89ab-cdef-0123-456789abcdef";

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(ints = {4096, 8192, 16384, 65536})
    void onlyTheFirstPageAndWhatLiesBehindTheLastIsUsed(int page) throws IOException {
        AllocationMap map = map(make(page));
        assertThat(map.filesystem()).isEqualTo("swap");
        assertThat(map.label()).isEqualTo("a label");
        assertThat(map.uuid()).isEqualTo(UUID);
        assertThat(map.allocationUnit()).isEqualTo(page);
        assertThat(map.reason()).isEqualTo(Reason.NONE);
        assertThat(map.used()).isEqualTo(ExtentSet.of(page, (1 << 20) - page).complement(0, SIZE));
    }

    @Test
    void otherByteOrderIsRead() throws IOException {
        byte[] image = make(4096);
        ByteBuffer bytes = ByteBuffer.wrap(image);
        for (int at = 1024; at < 1036; at += 4) {
            bytes.putInt(at, Integer.reverseBytes(bytes.getInt(at)));
        }
        assertThat(map(image).used()).isEqualTo(map(make(4096)).used());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "S1SUSPEND\0",
                "S2SUSPEND\0",
                "ULSUSPEND\0",
                "LINHIB0001",
                "\u00ED\u00C3\u0002\u00E9\u0098V\u00E5\f"
            })
    void sleepingMachineIsTakenWhole(String signature) throws IOException {
        byte[] image = make(4096);
        byte[] bytes = signature.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, image, 4096 - 10, bytes.length);
        assertWhole(image, Reason.HIBERNATED);
    }

    @Test
    void largerThanTheVolumeIsTakenWhole() throws IOException {
        assertWhole(Arrays.copyOf(make(4096), (1 << 20) - 1), Reason.TRUNCATED);
    }

    @Test
    void unknownVersionIsTakenWhole() throws IOException {
        byte[] image = make(4096);
        image[1024] = 2;
        assertWhole(image, Reason.UNKNOWN_FEATURE);
        System.arraycopy("SWAP-SPACE".getBytes(StandardCharsets.US_ASCII), 0, image, 4096 - 10, 10);
        assertWhole(image, Reason.UNKNOWN_FEATURE);
    }

    @Test
    void damageNeverMakesTheFirstPageUnused() throws IOException {
        byte[] image = make(4096);
        Damage.flips(Arrays.copyOf(image, 70_000), 7, volume -> new Swap()
                .map(volume)
                .ifPresent(map -> assertThat(map.used().contains(0, 4096)).isTrue()));
        Damage.truncations(image, 5003, volume -> new Swap()
                .map(volume)
                .ifPresent(map -> assertThat(map.used().contains(0, 4096)).isTrue()));
    }

    private static void assertWhole(byte[] image, Reason reason) throws IOException {
        AllocationMap map = map(image);
        assertThat(map.reason()).isEqualTo(reason);
        assertThat(map.used()).isEqualTo(ExtentSet.of(0, image.length));
    }

    private static AllocationMap map(byte[] image) throws IOException {
        return new Swap().map(MemoryDevice.over(image)).orElseThrow();
    }

    private byte[] make(int page) throws IOException {
        Path image = directory.resolve("image");
        Files.write(image, new byte[SIZE]);
        Oracle.of("mkswap").run("-p", page, "-L", "a label", "-U", UUID, image);
        return Files.readAllBytes(image);
    }
}

package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.CorruptImageException;
import io.platter.block.MemoryDevice;
import io.platter.block.UnsupportedImageException;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageInfo;
import io.platter.image.ImageOptions;
import io.platter.job.JobControl;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What an image is that is kept in packs. */
class PackStoreTest {
    private static final int SIZE = 40 << 20;

    private final MemoryPacks store = new MemoryPacks();

    /** Half noise, a quarter text, a quarter zeros, and noise that comes again. */
    private static byte[] disk(long seed) {
        byte[] bytes = new byte[SIZE];
        Random random = new Random(seed);
        byte[] noise = new byte[SIZE / 2];
        random.nextBytes(noise);
        System.arraycopy(noise, 0, bytes, 0, noise.length);
        for (int i = SIZE / 2; i < SIZE / 4 * 3; i++) {
            bytes[i] = (byte) ("text that compresses " + i / 700).charAt(i % 24 % 22);
        }
        System.arraycopy(noise, 0, bytes, SIZE - (2 << 20), 1 << 20);
        return bytes;
    }

    private ImageInfo capture(byte[] bytes, Optional<Image> base) throws IOException {
        MemoryDevice disk = MemoryDevice.over(bytes);
        try (ImageWriter writer = ImageWriter.create(
                store, base, DiskGeometry.of(disk), ImageOptions.defaults(), JobControl.defaults())) {
            return Capture.of(disk).to(writer).image();
        }
    }

    private ImageReader newest() throws IOException {
        byte[] manifest = store.manifests.get(store.manifests.size() - 1);
        return ImageReader.open(MemoryDevice.over(manifest), store, ReadOptions.defaults());
    }

    private void checkNewest(byte[] expected) throws IOException {
        try (ImageReader reader = newest()) {
            ByteBuffer read = ByteBuffer.allocate(SIZE);
            reader.newestImage().read(read, 0);
            assertThat(Arrays.mismatch(read.array(), expected)).isEqualTo(-1);
            MemoryDevice restored = MemoryDevice.over(new byte[SIZE]);
            Restore.of(reader.newestImage()).to(restored);
            ByteBuffer all = ByteBuffer.allocate(SIZE);
            restored.read(all, 0);
            assertThat(Arrays.mismatch(all.array(), expected)).isEqualTo(-1);
        }
    }

    @Test
    void anImageComesBackFromItsPacks() throws IOException {
        byte[] bytes = disk(1);
        ImageInfo info = capture(bytes, Optional.empty());
        assertThat(store.packs).hasSizeGreaterThan(10);
        assertThat(store.packs.values())
                .allSatisfy(pack -> assertThat(pack.length).isLessThan(2 << 20));
        assertThat(store.abandoned).isZero();
        checkNewest(bytes);
        try (ImageReader reader = newest()) {
            assertThat(reader.newestImage().info().id()).isEqualTo(info.id());
        }
    }

    @Test
    void anUnchangedDiskAsksForNothingAndWritesNoPack() throws IOException {
        byte[] bytes = disk(2);
        ImageInfo first = capture(bytes, Optional.empty());
        int packs = store.packs.size();
        int asked = store.catalogsAsked;
        try (ImageReader base = newest()) {
            ImageInfo second = capture(bytes, Optional.of(base.newestImage()));
            assertThat(second.rootHash()).isEqualTo(first.rootHash());
            assertThat(second.statistics().newBytes()).isZero();
        }
        assertThat(store.packs).hasSize(packs);
        assertThat(store.catalogsAsked).isEqualTo(asked);
        checkNewest(bytes);
    }

    @Test
    void aChangeWritesWhatChanged() throws IOException {
        byte[] bytes = disk(3);
        capture(bytes, Optional.empty());
        long before = stored();
        new Random(33).nextBytes(new byte[0]);
        byte[] noise = new byte[100_000];
        new Random(33).nextBytes(noise);
        System.arraycopy(noise, 0, bytes, 5_000_000, noise.length);
        try (ImageReader base = newest()) {
            capture(bytes, Optional.of(base.newestImage()));
        }
        assertThat(stored() - before).isBetween(100_000L, 250_000L);
        checkNewest(bytes);
    }

    private long stored() {
        return store.packs.values().stream().mapToLong(pack -> pack.length).sum();
    }

    @Test
    void anotherDiskFindsBlocksThroughTheCatalogs() throws IOException {
        byte[] bytes = disk(4);
        capture(bytes, Optional.empty());
        long before = stored();
        ImageInfo second = capture(bytes, Optional.empty());
        assertThat(second.statistics().newBytes()).isZero();
        // Its pages only.
        assertThat(stored() - before).isLessThan(400_000);
        checkNewest(bytes);
    }

    @Test
    void whatMayNotBeUsedIsWrittenAgain() throws IOException {
        byte[] bytes = disk(5);
        ImageInfo first = capture(bytes, Optional.empty());
        store.condemned.addAll(store.packs.keySet());
        try (ImageReader base = newest()) {
            ImageInfo second = capture(bytes, Optional.of(base.newestImage()));
            assertThat(second.statistics().newBytes())
                    .isEqualTo(first.statistics().newBytes());
        }
        store.packs.keySet().removeAll(store.condemned);
        checkNewest(bytes);
    }

    @Test
    void aMissingPackIsNamed() throws IOException {
        byte[] bytes = disk(6);
        capture(bytes, Optional.empty());
        store.packs.clear();
        try (ImageReader reader = newest()) {
            assertThatThrownBy(() -> reader.newestImage().read(ByteBuffer.allocate(1), 0))
                    .isInstanceOf(CorruptImageException.class)
                    .hasMessageContaining("is not there");
        }
    }

    @Test
    void aManifestAloneIsRefused() throws IOException {
        capture(disk(7), Optional.empty());
        MemoryDevice manifest = MemoryDevice.over(store.manifests.get(0));
        assertThatThrownBy(() -> ImageReader.open(manifest))
                .isInstanceOf(UnsupportedImageException.class)
                .hasMessageContaining("foreign-packs");
    }

    @Test
    void anImageThatIsNotFinishedIsAbandoned() throws IOException {
        MemoryDevice disk = MemoryDevice.over(disk(8));
        try (ImageWriter writer = ImageWriter.create(
                store, Optional.empty(), DiskGeometry.of(disk), ImageOptions.defaults(), JobControl.defaults())) {
            writer.data(0, ByteBuffer.allocate(SIZE));
            assertThatThrownBy(writer::checkpoint).isInstanceOf(IllegalStateException.class);
        }
        assertThat(store.abandoned).isEqualTo(1);
        assertThat(store.manifests).isEmpty();
    }
}

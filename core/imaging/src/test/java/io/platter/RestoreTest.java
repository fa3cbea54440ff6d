package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.DeviceException;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.block.MemoryDevice;
import io.platter.image.ImageOptions;
import io.platter.job.CancellationToken;
import io.platter.job.RestoreReport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RestoreTest {
    private static final int SIZE = 8 << 20;

    private byte[] disk = new byte[SIZE];
    private byte[] file = new byte[0];

    @BeforeEach
    void makeImage() throws IOException {
        new Random(91).nextBytes(disk);
        Arrays.fill(disk, 5 << 20, 6 << 20, (byte) 0);
        file = ModelDisk.of(disk)
                .toImage(ImageOptions.builder().frameSize(262_144).build());
    }

    private ImageReader open() throws IOException {
        return ImageReader.open(new ByteArrayChannel(file));
    }

    @Test
    void aDiskThatDoesNotFitIsRefusedBeforeAnythingIsWritten() throws IOException {
        FaultyDisk small = new FaultyDisk(new byte[SIZE - 512], Set.of());
        FaultyDisk readOnly = new FaultyDisk(new byte[SIZE], Set.of()).readOnly();
        FaultyDisk otherSectors = new FaultyDisk(new byte[SIZE], Set.of()).sectorSize(4096);
        try (ImageReader reader = open()) {
            for (FaultyDisk target : List.of(small, readOnly, otherSectors)) {
                assertThatThrownBy(() -> Restore.of(reader.newestImage()).to(target))
                        .isInstanceOfAny(IllegalArgumentException.class, IllegalStateException.class);
                assertThatThrownBy(() ->
                                StreamRestore.of(new ByteArrayChannel(file)).to(target))
                        .isInstanceOfAny(IllegalArgumentException.class, IllegalStateException.class);
                assertThat(target.writes()).isEmpty();
            }
            Restore.of(reader.newestImage())
                    .options(options -> options.anySectorSize(true))
                    .to(otherSectors);
            assertThat(otherSectors.bytes()).isEqualTo(disk);
        }
    }

    @Test
    void theFirstMebibyteIsWipedFirstAndWrittenLast() throws IOException {
        FaultyDisk target = new FaultyDisk(new byte[SIZE], Set.of());
        try (ImageReader reader = open()) {
            Restore.of(reader.newestImage())
                    .control(control -> control.threads(2))
                    .to(target);
        }
        List<Long> places = target.writes().stream()
                .map(write -> Long.parseLong(write.substring(0, write.indexOf('+'))))
                .toList();
        assertThat(places.get(0)).isZero();
        assertThat(places.get(places.size() - 1)).isZero();
        int lastOther = 0;
        for (int i = 0; i < places.size(); i++) {
            lastOther = places.get(i) >= 1 << 20 ? i : lastOther;
        }
        assertThat(places.subList(lastOther + 1, places.size()))
                .isNotEmpty()
                .isSortedAccordingTo((a, b) -> Long.compare(b, a));
        assertThat(places.subList(1, lastOther)).allMatch(place -> place >= 1 << 20);
        assertThat(target.bytes()).isEqualTo(disk);
    }

    @Test
    void aHalfRestoredDiskDoesNotBoot() throws IOException {
        byte[] old = new byte[SIZE];
        Arrays.fill(old, (byte) 0x55);
        FaultyDisk target = new FaultyDisk(old, Set.of()).failAtWrite(10);
        try (ImageReader reader = open()) {
            assertThatThrownBy(() -> Restore.of(reader.newestImage())
                            .control(control -> control.threads(2))
                            .to(target))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("No space left");
        }
        assertThat(Arrays.copyOf(old, 1 << 20)).containsOnly(0);
    }

    @Test
    void compareWritesOnlyWhatDiffers() throws IOException {
        byte[] old = disk.clone();
        FaultyDisk same = new FaultyDisk(old, Set.of());
        try (ImageReader reader = open()) {
            RestoreReport report = Restore.of(reader.newestImage())
                    .options(options -> options.compare(true))
                    .to(same);
            assertThat(same.writes()).isEmpty();
            assertThat(report.bytesWritten()).isZero();
            old[100]++;
            Restore.of(reader.newestImage())
                    .options(options -> options.compare(true))
                    .to(same);
            assertThat(same.writes()).containsExactly("0+65536");
            old[3_000_000]++;
            report = Restore.of(reader.newestImage())
                    .options(options -> options.compare(true))
                    .to(same);
            assertThat(report.bytesWritten()).isLessThan((2 << 20) + (65 << 10));
            assertThat(old).isEqualTo(disk);
        }
    }

    @Test
    void differencesAreExactRuns() throws IOException {
        byte[] changed = disk.clone();
        for (int at : new int[] {0, 1, 1 << 20, (1 << 20) - 1, 5_500_000, SIZE - 1}) {
            changed[at]++;
        }
        try (ImageReader reader = open()) {
            Comparison comparison = Verify.of(reader.newestImage());
            assertThat(comparison.differences(MemoryDevice.over(changed)))
                    .containsExactly(
                            new Extent(0, 2, ExtentKind.DATA),
                            new Extent((1 << 20) - 1, 2, ExtentKind.DATA),
                            new Extent(5_500_000, 1, ExtentKind.DATA),
                            new Extent(SIZE - 1, 1, ExtentKind.DATA));
            assertThat(comparison.differences(MemoryDevice.over(Arrays.copyOf(disk, SIZE - 1000))))
                    .containsExactly(new Extent(SIZE - 1000, 1000, ExtentKind.DATA));
        }
    }

    @Test
    void cancellationAndProgressKeepTheirContract() throws IOException {
        AtomicLong clock = new AtomicLong();
        CancellationToken token = new CancellationToken();
        FaultyDisk target = new FaultyDisk(new byte[SIZE], Set.of());
        try (ImageReader reader = open()) {
            Restore restore = Restore.of(reader.newestImage())
                    .control(control -> control.nanoClock(() -> clock.addAndGet(150_000_000)))
                    .control(control -> control.cancellation(token))
                    .control(control -> control.progress(progress -> token.cancel()));
            assertThatThrownBy(() -> restore.to(target)).isInstanceOf(java.util.concurrent.CancellationException.class);
        }
        assertThat(target.writes()).isNotNull();
    }

    @Test
    void aTornTailBehindTheImageDoesNoHarm() throws IOException {
        byte[] torn = Arrays.copyOf(file, file.length + 10_000);
        Arrays.fill(torn, file.length, torn.length, (byte) 7);
        MemoryDevice target = MemoryDevice.ofSize(SIZE);
        StreamRestore.of(new ByteArrayChannel(torn)).to(target);
        byte[] found = new byte[SIZE];
        target.read(ByteBuffer.wrap(found), 0);
        assertThat(found).isEqualTo(disk);
    }
}

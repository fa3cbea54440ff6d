package io.platter;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.Extent;
import io.platter.block.MemoryDevice;
import io.platter.engine.compare.DifferenceList;
import io.platter.image.ImageOptions;
import io.platter.job.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class DifferencesTest {
    private static final int SIZE = 40_000_000;

    @Test
    void aWhollyDifferentDiskGivesFewRunsAndRightProgress() throws IOException {
        byte[] disk = new byte[SIZE];
        byte[] other = new byte[SIZE];
        new Random(1).nextBytes(disk);
        new Random(2).nextBytes(other);
        List<Progress> told = new ArrayList<>();
        long[] now = new long[1];
        byte[] image = ModelDisk.of(disk).toImage(ImageOptions.defaults());
        try (ImageReader reader = ImageReader.open(new ByteArrayChannel(image))) {
            List<Extent> differences = Verify.of(reader.newestImage())
                    .control(control -> control.progress(told::add))
                    .control(control -> control.nanoClock(() -> now[0] += 1_000_000_000))
                    .differences(MemoryDevice.over(other));
            // About one byte in 256 is equal by chance.
            assertThat(differences.size()).isLessThanOrEqualTo(16_384);
            assertCovers(differences, disk, other);
        }
        assertThat(told).hasSizeGreaterThan(10);
        assertThat(told).allMatch(progress -> progress.total().getAsLong() == SIZE && progress.done() <= SIZE);
        assertThat(told.get(told.size() - 1).done()).isEqualTo(SIZE);
        assertThat(told).isSortedAccordingTo(java.util.Comparator.comparingLong(Progress::done));
    }

    private static void assertCovers(List<Extent> differences, byte[] disk, byte[] other) {
        int at = 0;
        for (Extent run : differences) {
            int start = (int) run.offset();
            assertThat(java.util.Arrays.mismatch(disk, at, start, other, at, start))
                    .isEqualTo(-1);
            assertThat(disk[start]).isNotEqualTo(other[start]);
            at = (int) run.end();
            assertThat(disk[at - 1]).isNotEqualTo(other[at - 1]);
        }
        assertThat(java.util.Arrays.mismatch(disk, at, SIZE, other, at, SIZE)).isEqualTo(-1);
    }

    @Test
    void differencesFarApartStayFewOnAnyDisk() {
        DifferenceList list = new DifferenceList();
        for (long run = 0; run < 3_000_000; run++) {
            list.add(run << 20, 512);
        }
        assertThat(list.list()).hasSizeLessThanOrEqualTo(16_384);
        assertThat(list.list().get(0).offset()).isZero();
        assertThat(list.list().get(list.list().size() - 1).end()).isEqualTo((2_999_999L << 20) + 512);
    }
}

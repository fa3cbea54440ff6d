package io.platter.engine.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceView;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.block.ExtentSet;
import io.platter.block.MemoryDevice;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import io.platter.job.CaptureOptions;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What is planned before anything is read. */
class CapturePlanTest {
    private static final int SIZE = 1 << 20;

    /** A disk that knows one run of zeros. */
    private static BlockDevice diskWithHole(long from, long to) {
        return new DeviceView(MemoryDevice.ofSize(SIZE)) {
            @Override
            public Extent extentAt(long diskOffset) {
                if (diskOffset < from) {
                    return new Extent(diskOffset, from - diskOffset, ExtentKind.DATA);
                }
                return diskOffset < to
                        ? new Extent(diskOffset, to - diskOffset, ExtentKind.ZERO)
                        : new Extent(diskOffset, SIZE - diskOffset, ExtentKind.DATA);
            }
        };
    }

    @Test
    void whatIsNotWantedIsUnusedAndAHoleIsZeroInWholeCells() throws IOException {
        ExtentSet wanted =
                ExtentSet.builder().add(0, 600_000).add(800_000, 100_000).build();
        CapturePlan plan = CapturePlan.of(
                diskWithHole(100_000, 300_000), CaptureOptions.everything().with(options -> options.only(wanted)));
        assertThat(plan.runs())
                .containsExactly(
                        new ImageExtent(0, 102_400, ImageExtentKind.DATA),
                        new ImageExtent(102_400, 299_008 - 102_400, ImageExtentKind.ZERO),
                        new ImageExtent(299_008, 600_000 - 299_008, ImageExtentKind.DATA),
                        new ImageExtent(600_000, 200_000, ImageExtentKind.UNUSED),
                        new ImageExtent(800_000, 100_000, ImageExtentKind.DATA),
                        new ImageExtent(900_000, SIZE - 900_000, ImageExtentKind.UNUSED));
        assertThat(plan.toString()).contains("1048576 bytes in sectors of 512", "700000 bytes");
    }

    @Test
    void aHoleThatIsLessThanACellIsRead() throws IOException {
        CapturePlan plan = CapturePlan.of(diskWithHole(4097, 8193), CaptureOptions.everything());
        assertThat(plan.runs()).containsExactly(new ImageExtent(0, SIZE, ImageExtentKind.DATA));
        CapturePlan atTheEnd = CapturePlan.of(diskWithHole(SIZE - 100, SIZE), CaptureOptions.everything());
        assertThat(atTheEnd.runs()).containsExactly(new ImageExtent(0, SIZE, ImageExtentKind.DATA));
    }

    @Test
    void aDiskWithoutAKnownFilesystemIsTakenWithItsReason() throws IOException {
        CapturePlan plan = CapturePlan.of(MemoryDevice.over(new byte[SIZE]), CaptureOptions.defaults());
        assertThat(plan.runs()).hasSize(1);
        assertThat(plan.toString()).contains("partition 1 at 0", "reason=");
        assertThat(plan.inFullBecause()).isEmpty();
    }
}

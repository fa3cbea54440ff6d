package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.engine.compare.DifferenceList;
import io.platter.engine.compare.ExpectedTable;
import io.platter.engine.line.Counts;
import io.platter.engine.line.ProgressMeter;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import io.platter.job.JobControl;
import io.platter.job.Phase;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Compares disks with an image; made by {@link Verify#of(Image)}. One thread does it.
 *
 * <p>Immutable: {@code control} returns another object. It may be run any number of times, also at the same time; each run is
 * independent of the others.
 */
public final class Comparison {
    private static final int PIECE = 1 << 20;

    private final Image image;
    private final JobControl control;

    Comparison(Image image, JobControl control) {
        this.image = image;
        this.control = control;
    }

    /** Returns this comparison under another control. */
    public Comparison control(JobControl newControl) {
        return new Comparison(image, Objects.requireNonNull(newControl, "newControl"));
    }

    /** Returns this comparison with some of its control changed. */
    public Comparison control(Consumer<JobControl.Builder> changes) {
        return control(control.with(changes));
    }

    /**
     * Compares a disk with an image.
     *
     * @param disk stays open
     * @return the runs that differ, in the order of the disk and to the byte, at most 16,384: where
     *     there would be more, runs that are near to each other are given as one, with what is equal between them. A disk
     *     that is shorter differs where it ends, unless all that the image uses fits on it. What the image does not have,
     *     since it was unused or unreadable, is not compared; and on a disk of another size, a GPT may be as a restore
     *     writes it there
     * @throws CorruptImageException if the image is damaged
     * @throws IOException if the image or the disk can't be read
     */
    public List<Extent> differences(BlockDevice disk) throws IOException {
        return new Run(disk).run();
    }

    /** One run. */
    private final class Run {
        private final ProgressMeter meter = new ProgressMeter(control);
        private final DifferenceList differences = new DifferenceList();
        private final ByteBuffer expected = ByteBuffer.allocateDirect(PIECE);
        private final ByteBuffer found = ByteBuffer.allocateDirect(PIECE);
        private final BlockDevice disk;
        private final ExpectedTable table;
        private long position;
        private long bytesRead;

        Run(BlockDevice disk) throws IOException {
            this.disk = disk;
            this.table = ExpectedTable.of(image.stored(), disk);
        }

        List<Extent> run() throws IOException {
            for (Iterator<ImageExtent> extents = image.extents().iterator(); extents.hasNext(); ) {
                ImageExtent extent = extents.next();
                if (extent.kind() != ImageExtentKind.UNUSED && extent.kind() != ImageExtentKind.UNREADABLE) {
                    compare(extent);
                }
                position = extent.end();
            }
            if (disk.size() < table.requiredSize()) {
                differences.add(disk.size(), image.size() - disk.size());
            }
            meter.end(this::counts);
            return differences.list();
        }

        private void compare(ImageExtent extent) throws IOException {
            long end = Math.min(extent.end(), disk.size());
            for (position = extent.offset(); position < end; ) {
                meter.tick(this::counts);
                Extent known = disk.extentAt(position);
                if (extent.kind() == ImageExtentKind.ZERO && known.kind() != ExtentKind.DATA) {
                    position = Math.min(end, known.end());
                    continue;
                }
                int count = (int) Math.min(PIECE, end - position);
                image.read(expected.clear().limit(count), position);
                disk.read(found.clear().limit(count), position);
                table.accept(expected.flip(), found.flip(), position);
                differences.compare(expected, found, position);
                position += count;
                bytesRead += count;
            }
        }

        private Counts counts() {
            return Counts.of(Phase.VERIFY, position, OptionalLong.of(image.size()), bytesRead, 0);
        }
    }

    @Override
    public String toString() {
        return "Comparison[" + image + ", " + control + "]";
    }
}

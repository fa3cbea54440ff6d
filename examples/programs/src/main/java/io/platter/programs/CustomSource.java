package io.platter.programs;

import io.platter.Capture;
import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.DeviceView;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.block.OpenMode;
import io.platter.job.CaptureReport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Captures from a source of one's own, here a disk whose bytes were masked: {@code CustomSource DISK FILE KEY}. A device
 * that stands for nothing else implements {@link BlockDevice}, of which eight methods have no default.
 */
public final class CustomSource {
    private CustomSource() {}

    /** A disk each byte of which was combined with a key; all else it says as the masked one does. */
    private static final class Unmasked extends DeviceView {
        private final int key;

        Unmasked(BlockDevice masked, int key) {
            super(masked);
            this.key = key;
        }

        @Override
        public void read(ByteBuffer target, long diskOffset) throws IOException {
            int start = target.position();
            super.read(target, diskOffset); // may be called by several threads at once
            for (int i = start; i < target.position(); i++) {
                target.put(i, (byte) (target.get(i) ^ key));
            }
        }

        /** A hole of the masked disk is none here: it would read as the key. */
        @Override
        public Extent extentAt(long diskOffset) {
            return new Extent(diskOffset, size() - diskOffset, ExtentKind.DATA);
        }

        @Override
        public boolean isWritable() {
            return false;
        }
    }

    /** Captures the disk as it was before it was masked. */
    public static void main(String[] arguments) throws IOException {
        try (BlockDevice masked = BlockDevices.open(Path.of(arguments[0]), OpenMode.READ)) {
            CaptureReport report = Capture.of(new Unmasked(masked, Integer.decode(arguments[2])))
                    .to(Path.of(arguments[1]));
            System.out.println("captured " + report.image().id());
        }
    }
}

package io.platter.engine.convert;

import io.platter.engine.restore.RestoreTarget;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A disk that becomes equal to the source: what is empty there is zeros here. */
public final class DiskTarget implements PieceTarget {
    private final RestoreTarget disk;

    /** Takes a disk. */
    public DiskTarget(RestoreTarget disk) {
        this.disk = disk;
    }

    @Override
    public void data(long diskOffset, ByteBuffer bytes) throws IOException {
        disk.write(bytes, diskOffset);
    }

    @Override
    public void empty(ImageExtent run) throws IOException {
        disk.writeRun(new ImageExtent(run.offset(), run.length(), ImageExtentKind.ZERO));
    }

    @Override
    public void finish() throws IOException {
        disk.finish();
    }

    @Override
    public long written() {
        return disk.written();
    }
}

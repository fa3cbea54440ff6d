package io.platter.cli;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceView;
import io.platter.block.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A disk that ends a job at the job's first write. Jobs check all their conditions before that, so it tells whether a
 * job would be refused, by the job's own checks, and nothing is written.
 *
 * <p>Safe for use by several threads, as the disk itself is.
 */
final class UntouchedDisk extends DeviceView {
    UntouchedDisk(BlockDevice disk) {
        super(disk);
    }

    /** A job would write now. */
    static final class WriteException extends IOException {
        private static final long serialVersionUID = 1;

        WriteException() {
            super("the first write");
        }
    }

    /** A job that may be refused. */
    interface Job {
        void run(BlockDevice target) throws IOException;
    }

    /** Runs a job up to its first write. */
    void run(Job job) throws IOException {
        try {
            job.run(this);
        } catch (IOException e) {
            if (!isWrite(e)) {
                throw e;
            }
        }
    }

    private static boolean isWrite(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof WriteException) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Extent extentAt(long diskOffset) throws IOException {
        return device().extentAt(diskOffset);
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) throws IOException {
        throw new WriteException();
    }

    @Override
    public void zero(long diskOffset, long length) throws IOException {
        throw new WriteException();
    }

    @Override
    public boolean discard(long diskOffset, long length) throws IOException {
        throw new WriteException();
    }

    @Override
    public void flush() {
        // There is nothing that could be lost.
    }

    @Override
    public void close() throws IOException {
        device().close();
    }
}

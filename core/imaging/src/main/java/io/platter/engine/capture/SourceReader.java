package io.platter.engine.capture;

import io.platter.block.AlignedBuffers;
import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.UnreadableRange;
import io.platter.block.rescue.SectorReader;
import io.platter.job.CancellationToken;
import io.platter.job.ReadErrorPolicy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Reads a source, and does what the policy says where it can't be read.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class SourceReader {
    private final BlockDevice source;
    private final ReadErrorPolicy policy;
    private final int retries;
    private final CancellationToken cancellation;
    private final SectorReader sectors;

    /** Room for what is read again; grows when more is needed. */
    private ByteBuffer room = ByteBuffer.allocate(0);

    public SourceReader(BlockDevice source, ReadErrorPolicy policy, int retries, CancellationToken cancellation) {
        this.source = source;
        this.policy = policy;
        this.retries = retries;
        this.cancellation = cancellation;
        this.sectors = new SectorReader(source, retries);
    }

    /**
     * Reads a range.
     *
     * @param target filled from 0 to its limit
     * @return what of it can't be read
     */
    public List<UnreadableRange> read(ByteBuffer target, long diskOffset) throws IOException {
        try {
            source.read(target.rewind(), diskOffset);
            return List.of();
        } catch (DeviceException e) {
            return readAgain(target, diskOffset, e);
        }
    }

    /** Reads a range again for which an attempt has failed. */
    public List<UnreadableRange> readAgain(ByteBuffer target, long diskOffset, DeviceException failure)
            throws IOException {
        // An interrupt closes a file while it is read: what can't be read then is no bad sector.
        cancellation.throwIfCancelled();
        if (policy == ReadErrorPolicy.SKIP && failure.isRead()) {
            List<UnreadableRange> bad = sectors.read(target.rewind(), diskOffset);
            cancellation.throwIfCancelled();
            return bad;
        }
        retry(target, diskOffset, failure);
        return List.of();
    }

    /** Reads a sample of what was captured before; returns false if it can't be read and the policy passes over that. */
    public boolean canReadSample(ByteBuffer target, long diskOffset) throws IOException {
        try {
            source.read(target.rewind(), diskOffset);
        } catch (DeviceException e) {
            cancellation.throwIfCancelled();
            if (policy == ReadErrorPolicy.SKIP && e.isRead()) {
                return false;
            }
            retry(target, diskOffset, e);
        }
        return true;
    }

    private void retry(ByteBuffer target, long diskOffset, DeviceException first) throws IOException {
        DeviceException last = first;
        for (int attempt = 0; attempt < retries && policy != ReadErrorPolicy.ABORT; attempt++) {
            try {
                source.read(target.rewind(), diskOffset);
                return;
            } catch (DeviceException e) {
                cancellation.throwIfCancelled();
                last = e;
            }
        }
        throw last;
    }

    /** Returns room of a length, whose content is lost with the next call. */
    public ByteBuffer room(int length) {
        if (room.capacity() < length) {
            room = AlignedBuffers.allocate(length);
        }
        return room.clear().limit(length);
    }

    /** Returns how many of the bytes that can't be read were not tried by themselves. */
    public long skippedBytes() {
        return sectors.skippedBytes();
    }
}

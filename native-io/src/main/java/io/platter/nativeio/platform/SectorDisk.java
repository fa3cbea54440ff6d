package io.platter.nativeio.platform;

import io.platter.block.AlignedBuffers;
import io.platter.block.Backing;
import io.platter.block.DiskUse;
import io.platter.device.DiskCapabilities;
import io.platter.device.DiskDescription;
import io.platter.device.RawDisk;
import io.platter.device.SystemPartition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Any bytes of a device that moves whole sectors from and to aligned memory.
 *
 * <p>Memory: one aligned buffer of {@value #BUFFER_SIZE} bytes for each thread that was inside at the same time.
 *
 * <p>Safe for use by several threads, as far as they do not touch the same bytes.
 */
public final class SectorDisk implements RawDisk {
    private static final int BUFFER_SIZE = 1 << 20;

    /** Strict enough for any controller; a page on most processors. In bytes. */
    private final DiskChannel channel;

    private final DiskDescription description;
    private final DiskCapabilities capabilities;
    private final List<Backing> backing;
    private final boolean writable;
    private final int sectorSize;
    private final Queue<ByteBuffer> buffers = new ConcurrentLinkedQueue<>();

    /** Held while a part of a sector is written, so that two threads do not undo each other's part. */
    private final Object partialSector = new Object();

    /**
     * Creates the disk, which closes the channel when it is closed.
     *
     * @param backing on what the disk stands
     * @param writable whether the channel was opened for writing
     */
    public SectorDisk(
            DiskChannel channel,
            DiskDescription description,
            DiskCapabilities capabilities,
            List<Backing> backing,
            boolean writable) {
        this.channel = channel;
        this.description = description;
        this.capabilities = capabilities;
        this.backing = List.copyOf(backing);
        this.writable = writable;
        this.sectorSize = description.logicalSectorSize();
    }

    @Override
    public DiskDescription description() {
        return description;
    }

    @Override
    public DiskCapabilities capabilities() {
        return capabilities;
    }

    @Override
    public List<Backing> backing() {
        return backing;
    }

    @Override
    public List<DiskUse> uses() {
        return description.uses();
    }

    @Override
    public String name() {
        return description.path().toString();
    }

    @Override
    public long size() {
        return description.size();
    }

    @Override
    public int logicalSectorSize() {
        return sectorSize;
    }

    @Override
    public int physicalSectorSize() {
        return description.physicalSectorSize();
    }

    @Override
    public boolean isWritable() {
        return writable;
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        check(diskOffset, target.remaining());
        if (target.hasRemaining() && isWhole(diskOffset, target)) {
            channel.read(target, diskOffset);
            return;
        }
        ByteBuffer buffer = takeBuffer();
        try {
            for (long position = diskOffset; target.hasRemaining(); ) {
                long start = sectorStart(position);
                load(buffer, start, target.remaining() + (position - start));
                buffer.position((int) (position - start));
                int count = Math.min(buffer.remaining(), target.remaining());
                target.put(buffer.limit(buffer.position() + count));
                position += count;
            }
        } finally {
            buffers.add(buffer);
        }
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) throws IOException {
        check(diskOffset, source.remaining());
        checkWritable();
        if (source.hasRemaining() && isWhole(diskOffset, source)) {
            channel.write(source, diskOffset);
            return;
        }
        ByteBuffer buffer = takeBuffer();
        try {
            for (long position = diskOffset; source.hasRemaining(); ) {
                position += sectorStart(position) == position && source.remaining() >= sectorSize
                        ? writeSectors(buffer, source, position)
                        : writePart(buffer, source, position);
            }
        } finally {
            buffers.add(buffer);
        }
    }

    /** Writes as many whole sectors as are left and fit. */
    private int writeSectors(ByteBuffer buffer, ByteBuffer source, long position) throws IOException {
        int count = Math.min(buffer.capacity(), source.remaining()) / sectorSize * sectorSize;
        buffer.clear().put(source.duplicate().limit(source.position() + count)).flip();
        channel.write(buffer, position);
        source.position(source.position() + count);
        return count;
    }

    /** Writes what goes into the sector at a position, and leaves its other bytes as they are. */
    private int writePart(ByteBuffer buffer, ByteBuffer source, long position) throws IOException {
        long start = sectorStart(position);
        synchronized (partialSector) {
            load(buffer, start, sectorSize);
            int count = (int) Math.min(sectorSize - (position - start), source.remaining());
            buffer.position((int) (position - start)).put(source.duplicate().limit(source.position() + count));
            channel.write(buffer.rewind(), start);
            source.position(source.position() + count);
            return count;
        }
    }

    @Override
    public void zero(long diskOffset, long length) throws IOException {
        check(diskOffset, length);
        checkWritable();
        long start = Math.min(sectorEnd(diskOffset), diskOffset + length);
        long end = Math.max(start, sectorStart(diskOffset + length));
        writeZeros(diskOffset, start - diskOffset);
        if (end > start && !channel.zero(start, end - start)) {
            writeZeros(start, end - start);
        }
        writeZeros(end, diskOffset + length - end);
    }

    private void writeZeros(long diskOffset, long length) throws IOException {
        if (length > 0) {
            RawDisk.super.zero(diskOffset, length);
        }
    }

    @Override
    public boolean discard(long diskOffset, long length) throws IOException {
        check(diskOffset, length);
        checkWritable();
        long start = sectorEnd(diskOffset);
        long end = sectorStart(diskOffset + length);
        return end > start && channel.discard(start, end - start);
    }

    @Override
    public Optional<String> state() throws IOException {
        return channel.state();
    }

    @Override
    public void flush() throws IOException {
        channel.flush();
    }

    @Override
    public void willRead(long diskOffset, long length) {
        check(diskOffset, length);
        channel.willRead(diskOffset, length);
    }

    @Override
    public void dropCache(long diskOffset, long length) {
        check(diskOffset, length);
        channel.dropCache(diskOffset, length);
    }

    @Override
    public List<SystemPartition> announce(List<SystemPartition> partitions, Duration timeout) throws IOException {
        for (SystemPartition partition : partitions) {
            check(partition.diskOffset(), partition.size());
        }
        checkWritable();
        return channel.announce(List.copyOf(partitions), timeout);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Reads whole sectors from one's start on, at least {@code needed} bytes if they fit. */
    private void load(ByteBuffer buffer, long start, long needed) throws IOException {
        channel.read(buffer.clear().limit((int) Math.min(sectorEnd(needed), buffer.capacity())), start);
        buffer.flip();
    }

    private boolean isWhole(long diskOffset, ByteBuffer buffer) {
        return buffer.isDirect()
                && diskOffset % sectorSize == 0
                && buffer.remaining() % sectorSize == 0
                && buffer.alignmentOffset(buffer.position(), sectorSize) == 0;
    }

    private ByteBuffer takeBuffer() {
        ByteBuffer buffer = buffers.poll();
        return buffer != null ? buffer : AlignedBuffers.allocate(BUFFER_SIZE);
    }

    private long sectorStart(long offset) {
        return offset - offset % sectorSize;
    }

    private long sectorEnd(long offset) {
        return sectorStart(offset + sectorSize - 1);
    }

    private void check(long diskOffset, long length) {
        if (diskOffset < 0 || length < 0 || diskOffset > size() - length) {
            throw new IllegalArgumentException("range of " + length + " bytes at disk offset " + diskOffset
                    + " is not inside " + name() + " of " + size() + " bytes");
        }
    }

    private void checkWritable() {
        if (!writable) {
            throw new IllegalStateException(name() + " is open for reading only");
        }
    }
}

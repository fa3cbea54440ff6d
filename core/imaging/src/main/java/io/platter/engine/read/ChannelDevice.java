package io.platter.engine.read;

import io.platter.block.Backed;
import io.platter.block.Backing;
import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.List;

/**
 * A seekable channel as a device for reading; the caller closes the channel. One that an interrupt closes, as the JDK's
 * {@code FileChannel}, is closed by the interrupt of a thread that reads.
 *
 * <p>Safe for use by several threads, one of which reads at a time.
 */
public final class ChannelDevice implements BlockDevice {
    private final String name;
    private final SeekableByteChannel channel;
    private final long size;

    /** Takes a channel, whose size must not change. */
    public ChannelDevice(SeekableByteChannel channel) throws IOException {
        this("image channel", channel);
    }

    /**
     * Takes a channel.
     *
     * @param name the name by which messages call it
     * @param channel what is in it now does not change
     */
    public ChannelDevice(String name, SeekableByteChannel channel) throws IOException {
        this.name = name;
        this.channel = channel;
        this.size = channel.size();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int logicalSectorSize() {
        return 512;
    }

    @Override
    public boolean isWritable() {
        return false;
    }

    @Override
    public List<Backing> backing() throws IOException {
        return channel instanceof Backed known ? known.backing() : List.of();
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        if (diskOffset < 0 || diskOffset > size - target.remaining()) {
            throw new IllegalArgumentException("range of " + target.remaining() + " bytes at offset " + diskOffset
                    + " is not inside " + name() + " of " + size + " bytes");
        }
        synchronized (channel) {
            channel.position(diskOffset);
            while (target.hasRemaining()) {
                if (channel.read(target) < 0) {
                    throw new DeviceException(name(), "read", channel.position(), 0, "unexpected end", null);
                }
            }
        }
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) {
        throw new IllegalStateException(name() + " is open for reading only");
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}

package io.platter.engine.pack;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** A pipe, or any channel that takes bytes in order; the caller closes it. */
public final class ChannelStorage implements Storage {
    private final WritableByteChannel channel;

    /** Takes a channel, which stays open. */
    public ChannelStorage(WritableByteChannel channel) {
        this.channel = channel;
    }

    @Override
    public String name() {
        return "image channel";
    }

    @Override
    public void write(ByteBuffer bytes, long position) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public void flush() {}

    @Override
    public void force() {}

    @Override
    public void close() {}
}

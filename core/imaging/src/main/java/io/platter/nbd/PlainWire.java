package io.platter.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A socket as it is. */
final class PlainWire implements Wire {
    private final SocketChannel channel;

    PlainWire(SocketChannel channel) throws IOException {
        this.channel = channel;
        if (channel.getRemoteAddress() instanceof InetSocketAddress) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        }
    }

    /** Connects to a server, by the first of its host's addresses that answers. */
    static PlainWire connect(NbdUri uri) throws IOException {
        if (uri.socket().isPresent()) {
            return connect(
                    SocketChannel.open(StandardProtocolFamily.UNIX),
                    UnixDomainSocketAddress.of(uri.socket().get()));
        }
        IOException failure = new IOException("the host has no address");
        for (InetAddress address : InetAddress.getAllByName(uri.host())) {
            try {
                return connect(SocketChannel.open(), new InetSocketAddress(address, uri.port()));
            } catch (IOException e) {
                failure = e;
            }
        }
        throw failure;
    }

    private static PlainWire connect(SocketChannel channel, SocketAddress address) throws IOException {
        try {
            channel.connect(address);
            return new PlainWire(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public void read(ByteBuffer target) throws IOException {
        while (target.hasRemaining()) {
            if (channel.read(target) < 0) {
                throw new EOFException("the connection ended");
            }
        }
    }

    /** Reads what is there, at least one byte, into a buffer; returns -1 at the end. */
    int readSome(ByteBuffer target) throws IOException {
        return channel.read(target);
    }

    @Override
    public void write(ByteBuffer... sources) throws IOException {
        int first = 0;
        while (first < sources.length) {
            if (!sources[first].hasRemaining()) {
                first++;
                continue;
            }
            channel.write(sources, first, Math.min(sources.length - first, 16));
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

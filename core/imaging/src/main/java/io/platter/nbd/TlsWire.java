package io.platter.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** A socket under TLS, by the JDK's engine. */
final class TlsWire implements Wire {
    private final PlainWire socket;
    private final SSLEngine engine;
    /** Held while bytes are wrapped and sent: by the writer, and by the reader where the engine must answer. */
    private final Object sending = new Object();

    /** What came from the socket and is not decrypted yet; ready to be filled. */
    private final ByteBuffer received;
    /** What is decrypted and nobody has read yet; ready to be taken. */
    private ByteBuffer plain;

    private final ByteBuffer toSend;
    private boolean ended;

    private TlsWire(PlainWire socket, SSLEngine engine) {
        this.socket = socket;
        this.engine = engine;
        this.received = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        this.toSend = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        this.plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize())
                .limit(0);
    }

    /** Shakes hands over a socket. */
    static TlsWire over(PlainWire socket, SSLEngine engine) throws IOException {
        TlsWire wire = new TlsWire(socket, engine);
        engine.beginHandshake();
        wire.shakeHands();
        return wire;
    }

    private void shakeHands() throws IOException {
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_WRAP -> wrap(ByteBuffer.allocate(0));
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> unwrap();
                case NEED_TASK -> runTasks();
                case FINISHED, NOT_HANDSHAKING -> {
                    return;
                }
                default -> throw new SSLException("handshake state " + engine.getHandshakeStatus());
            }
            if (ended) {
                throw new EOFException("the connection ended during the TLS handshake");
            }
        }
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    @Override
    public void read(ByteBuffer target) throws IOException {
        while (target.hasRemaining()) {
            if (!plain.hasRemaining()) {
                unwrap();
                answer();
                if (ended && !plain.hasRemaining()) {
                    throw new EOFException("the connection ended");
                }
                continue;
            }
            int count = Math.min(target.remaining(), plain.remaining());
            target.put(target.position(), plain, plain.position(), count);
            target.position(target.position() + count);
            plain.position(plain.position() + count);
        }
    }

    /** Decrypts one record more, after reading as much as it takes. Reader's thread only. */
    private void unwrap() throws IOException {
        while (true) {
            plain.clear();
            received.flip();
            SSLEngineResult result = engine.unwrap(received, plain);
            received.compact();
            plain.flip();
            switch (result.getStatus()) {
                case OK -> {
                    return;
                }
                case CLOSED -> {
                    ended = true;
                    return;
                }
                case BUFFER_OVERFLOW ->
                    plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize())
                            .limit(0);
                case BUFFER_UNDERFLOW -> {
                    if (socket.readSome(received) < 0) {
                        ended = true;
                        engine.closeInbound(); // throws if the peer did not say that it ends: bytes may be missing
                        return;
                    }
                }
            }
        }
    }

    /** Does what the engine wants after a record, such as a new key. */
    private void answer() throws IOException {
        HandshakeStatus status = engine.getHandshakeStatus();
        if (status == HandshakeStatus.NEED_TASK) {
            runTasks();
        } else if (status == HandshakeStatus.NEED_WRAP) {
            wrap(ByteBuffer.allocate(0));
        }
    }

    @Override
    public void write(ByteBuffer... sources) throws IOException {
        for (ByteBuffer source : sources) {
            while (source.hasRemaining()) {
                wrap(source);
            }
        }
    }

    private void wrap(ByteBuffer source) throws IOException {
        synchronized (sending) {
            SSLEngineResult result = engine.wrap(source, toSend.clear());
            socket.write(toSend.flip());
            if (result.getStatus() == SSLEngineResult.Status.CLOSED && source.hasRemaining()) {
                throw new EOFException("the connection ended");
            }
        }
    }

    @Override
    public void close() throws IOException {
        // The peer is told where that does not wait for it: whoever holds the lock may wait for a peer that reads
        // nothing.
        engine.closeOutbound();
        socket.close();
    }
}

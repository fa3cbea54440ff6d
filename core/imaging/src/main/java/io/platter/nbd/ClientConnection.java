package io.platter.nbd;

import io.platter.bytes.Zeros;
import java.io.EOFException;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a server, over which any number of requests are on their way at once.
 *
 * <p>Safe for use by several threads.
 */
final class ClientConnection {
    /** More than a description of runs of one request can need, in bytes: 2^16 runs. */
    private static final int MAX_STATUS = 1 << 19;

    private final NbdUri uri;
    private final ClientHandshake.Agreement agreement;
    private final Wire wire;
    private final Outbox outbox;
    private final Map<Long, Call> calls = new ConcurrentHashMap<>();
    private final AtomicLong cookies = new AtomicLong();
    private volatile @Nullable IOException lost;

    private ClientConnection(NbdUri uri, ClientHandshake.Agreement agreement) {
        this.uri = uri;
        this.agreement = agreement;
        this.wire = agreement.wire();
        this.outbox = new Outbox(wire, this::breakOff);
    }

    /** Connects and shakes hands. */
    static ClientConnection open(NbdUri uri, Optional<SSLContext> tls) throws IOException {
        PlainWire socket;
        try {
            socket = PlainWire.connect(uri);
        } catch (UnknownHostException e) {
            throw new NbdException(uri, "the host is not known", e);
        } catch (IOException e) {
            throw new NbdException(uri, "can't be reached: " + e.getMessage(), e);
        }
        try {
            ClientConnection connection = new ClientConnection(uri, new ClientHandshake(uri, tls, socket).run());
            connection.outbox.start();
            Thread receiver = new Thread(connection::receiveAll, "platter-nbd-receive");
            receiver.setDaemon(true);
            receiver.start();
            return connection;
        } catch (NbdException e) {
            socket.close();
            throw e;
        } catch (IOException e) {
            socket.close();
            throw new NbdException(uri, "the handshake failed: " + e.getMessage(), e);
        }
    }

    ClientHandshake.Agreement agreement() {
        return agreement;
    }

    boolean isLost() {
        return lost != null;
    }

    /**
     * Sends a request.
     *
     * @param payload the bytes of a write, which stay as they are until the answer is there; else null
     * @param target where the bytes of a read go; else null
     */
    Call send(
            int type, int flags, long offset, long length, @Nullable ByteBuffer payload, @Nullable ByteBuffer target) {
        Call call =
                new Call(new Request(type, flags, cookies.incrementAndGet(), offset, length, Request.NOTHING), target);
        calls.put(call.request().cookie(), call);
        ByteBuffer head = ByteBuffer.allocate(Protocol.REQUEST_LENGTH)
                .putInt(Protocol.REQUEST_MAGIC)
                .putShort((short) flags)
                .putShort((short) type)
                .putLong(call.request().cookie())
                .putLong(offset)
                .putInt((int) length)
                .flip();
        if (payload == null) {
            outbox.send(() -> {}, head);
        } else {
            outbox.send(() -> {}, head, payload);
        }
        if (isLost()) {
            lose(call.request().cookie());
        }
        return call;
    }

    private void receiveAll() {
        try {
            while (true) {
                receive();
            }
        } catch (EOFException e) {
            breakOff(new IOException("the server ended it", e));
        } catch (IOException e) {
            breakOff(e);
        } catch (RuntimeException | Error e) {
            breakOff(new IOException(e));
        }
        // Here, and nowhere else: as long as this thread runs, it may write to the callers' memory.
        for (Long cookie : Set.copyOf(calls.keySet())) {
            lose(cookie);
        }
        outbox.end();
    }

    /** Ends the connection; the receiving thread notices, and tells all who wait. */
    private void breakOff(IOException cause) {
        synchronized (this) {
            if (lost == null) {
                lost = cause instanceof NbdException
                        ? cause
                        : new NbdException(uri, "the connection was lost: " + cause.getMessage(), cause);
            }
        }
        try {
            wire.close();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private void lose(Long cookie) {
        Call call = calls.remove(cookie);
        IOException cause = lost;
        if (call != null && cause != null) {
            call.lose(cause);
        }
    }

    private void receive() throws IOException {
        ByteBuffer head = wire.read(Protocol.SIMPLE_REPLY_LENGTH);
        int magic = head.getInt();
        if (magic == Protocol.SIMPLE_REPLY_MAGIC) {
            int error = head.getInt();
            Call call = call(head.getLong());
            if (error != 0) {
                call.fail(new Call.Failure(error, -1, Protocol.errorText(error)));
            } else if (call.request().type() == Protocol.CMD_READ) {
                wire.read(place(call, call.request().offset(), call.request().length()));
            }
            end(call);
        } else if (magic == Protocol.STRUCTURED_REPLY_MAGIC && agreement.structured()) {
            int flags = Short.toUnsignedInt(head.getShort());
            int type = Short.toUnsignedInt(head.getShort());
            Call call = call(head.getLong());
            long length = Integer.toUnsignedLong(wire.read(4).getInt());
            receiveChunk(call, type, length);
            if ((flags & Protocol.REPLY_FLAG_DONE) != 0) {
                end(call);
            }
        } else {
            throw new NbdException(uri, "an answer that starts with 0x%x".formatted(magic), null);
        }
    }

    private Call call(long cookie) throws NbdException {
        Call call = calls.get(cookie);
        if (call == null) {
            throw new NbdException(uri, "an answer to a request that was not made: " + cookie, null);
        }
        return call;
    }

    private void end(Call call) throws NbdException {
        calls.remove(call.request().cookie());
        if (!call.isFilled()) {
            call.fail(new Call.Failure(Protocol.EIO, -1, "the server gave fewer bytes than were asked for"));
        }
        call.end();
    }

    private ByteBuffer place(Call call, long diskOffset, long length) throws NbdException {
        return call.place(diskOffset, length)
                .orElseThrow(() ->
                        new NbdException(uri, "bytes that were not asked for: " + length + " at " + diskOffset, null));
    }

    private void receiveChunk(Call call, int type, long length) throws IOException {
        switch (type) {
            case Protocol.REPLY_NONE -> checkLength(type, length, 0, 0);
            case Protocol.REPLY_OFFSET_DATA -> {
                checkLength(type, length, 9, 8L + Protocol.MAX_PAYLOAD);
                long diskOffset = wire.read(8).getLong();
                wire.read(place(call, diskOffset, length - 8));
            }
            case Protocol.REPLY_OFFSET_HOLE -> {
                checkLength(type, length, 12, 12);
                ByteBuffer hole = wire.read(12);
                long diskOffset = hole.getLong();
                ByteBuffer place = place(call, diskOffset, Integer.toUnsignedLong(hole.getInt()));
                Zeros.put(place, place.remaining());
            }
            case Protocol.REPLY_BLOCK_STATUS -> {
                checkLength(type, length, 12, MAX_STATUS);
                ByteBuffer status = wire.read((int) length);
                boolean isAllocation = agreement.allocation().equals(Optional.of(status.getInt()));
                while (status.remaining() >= 8) {
                    Call.Run run = new Call.Run(Integer.toUnsignedLong(status.getInt()), status.getInt());
                    if (isAllocation) {
                        call.add(run);
                    }
                }
            }
            default -> {
                if ((type & Protocol.REPLY_IS_ERROR) == 0) {
                    throw new NbdException(uri, "a chunk of unknown type " + type, null);
                }
                checkLength(type, length, 6, 16 + Protocol.MAX_STRING);
                receiveError(call, type, wire.read((int) length));
            }
        }
    }

    private static void receiveError(Call call, int type, ByteBuffer chunk) {
        int error = chunk.getInt();
        int textLength = Math.min(Short.toUnsignedInt(chunk.getShort()), chunk.remaining());
        String text = Wire.text(chunk, textLength);
        boolean hasPlace = type == Protocol.REPLY_ERROR_OFFSET && chunk.remaining() >= 8;
        call.fail(new Call.Failure(
                error, hasPlace ? chunk.getLong() : -1, text.isEmpty() ? Protocol.errorText(error) : printable(text)));
    }

    /** Returns a server's text as one that does no harm to a terminal. */
    private static String printable(String text) {
        return text.codePoints()
                .mapToObj(point -> Character.isISOControl(point) ? "?" : Character.toString(point))
                .collect(java.util.stream.Collectors.joining());
    }

    private void checkLength(int type, long length, long least, long most) throws NbdException {
        if (length < least || length > most) {
            throw new NbdException(
                    uri,
                    "a chunk of type " + type + " of " + length + " bytes, expected " + least + " to " + most,
                    null);
        }
    }

    /** Says goodbye, and ends. */
    void close() throws IOException {
        send(Protocol.CMD_DISC, 0, 0, 0, null, null);
        outbox.end();
        breakOff(new NbdException(uri, "the connection is closed", null));
    }
}

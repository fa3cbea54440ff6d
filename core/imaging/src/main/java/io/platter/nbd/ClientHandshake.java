package io.platter.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * A client's side of the fixed newstyle handshake.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class ClientHandshake {
    /** More than any answer of a server to an option needs, in bytes. */
    private static final int MAX_REPLY = 64 << 10;

    /**
     * What was agreed on.
     *
     * @param size of the export, in bytes
     * @param flags of the transmission
     * @param structured whether replies are structured
     * @param allocation the number of {@code base:allocation}, or empty if the server does not tell it
     * @param minimum the size in which the server wants requests to start and to end, in bytes
     * @param maximum the longest request of bytes, in bytes
     */
    record Agreement(
            Wire wire,
            long size,
            int flags,
            boolean structured,
            Optional<Integer> allocation,
            int minimum,
            int maximum) {
        boolean has(int flag) {
            return (flags & flag) != 0;
        }
    }

    /** An answer to an option. */
    private record Reply(int type, ByteBuffer data) {
        boolean isError() {
            return type < 0;
        }

        String reason() {
            String text = Wire.text(data.duplicate(), data.remaining());
            String name =
                    switch (type) {
                        case Protocol.REP_ERR_UNSUP -> "not supported";
                        case Protocol.REP_ERR_POLICY -> "forbidden";
                        case Protocol.REP_ERR_INVALID -> "invalid";
                        case Protocol.REP_ERR_TLS_REQD -> "TLS is needed: nbds in place of nbd";
                        case Protocol.REP_ERR_UNKNOWN -> "no such export";
                        case Protocol.REP_ERR_SHUTDOWN -> "shutting down";
                        case Protocol.REP_ERR_BLOCK_SIZE_REQD -> "it needs to be asked for its block size";
                        default -> "error 0x%x".formatted(type);
                    };
            return text.isEmpty() ? name : name + ": " + text;
        }
    }

    private final NbdUri uri;
    private final Optional<SSLContext> tls;
    private Wire wire;
    private boolean noZeroes;

    ClientHandshake(NbdUri uri, Optional<SSLContext> tls, Wire wire) {
        this.uri = uri;
        this.tls = tls;
        this.wire = wire;
    }

    Agreement run() throws IOException {
        try {
            return shakeHands();
        } catch (EOFException e) {
            throw new NbdException(uri, "the server ended the connection during the handshake", e);
        }
    }

    private Agreement shakeHands() throws IOException {
        ByteBuffer greeting = wire.read(16);
        long magic = greeting.getLong();
        long style = greeting.getLong();
        if (magic != Protocol.MAGIC) {
            throw broken("no NBD server: it begins with 0x%x".formatted(magic));
        }
        if (style == Protocol.OLD_STYLE_MAGIC) {
            throw broken("it only knows the old handshake, which has no export names");
        }
        if (style != Protocol.OPTION_MAGIC) {
            throw broken("handshake of an unknown style 0x%x".formatted(style));
        }
        int flags = Short.toUnsignedInt(wire.read(2).getShort());
        if ((flags & Protocol.FLAG_FIXED_NEWSTYLE) == 0) {
            throw broken("it only knows the handshake that was not fixed yet");
        }
        noZeroes = (flags & Protocol.FLAG_NO_ZEROES) != 0;
        wire.write(ByteBuffer.allocate(4)
                .putInt(Protocol.FLAG_FIXED_NEWSTYLE | (noZeroes ? Protocol.FLAG_NO_ZEROES : 0))
                .flip());
        if (uri.tls()) {
            startTls();
        }
        boolean structured =
                !ask(Protocol.OPT_STRUCTURED_REPLY, ByteBuffer.allocate(0)).isError();
        Optional<Integer> allocation = structured ? allocationContext() : Optional.empty();
        return go(structured, allocation);
    }

    private NbdException broken(String problem) {
        return new NbdException(uri, problem, null);
    }

    private void startTls() throws IOException {
        Reply reply = ask(Protocol.OPT_STARTTLS, ByteBuffer.allocate(0));
        if (reply.isError() || !(wire instanceof PlainWire socket)) {
            throw broken("TLS is refused: " + reply.reason());
        }
        SSLContext context = tls.isPresent() ? tls.get() : ofTheJdk();
        SSLEngine engine =
                uri.host().isEmpty() ? context.createSSLEngine() : context.createSSLEngine(uri.host(), uri.port());
        engine.setUseClientMode(true);
        if (!uri.host().isEmpty()) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            engine.setSSLParameters(parameters);
        }
        wire = TlsWire.over(socket, engine);
    }

    private SSLContext ofTheJdk() throws NbdException {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new NbdException(uri, "the JDK has no TLS: " + e.getMessage(), e);
        }
    }

    private Optional<Integer> allocationContext() throws IOException {
        byte[] name = name();
        byte[] query = Protocol.BASE_ALLOCATION.getBytes(StandardCharsets.US_ASCII);
        send(
                Protocol.OPT_SET_META_CONTEXT,
                ByteBuffer.allocate(12 + name.length + query.length)
                        .putInt(name.length)
                        .put(name)
                        .putInt(1)
                        .putInt(query.length)
                        .put(query)
                        .flip());
        Optional<Integer> number = Optional.empty();
        Reply reply = receive(Protocol.OPT_SET_META_CONTEXT);
        for (; reply.type() == Protocol.REP_META_CONTEXT; reply = receive(Protocol.OPT_SET_META_CONTEXT)) {
            if (reply.data().remaining() > 4) {
                int id = reply.data().getInt();
                if (Wire.text(reply.data(), reply.data().remaining()).equals(Protocol.BASE_ALLOCATION)) {
                    number = Optional.of(id);
                }
            }
        }
        return reply.isError() ? Optional.empty() : number;
    }

    private byte[] name() {
        return uri.export().getBytes(StandardCharsets.UTF_8);
    }

    private Agreement go(boolean structured, Optional<Integer> allocation) throws IOException {
        byte[] name = name();
        send(
                Protocol.OPT_GO,
                ByteBuffer.allocate(8 + name.length)
                        .putInt(name.length)
                        .put(name)
                        .putShort((short) 1)
                        .putShort((short) Protocol.INFO_BLOCK_SIZE)
                        .flip());
        long size = -1;
        int flags = 0;
        int minimum = 1;
        int maximum = Protocol.MAX_PAYLOAD;
        Reply reply = receive(Protocol.OPT_GO);
        for (; reply.type() == Protocol.REP_INFO; reply = receive(Protocol.OPT_GO)) {
            ByteBuffer data = reply.data();
            int kind = data.remaining() < 2 ? -1 : Short.toUnsignedInt(data.getShort());
            if (kind == Protocol.INFO_EXPORT && data.remaining() == 10) {
                size = data.getLong();
                flags = Short.toUnsignedInt(data.getShort());
            } else if (kind == Protocol.INFO_BLOCK_SIZE && data.remaining() == 12) {
                minimum = data.getInt();
                maximum = data.getInt(data.position() + 4);
            }
        }
        if (reply.type() == Protocol.REP_ERR_UNSUP) {
            return exportName(structured, allocation);
        }
        if (reply.isError()) {
            throw broken(reply.reason());
        }
        return agreement(size, flags, structured, allocation, minimum, maximum);
    }

    /** What servers want that do not know GO. */
    private Agreement exportName(boolean structured, Optional<Integer> allocation) throws IOException {
        send(Protocol.OPT_EXPORT_NAME, ByteBuffer.wrap(name()));
        ByteBuffer export = wire.read(10);
        if (!noZeroes) {
            wire.skip(124);
        }
        return agreement(
                export.getLong(),
                Short.toUnsignedInt(export.getShort()),
                structured,
                allocation,
                1,
                Protocol.MAX_PAYLOAD);
    }

    private Agreement agreement(
            long size, int flags, boolean structured, Optional<Integer> allocation, int minimum, int maximum)
            throws NbdException {
        if (size < 0 || (flags & Protocol.HAS_FLAGS) == 0) {
            throw broken("an export of " + Long.toUnsignedString(size) + " bytes with flags 0x%x".formatted(flags));
        }
        if (minimum < 1 || minimum > 1 << 16 || Integer.bitCount(minimum) != 1) {
            throw broken("blocks of at least " + Integer.toUnsignedString(minimum) + " bytes, expected 1 to 65536");
        }
        // 2^32 - 1 stands for no limit; all servers take 32 MiB.
        int most = maximum < 0 ? Protocol.MAX_PAYLOAD : Math.min(maximum, Protocol.MAX_PAYLOAD);
        if (most < minimum) {
            throw broken("requests of at most " + most + " bytes, and of at least " + minimum);
        }
        return new Agreement(wire, size, flags, structured, allocation, minimum, most - most % minimum);
    }

    private Reply ask(int option, ByteBuffer data) throws IOException {
        send(option, data);
        return receive(option);
    }

    private void send(int option, ByteBuffer data) throws IOException {
        wire.write(
                ByteBuffer.allocate(16)
                        .putLong(Protocol.OPTION_MAGIC)
                        .putInt(option)
                        .putInt(data.remaining())
                        .flip(),
                data);
    }

    private Reply receive(int option) throws IOException {
        ByteBuffer head = wire.read(20);
        long magic = head.getLong();
        int about = head.getInt();
        int type = head.getInt();
        int length = head.getInt();
        if (magic != Protocol.OPTION_REPLY_MAGIC || about != option) {
            throw broken(
                    "an answer to option " + about + " with 0x%x, expected one to option %d".formatted(magic, option));
        }
        if (length < 0 || length > MAX_REPLY) {
            throw broken("an answer of " + Integer.toUnsignedString(length) + " bytes to option " + option);
        }
        return new Reply(type, wire.read(length));
    }
}

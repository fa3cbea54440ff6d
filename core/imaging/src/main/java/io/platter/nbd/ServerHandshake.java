package io.platter.nbd;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLEngine;

/**
 * A server's side of the fixed newstyle handshake: what the client and it agree on before the first request.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class ServerHandshake {
    /**
     * What was agreed on.
     *
     * @param wire the connection, by now perhaps under TLS
     * @param structured whether replies are structured
     * @param contexts what the client may ask of runs
     */
    record Agreement(Wire wire, NbdExport export, boolean structured, Set<MetaContext> contexts) {}

    private final NbdServer server;
    private final PlainWire socket;
    private Wire wire;
    private boolean isEncrypted;
    private boolean noZeroes;
    private boolean structured;
    private final Set<MetaContext> contexts = EnumSet.noneOf(MetaContext.class);
    private Optional<NbdExport> contextsOf = Optional.empty();

    ServerHandshake(NbdServer server, PlainWire socket) {
        this.server = server;
        this.socket = socket;
        this.wire = socket;
    }

    /** Shakes hands; returns nothing if the client wants nothing more. */
    Optional<Agreement> run() throws IOException {
        wire.write(ByteBuffer.allocate(18)
                .putLong(Protocol.MAGIC)
                .putLong(Protocol.OPTION_MAGIC)
                .putShort((short) (Protocol.FLAG_FIXED_NEWSTYLE | Protocol.FLAG_NO_ZEROES))
                .flip());
        int flags = wire.read(4).getInt();
        if ((flags & ~(Protocol.FLAG_FIXED_NEWSTYLE | Protocol.FLAG_NO_ZEROES)) != 0
                || (flags & Protocol.FLAG_FIXED_NEWSTYLE) == 0) {
            throw new ProtocolException("client flags 0x%x, expected 0x1 or 0x3".formatted(flags));
        }
        noZeroes = (flags & Protocol.FLAG_NO_ZEROES) != 0;
        while (true) {
            ByteBuffer head = wire.read(16);
            if (head.getLong() != Protocol.OPTION_MAGIC) {
                throw new ProtocolException("an option without its magic number");
            }
            int option = head.getInt();
            long length = Integer.toUnsignedLong(head.getInt());
            if (length > Protocol.MAX_OPTION) {
                wire.skip(length);
                reply(option, Protocol.REP_ERR_TOO_BIG, text("an option of " + length + " bytes"));
                continue;
            }
            ByteBuffer data = wire.read((int) length);
            if (option == Protocol.OPT_ABORT) {
                reply(option, Protocol.REP_ACK);
                return Optional.empty();
            }
            Optional<NbdExport> chosen = isPlainRefused(option) ? Optional.empty() : answer(option, data);
            if (chosen.isPresent()) {
                if (!contextsOf.equals(chosen)) {
                    contexts.clear();
                }
                return Optional.of(new Agreement(wire, chosen.get(), structured, contexts));
            }
        }
    }

    private boolean isPlainRefused(int option) throws IOException {
        if (server.tls().isEmpty() || isEncrypted || option == Protocol.OPT_STARTTLS) {
            return false;
        }
        if (option == Protocol.OPT_EXPORT_NAME) {
            throw new ProtocolException("a client without TLS, which this server demands");
        }
        reply(option, Protocol.REP_ERR_TLS_REQD, text("this server demands TLS"));
        return true;
    }

    /** Answers an option; returns the export if that ends the handshake. */
    private Optional<NbdExport> answer(int option, ByteBuffer data) throws IOException {
        switch (option) {
            case Protocol.OPT_EXPORT_NAME -> {
                return Optional.of(exportName(data));
            }
            case Protocol.OPT_INFO, Protocol.OPT_GO -> {
                return info(option, data);
            }
            case Protocol.OPT_LIST -> list(data);
            case Protocol.OPT_STARTTLS -> startTls(data);
            case Protocol.OPT_STRUCTURED_REPLY -> {
                if (isEmpty(option, data)) {
                    structured = true;
                    reply(option, Protocol.REP_ACK);
                }
            }
            case Protocol.OPT_LIST_META_CONTEXT, Protocol.OPT_SET_META_CONTEXT -> metaContexts(option, data);
            default -> reply(option, Protocol.REP_ERR_UNSUP, text("option " + Integer.toUnsignedString(option)));
        }
        return Optional.empty();
    }

    private boolean isEmpty(int option, ByteBuffer data) throws IOException {
        if (data.hasRemaining()) {
            reply(option, Protocol.REP_ERR_INVALID, text("data of " + data.remaining() + " bytes, expected none"));
        }
        return !data.hasRemaining();
    }

    /** What old clients do: no answer but the export itself, or the end. */
    private NbdExport exportName(ByteBuffer data) throws IOException {
        String name = Wire.text(data, data.remaining());
        NbdExport export =
                server.export(name).orElseThrow(() -> new ProtocolException("no export of the name " + shown(name)));
        wire.write(ByteBuffer.allocate(noZeroes ? 10 : 134)
                .putLong(export.device().size())
                .putShort((short) export.transmissionFlags())
                .rewind());
        return export;
    }

    private Optional<NbdExport> info(int option, ByteBuffer data) throws IOException {
        Optional<String> name = string(data);
        if (name.isEmpty() || data.remaining() < 2) {
            reply(option, Protocol.REP_ERR_INVALID, text("a name that is longer than its option"));
            return Optional.empty();
        }
        int count = Short.toUnsignedInt(data.getShort());
        if (data.remaining() != 2 * count) {
            reply(option, Protocol.REP_ERR_INVALID, text(count + " informations in " + data.remaining() + " bytes"));
            return Optional.empty();
        }
        Optional<NbdExport> found = server.export(name.get());
        if (found.isEmpty()) {
            reply(option, Protocol.REP_ERR_UNKNOWN, text("no export of the name " + shown(name.get())));
            return Optional.empty();
        }
        NbdExport export = found.get();
        reply(
                option,
                Protocol.REP_INFO,
                ByteBuffer.allocate(12)
                        .putShort((short) Protocol.INFO_EXPORT)
                        .putLong(export.device().size())
                        .putShort((short) export.transmissionFlags())
                        .flip());
        for (int i = 0; i < count; i++) {
            giveInfo(option, Short.toUnsignedInt(data.getShort()), export);
        }
        reply(option, Protocol.REP_ACK);
        return option == Protocol.OPT_GO ? found : Optional.empty();
    }

    private void giveInfo(int option, int information, NbdExport export) throws IOException {
        switch (information) {
            case Protocol.INFO_NAME -> reply(option, Protocol.REP_INFO, info(information, export.name()));
            case Protocol.INFO_DESCRIPTION -> {
                if (!export.description().isEmpty()) {
                    reply(option, Protocol.REP_INFO, info(information, export.description()));
                }
            }
            case Protocol.INFO_BLOCK_SIZE ->
                reply(
                        option,
                        Protocol.REP_INFO,
                        ByteBuffer.allocate(14)
                                .putShort((short) information)
                                .putInt(1)
                                .putInt(Math.max(4096, export.device().physicalSectorSize()))
                                .putInt(Protocol.MAX_PAYLOAD)
                                .flip());
            default -> {
                // The protocol lets a server pass over what it does not know.
            }
        }
    }

    private static ByteBuffer info(int information, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + bytes.length)
                .putShort((short) information)
                .put(bytes)
                .flip();
    }

    private void list(ByteBuffer data) throws IOException {
        if (!isEmpty(Protocol.OPT_LIST, data)) {
            return;
        }
        for (NbdExport export : server.exports()) {
            byte[] name = export.name().getBytes(StandardCharsets.UTF_8);
            byte[] description = export.description().getBytes(StandardCharsets.UTF_8);
            reply(
                    Protocol.OPT_LIST,
                    Protocol.REP_SERVER,
                    ByteBuffer.allocate(4 + name.length + description.length)
                            .putInt(name.length)
                            .put(name)
                            .put(description)
                            .flip());
        }
        reply(Protocol.OPT_LIST, Protocol.REP_ACK);
    }

    private void startTls(ByteBuffer data) throws IOException {
        if (!isEmpty(Protocol.OPT_STARTTLS, data)) {
            return;
        }
        if (server.tls().isEmpty()) {
            reply(Protocol.OPT_STARTTLS, Protocol.REP_ERR_POLICY, text("this server has no certificate"));
            return;
        }
        if (isEncrypted) {
            reply(Protocol.OPT_STARTTLS, Protocol.REP_ERR_INVALID, text("the connection is under TLS already"));
            return;
        }
        reply(Protocol.OPT_STARTTLS, Protocol.REP_ACK);
        SSLEngine engine = server.tls().get().createSSLEngine();
        engine.setUseClientMode(false);
        engine.setNeedClientAuth(server.wantsClientCertificates());
        wire = TlsWire.over(socket, engine);
        isEncrypted = true;
        // Whatever was agreed on in the open may have been somebody else's words.
        structured = false;
        contexts.clear();
        contextsOf = Optional.empty();
    }

    private void metaContexts(int option, ByteBuffer data) throws IOException {
        boolean isSet = option == Protocol.OPT_SET_META_CONTEXT;
        if (isSet) {
            contexts.clear();
            contextsOf = Optional.empty();
        }
        Optional<String> name = string(data);
        Optional<List<String>> queries = name.isEmpty() ? Optional.empty() : strings(data);
        if (name.isEmpty() || queries.isEmpty() || data.hasRemaining()) {
            reply(option, Protocol.REP_ERR_INVALID, text("queries that are longer than their option"));
            return;
        }
        if (isSet && !structured) {
            reply(option, Protocol.REP_ERR_INVALID, text("metadata contexts need structured replies"));
            return;
        }
        Optional<NbdExport> export = server.export(name.get());
        if (export.isEmpty()) {
            reply(option, Protocol.REP_ERR_UNKNOWN, text("no export of the name " + shown(name.get())));
            return;
        }
        for (MetaContext context : MetaContext.of(export.get())) {
            boolean isWanted = isSet
                    ? queries.get().contains(context.text())
                    : queries.get().isEmpty() || queries.get().stream().anyMatch(query -> lists(query, context.text()));
            if (isWanted) {
                reply(
                        option,
                        Protocol.REP_META_CONTEXT,
                        ByteBuffer.allocate(4 + context.text().length())
                                .putInt(isSet ? context.id() : 0)
                                .put(context.text().getBytes(StandardCharsets.US_ASCII))
                                .flip());
                if (isSet) {
                    contexts.add(context);
                }
            }
        }
        contextsOf = isSet ? export : contextsOf;
        reply(option, Protocol.REP_ACK);
    }

    /** Tells whether a query lists a context: it is its name, or that of a space that it is in, up to a colon. */
    private static boolean lists(String query, String context) {
        return query.equals(context) || (query.endsWith(":") && context.startsWith(query));
    }

    private static Optional<List<String>> strings(ByteBuffer data) {
        if (data.remaining() < 4) {
            return Optional.empty();
        }
        long count = Integer.toUnsignedLong(data.getInt());
        List<String> strings = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            Optional<String> next = string(data);
            if (next.isEmpty()) {
                return Optional.empty();
            }
            strings.add(next.get());
        }
        return Optional.of(strings);
    }

    /** Takes a string after its length; returns nothing if the data are shorter. */
    private static Optional<String> string(ByteBuffer data) {
        if (data.remaining() < 4) {
            return Optional.empty();
        }
        long length = Integer.toUnsignedLong(data.getInt());
        return length > data.remaining() ? Optional.empty() : Optional.of(Wire.text(data, (int) length));
    }

    private static String shown(String name) {
        return "\""
                + name.codePoints()
                        .limit(100)
                        .mapToObj(point -> Character.isISOControl(point) ? "?" : Character.toString(point))
                        .collect(java.util.stream.Collectors.joining())
                + "\"";
    }

    private static ByteBuffer text(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private void reply(int option, int type) throws IOException {
        reply(option, type, ByteBuffer.allocate(0));
    }

    private void reply(int option, int type, ByteBuffer data) throws IOException {
        wire.write(
                ByteBuffer.allocate(20)
                        .putLong(Protocol.OPTION_REPLY_MAGIC)
                        .putInt(option)
                        .putInt(type)
                        .putInt(data.remaining())
                        .flip(),
                data);
    }
}

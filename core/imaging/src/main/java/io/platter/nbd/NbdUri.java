package io.platter.nbd;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Where an NBD export is: {@code nbd://HOST:PORT/EXPORT}, or {@code nbd+unix:///EXPORT?socket=PATH}; with {@code nbds} in
 * place of {@code nbd} under TLS. By the NBD project's {@code doc/uri.md}.
 *
 * <p>Immutable.
 */
public final class NbdUri {
    /** The port that stands for none: 10809, as IANA has it. */
    public static final int DEFAULT_PORT = Protocol.PORT;

    private final boolean tls;
    private final String host;
    private final int port;
    private final Optional<Path> socket;
    private final String export;

    private NbdUri(boolean tls, String host, int port, Optional<Path> socket, String export) {
        this.tls = tls;
        this.host = host;
        this.port = port;
        this.socket = socket;
        this.export = Objects.requireNonNull(export, "export");
        if (export.getBytes(StandardCharsets.UTF_8).length > Protocol.MAX_STRING) {
            throw new IllegalArgumentException(
                    "an export's name of more than " + Protocol.MAX_STRING + " bytes: " + export.substring(0, 40));
        }
    }

    /**
     * Returns an address of a server on a network.
     *
     * @param port 1 to 65,535
     * @param export the export's name; the empty one is the server's default
     */
    public static NbdUri tcp(String host, int port, String export) {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + ", expected 1 to 65535");
        }
        return new NbdUri(false, Objects.requireNonNull(host, "host"), port, Optional.empty(), export);
    }

    /** Returns an address of a server on a Unix socket. */
    public static NbdUri unix(Path socket, String export) {
        return new NbdUri(false, "", 0, Optional.of(socket), export);
    }

    /** Tells whether a text starts as an address does. */
    public static boolean matches(String text) {
        return text.matches("(?i)nbds?(\\+unix)?://.*");
    }

    /**
     * Returns the address that a text says.
     *
     * @throws IllegalArgumentException if it says none
     */
    public static NbdUri parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw wrong(text, e.getReason());
        }
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(java.util.Locale.ROOT);
        if (!matches(text)) {
            throw wrong(text, "expected nbd://HOST/EXPORT or nbd+unix:///EXPORT?socket=PATH");
        }
        boolean tls = scheme.startsWith("nbds");
        String path = uri.getPath() == null ? "" : uri.getPath();
        String export = path.startsWith("/") ? path.substring(1) : path;
        NbdUri plain = scheme.endsWith("+unix")
                ? unix(socketOf(text, uri), export)
                : tcp(hostOf(text, uri), uri.getPort() < 0 ? Protocol.PORT : uri.getPort(), export);
        return tls ? plain.underTls() : plain;
    }

    private static String hostOf(String text, URI uri) {
        if (uri.getRawQuery() != null) {
            throw wrong(text, "unknown parameter " + uri.getRawQuery());
        }
        if (uri.getHost() == null) {
            throw wrong(text, "no host");
        }
        String host = uri.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static Path socketOf(String text, URI uri) {
        String query = uri.getRawQuery();
        if (query == null || !query.startsWith("socket=") || query.contains("&")) {
            throw wrong(text, "expected ?socket=PATH and nothing besides");
        }
        try {
            return Path.of(
                    URLDecoder.decode(query.substring("socket=".length()).replace("+", "%2B"), StandardCharsets.UTF_8));
        } catch (InvalidPathException e) {
            throw wrong(text, e.getReason());
        }
    }

    private static IllegalArgumentException wrong(String text, String reason) {
        return new IllegalArgumentException("NBD address " + text + ": " + reason);
    }

    /** Returns this address under TLS. */
    public NbdUri underTls() {
        return new NbdUri(true, host, port, socket, export);
    }

    /** Tells whether the connection is under TLS. */
    public boolean tls() {
        return tls;
    }

    /** Returns the host, empty for a Unix socket. */
    public String host() {
        return host;
    }

    /** Returns the port, 0 for a Unix socket. */
    public int port() {
        return port;
    }

    /** Returns the Unix socket, unless the server is on a network. */
    public Optional<Path> socket() {
        return socket;
    }

    /** Returns the export's name. */
    public String export() {
        return export;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NbdUri uri && toString().equals(uri.toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    /** Returns the text that {@link #parse} reads. */
    @Override
    public String toString() {
        String scheme = tls ? "nbds" : "nbd";
        if (socket.isPresent()) {
            return scheme + "+unix:///" + encoded(export) + "?socket="
                    + encoded(socket.get().toString()).replace("%2F", "/");
        }
        String shown = host.contains(":") ? "[" + host + "]" : host;
        return scheme + "://" + shown + (port == Protocol.PORT ? "" : ":" + port) + "/" + encoded(export);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}

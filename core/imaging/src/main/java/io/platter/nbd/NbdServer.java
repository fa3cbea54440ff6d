package io.platter.nbd;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

/**
 * Serves disks by NBD, over TCP or a Unix socket: for hypervisors that boot from an image which was not restored, and for
 * whatever else speaks the protocol.
 *
 * <pre>{@code
 * try (ImageReader images = ImageReader.open(Path.of("disk.plt"));
 *         NbdServer server = NbdServer.builder()
 *                 .export(NbdExport.of("disk", images.newestImage()))
 *                 .listen(new InetSocketAddress("127.0.0.1", 10809))
 *                 .start()) {
 *     System.out.println("qemu-system-x86_64 -drive file=" + server.uri("disk") + ",readonly=on");
 *     Thread.sleep(Long.MAX_VALUE);
 * }
 * }</pre>
 *
 * <p>There is no authentication but by TLS certificates and by who can reach the address: a server on a network shows the
 * disk to everybody there.
 *
 * <p>Each connection takes two threads and at most 32 MiB for requests that are on their way; requests of all connections
 * are carried out by a few threads together, and answered as they are ready. Safe for use by several threads.
 */
public final class NbdServer implements AutoCloseable {
    private static final int DEFAULT_CONNECTIONS = 128;
    private static final int HANDSHAKE_SECONDS = 30;
    /** What most systems take as a Unix socket's path, in bytes. */
    private static final int MAX_SOCKET_PATH = 107;

    /** Collects what a server is made of. Not thread-safe. */
    public static final class Builder {
        private final Map<String, NbdExport> exports = new LinkedHashMap<>();
        private SocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        private Optional<SSLContext> tls = Optional.empty();
        private boolean clientCertificates;
        private int threads = 2 * Runtime.getRuntime().availableProcessors();
        private int connections = DEFAULT_CONNECTIONS;
        private Consumer<String> log = message -> {};

        private Builder() {}

        /**
         * Adds a disk.
         *
         * @throws IllegalArgumentException if there is one of this name already
         */
        public Builder export(NbdExport export) {
            if (exports.putIfAbsent(export.name(), export) != null) {
                throw new IllegalArgumentException("two exports of the name " + export.name());
            }
            return this;
        }

        /** Sets the address on a network; port 0 is any free one. Without a call, it is a free port of 127.0.0.1. */
        public Builder listen(InetSocketAddress where) {
            address = Objects.requireNonNull(where, "where");
            return this;
        }

        /**
         * Sets a Unix socket as the address. A file that is there is refused; the socket is taken away when the server is
         * closed. Who may connect is said by the folder that it is in.
         *
         * @param socket of at most 107 bytes
         */
        public Builder listen(Path socket) {
            if (socket.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8).length > MAX_SOCKET_PATH) {
                throw new IllegalArgumentException(
                        "a socket's path of more than " + MAX_SOCKET_PATH + " bytes: " + socket);
            }
            address = UnixDomainSocketAddress.of(socket);
            return this;
        }

        /**
         * Demands TLS of each client.
         *
         * @param context with the server's certificate
         * @param clientCertificates whether a client needs one that the context trusts
         */
        public Builder tls(SSLContext context, boolean clientCertificates) {
            this.tls = Optional.of(context);
            this.clientCertificates = clientCertificates;
            return this;
        }

        /** Sets how many threads carry out requests, 1 or more. Without a call there are two for each processor: of those that
         * want the same frame, all but one wait.
         */
        public Builder threads(int count) {
            threads = checkPositive(count);
            return this;
        }

        /** Sets how many clients are served at a time, 1 or more, 128 without a call; others are sent away. */
        public Builder connections(int most) {
            connections = checkPositive(most);
            return this;
        }

        /**
         * Sets who is told, in a line each, that a client came, left or failed; called by several threads. Without a call
         * nobody is.
         */
        public Builder log(Consumer<String> listener) {
            log = Objects.requireNonNull(listener, "listener");
            return this;
        }

        private static int checkPositive(int number) {
            if (number < 1) {
                throw new IllegalArgumentException(number + ", expected 1 or more");
            }
            return number;
        }

        /**
         * Starts the server.
         *
         * @throws IOException if the address can't be listened on
         */
        public NbdServer start() throws IOException {
            if (exports.isEmpty()) {
                throw new IllegalStateException("a server without exports");
            }
            return new NbdServer(this);
        }
    }

    private final Map<String, NbdExport> exports;
    private final Optional<SSLContext> tls;
    private final boolean clientCertificates;
    private final Consumer<String> log;
    private final int maxConnections;
    private final ServerSocketChannel listener;
    private final SocketAddress address;
    private final ExecutorService workers;
    private final ScheduledExecutorService timer;
    private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();
    private final Thread acceptor;
    private volatile boolean closed;

    private NbdServer(Builder builder) throws IOException {
        exports = Map.copyOf(builder.exports);
        tls = builder.tls;
        clientCertificates = builder.clientCertificates;
        log = builder.log;
        maxConnections = builder.connections;
        listener = builder.address instanceof UnixDomainSocketAddress
                ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                : ServerSocketChannel.open();
        try {
            listener.bind(builder.address);
            address = listener.getLocalAddress();
        } catch (IOException | RuntimeException e) {
            listener.close();
            throw new IOException("can't listen on " + builder.address + ": " + e.getMessage(), e);
        }
        AtomicInteger number = new AtomicInteger();
        workers = Executors.newFixedThreadPool(
                builder.threads, task -> daemon(task, "platter-nbd-" + number.incrementAndGet()));
        timer = Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "platter-nbd-timer"));
        acceptor = daemon(this::accept, "platter-nbd-accept");
        acceptor.start();
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Returns a builder without an export. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns where the server listens, with the port that was found for 0. */
    public SocketAddress address() {
        return address;
    }

    /** Returns how clients call an export. */
    public NbdUri uri(String export) {
        NbdUri uri = address instanceof UnixDomainSocketAddress unix
                ? NbdUri.unix(unix.getPath().toAbsolutePath(), export)
                : tcp((InetSocketAddress) address, export);
        return tls.isPresent() ? uri.underTls() : uri;
    }

    private static NbdUri tcp(InetSocketAddress address, String export) {
        String host = address.getAddress().isAnyLocalAddress()
                ? "localhost"
                : address.getAddress().getHostAddress();
        return NbdUri.tcp(host, address.getPort(), export);
    }

    /** Returns how many clients are connected at this moment. */
    public int connectionCount() {
        return connections.size();
    }

    private void accept() {
        while (!closed) {
            try {
                serve(listener.accept());
            } catch (IOException e) {
                if (!listener.isOpen()) {
                    return;
                }
                log.accept("a client could not be accepted: " + e.getMessage());
                pause(); // such as while the process has no file descriptors left
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(SocketChannel channel) throws IOException {
        if (connections.size() >= maxConnections) {
            channel.close();
            log.accept("a client was sent away: " + maxConnections + " are connected");
            return;
        }
        ServerConnection connection = new ServerConnection(this, new PlainWire(channel), nameOf(channel));
        connections.add(connection);
        ScheduledFuture<?> deadline =
                timer.schedule(connection::endIfShakingHands, HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        Runnable task = () -> {
            try {
                connection.run();
            } finally {
                deadline.cancel(false);
            }
        };
        daemon(task, "platter-nbd-receive").start();
    }

    private static String nameOf(SocketChannel channel) throws IOException {
        return channel.getRemoteAddress() instanceof InetSocketAddress client
                ? "client " + client.getAddress().getHostAddress() + " port " + client.getPort()
                : "client";
    }

    /** Returns an export by the name that a client gives: the only one has no need of a name. */
    Optional<NbdExport> export(String name) {
        NbdExport named = exports.get(name);
        return named == null && name.isEmpty() && exports.size() == 1
                ? exports.values().stream().findFirst()
                : Optional.ofNullable(named);
    }

    /** Returns all exports, by their names. */
    List<NbdExport> exports() {
        return exports.values().stream()
                .sorted(java.util.Comparator.comparing(NbdExport::name))
                .toList();
    }

    Optional<SSLContext> tls() {
        return tls;
    }

    boolean wantsClientCertificates() {
        return clientCertificates;
    }

    ExecutorService workers() {
        return workers;
    }

    /** Is told by a connection that it has ended. */
    void forget(ServerConnection connection) {
        connections.remove(connection);
    }

    void log(String message) {
        log.accept(message);
    }

    /**
     * Ends all connections, waits until what they were doing is done, and flushes what was written.
     *
     * @throws IOException if a device could not be flushed
     */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        IOException failure = null;
        try {
            listener.close();
            if (address instanceof UnixDomainSocketAddress unix) {
                Files.deleteIfExists(unix.getPath());
            }
        } catch (IOException e) {
            failure = e;
        }
        join(acceptor); // so that none comes after those that are ended here
        List<ServerConnection> open = List.copyOf(connections);
        open.forEach(ServerConnection::end);
        timer.shutdownNow();
        open.forEach(ServerConnection::await);
        workers.shutdown();
        for (NbdExport export : exports.values()) {
            try {
                if (export.isWritable()) {
                    export.device().flush();
                }
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.platter.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLException;

/**
 * One client, from its first byte to its last.
 *
 * <p>{@link #run} is on a thread of its own; the other methods are for any thread.
 */
final class ServerConnection {
    private final NbdServer server;
    private final PlainWire socket;
    private final String client;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean shakesHands = true;
    private volatile boolean isEnding;

    ServerConnection(NbdServer server, PlainWire socket, String client) {
        this.server = server;
        this.socket = socket;
        this.client = client;
    }

    /** Serves the client until it goes, fails, or is sent away. */
    void run() {
        try (socket) {
            Optional<ServerHandshake.Agreement> agreement = new ServerHandshake(server, socket).run();
            shakesHands = false;
            if (agreement.isPresent()) {
                serve(agreement.get());
            }
        } catch (EOFException e) {
            if (!isEnding && !shakesHands) {
                server.log(client + " went without a word");
            }
        } catch (SSLException e) {
            server.log(client + " failed in TLS: " + e.getMessage());
        } catch (IOException e) {
            if (!isEnding) {
                server.log(client + " failed: " + e.getMessage());
            }
        } catch (RuntimeException | Error e) {
            server.log(client + " ended by a fault of this program: " + e);
        } finally {
            server.forget(this);
            ended.countDown();
        }
    }

    private void serve(ServerHandshake.Agreement agreement) throws IOException {
        server.log(client + " reads " + (agreement.export().isWritable() ? "and writes " : "") + agreement.export());
        try {
            new Transmission(agreement, server.workers(), this::end).run();
        } finally {
            agreement.wire().close();
        }
        server.log(client + " has left");
    }

    /** Sends the client away if it has not said yet what it wants. */
    void endIfShakingHands() {
        if (shakesHands && ended.getCount() > 0) {
            server.log(client + " was sent away: it did not say what it wants");
            end();
        }
    }

    /** Closes the connection: what is under way is done, but not answered. */
    void end() {
        isEnding = true;
        try {
            socket.close();
        } catch (IOException e) {
            server.log(client + " could not be sent away: " + e.getMessage());
        }
    }

    /** Waits until nothing is done for this client any more. */
    void await() {
        boolean interrupted = false;
        while (true) {
            try {
                ended.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

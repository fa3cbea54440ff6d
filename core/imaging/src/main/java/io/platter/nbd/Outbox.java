package io.platter.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;

/**
 * Sends messages one after the other on a thread of its own, so that nobody who has an answer waits for a slow peer, and
 * an interrupt of whoever sends closes no connection.
 *
 * <p>Safe for use by several threads.
 */
final class Outbox {
    /** What is sent in one piece, and what is done once it was, or will never be. */
    private record Message(List<ByteBuffer> parts, Runnable afterwards) {}

    private final Wire wire;
    private final Consumer<IOException> onFailure;
    private final Thread thread;
    private final ArrayDeque<Message> messages = new ArrayDeque<>();
    private boolean ending;
    private boolean broken;

    /**
     * Creates an outbox; {@link #start} starts it.
     *
     * @param onFailure is told, on the outbox's thread, when the connection can't be written any more
     */
    Outbox(Wire wire, Consumer<IOException> onFailure) {
        this.wire = wire;
        this.onFailure = onFailure;
        this.thread = new Thread(this::run, "platter-nbd-send");
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /**
     * Sends a message after all others.
     *
     * @param afterwards is done in any case: on the outbox's thread, or at once if the connection is broken
     */
    void send(Runnable afterwards, ByteBuffer... parts) {
        synchronized (messages) {
            if (!broken && !ending) {
                messages.add(new Message(List.of(parts), afterwards));
                messages.notifyAll();
                return;
            }
        }
        afterwards.run();
    }

    /** Sends what is left, and ends; returns when nothing is sent any more. Whoever can't wait closes the wire first. */
    void end() {
        synchronized (messages) {
            ending = true;
            messages.notifyAll();
        }
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

    private void run() {
        Message message;
        while ((message = next()) != null) {
            try {
                if (!broken) {
                    wire.write(message.parts().toArray(ByteBuffer[]::new));
                }
            } catch (IOException e) {
                fail(e);
            } finally {
                message.afterwards().run();
            }
        }
    }

    private Message next() {
        synchronized (messages) {
            while (messages.isEmpty() && !ending) {
                try {
                    messages.wait();
                } catch (InterruptedException e) {
                    // Nobody interrupts this thread but by mistake.
                }
            }
            return messages.poll();
        }
    }

    private void fail(IOException failure) {
        synchronized (messages) {
            broken = true;
        }
        onFailure.accept(failure);
    }
}

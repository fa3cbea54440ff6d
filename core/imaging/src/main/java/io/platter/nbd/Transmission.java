package io.platter.nbd;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The requests of one client: read one after the other, carried out by several threads, answered when they are ready.
 *
 * <p>{@link #run} is on the connection's thread.
 */
final class Transmission {
    /** The unit in which memory is counted, in bytes. */
    private static final int UNIT = 4096;
    /** What the requests on their way may take in all: one of the largest, or many smaller ones. */
    private static final int UNITS = Protocol.MAX_PAYLOAD / UNIT + 1;

    private static final int KNOWN_FLAGS =
            Protocol.CMD_FLAG_FUA | Protocol.CMD_FLAG_NO_HOLE | Protocol.CMD_FLAG_DF | Protocol.CMD_FLAG_REQ_ONE;

    private final Wire wire;
    private final NbdExport export;
    private final RequestHandler handler;
    private final ReadAhead readAhead;
    private final Replies replies;
    private final Outbox outbox;
    private final ExecutorService workers;
    private final Semaphore memory = new Semaphore(UNITS);
    private final AtomicInteger underWay = new AtomicInteger();

    /** Creates the state of a connection that has shaken hands; {@code end} closes it. */
    Transmission(ServerHandshake.Agreement agreement, ExecutorService workers, Runnable end) {
        this.wire = agreement.wire();
        this.export = agreement.export();
        this.workers = workers;
        this.outbox = new Outbox(wire, failure -> end.run());
        this.replies = new Replies(outbox, agreement.structured());
        this.handler = new RequestHandler(agreement, replies);
        this.readAhead = new ReadAhead(export, workers);
    }

    /** Serves until the client says that it goes. */
    void run() throws IOException {
        outbox.start();
        try {
            while (true) {
                Request request = next();
                if (request.type() == Protocol.CMD_DISC) {
                    return;
                }
                accept(request);
            }
        } finally {
            readAhead.end();
            // All that is under way: an overlay must not be closed while it is written.
            memory.acquireUninterruptibly(UNITS);
            outbox.end();
        }
    }

    private Request next() throws IOException {
        ByteBuffer head = wire.read(Protocol.REQUEST_LENGTH);
        int magic = head.getInt();
        if (magic != Protocol.REQUEST_MAGIC) {
            throw new ProtocolException(
                    "a request that starts with 0x%x, expected 0x%x".formatted(magic, Protocol.REQUEST_MAGIC));
        }
        int flags = Short.toUnsignedInt(head.getShort());
        int type = Short.toUnsignedInt(head.getShort());
        return new Request(
                type, flags, head.getLong(), head.getLong(), Integer.toUnsignedLong(head.getInt()), Request.NOTHING);
    }

    private void accept(Request request) throws IOException {
        boolean hasPayload = request.type() == Protocol.CMD_WRITE;
        int error = check(request);
        if (error != 0) {
            if (hasPayload) {
                wire.skip(request.length());
            }
            memory.acquireUninterruptibly();
            replies.error(request, error, handler.complaint(request, error), memory::release);
            return;
        }
        int units = units(request);
        memory.acquireUninterruptibly(units);
        underWay.incrementAndGet();
        Runnable done = () -> {
            underWay.decrementAndGet();
            memory.release(units);
        };
        Request whole = request;
        try {
            if (hasPayload) {
                ByteBuffer payload = ByteBuffer.allocateDirect((int) request.length());
                wire.read(payload);
                whole = new Request(
                        request.type(),
                        request.flags(),
                        request.cookie(),
                        request.offset(),
                        request.length(),
                        payload.flip());
            }
            Request todo = whole;
            workers.execute(() -> handler.handle(todo, done));
        } catch (IOException | RuntimeException | Error e) { // such as no memory for a payload
            done.run();
            throw e;
        }
        if (request.type() == Protocol.CMD_READ) {
            readAhead.after(request, underWay.get());
        }
    }

    private static int units(Request request) {
        return switch (request.type()) {
            case Protocol.CMD_READ, Protocol.CMD_WRITE -> (int) (request.length() / UNIT) + 1;
            case Protocol.CMD_BLOCK_STATUS -> RequestHandler.MAX_RUNS * 3 * 8 / UNIT;
            default -> 1;
        };
    }

    /** Returns the error of a request that is refused before anything is done for it, or 0. */
    private int check(Request request) {
        boolean writes = false;
        switch (request.type()) {
            case Protocol.CMD_WRITE, Protocol.CMD_TRIM, Protocol.CMD_WRITE_ZEROES -> writes = true;
            case Protocol.CMD_READ, Protocol.CMD_CACHE, Protocol.CMD_BLOCK_STATUS -> {
                // Checked below.
            }
            case Protocol.CMD_FLUSH -> {
                return request.offset() == 0 && request.length() == 0 ? 0 : Protocol.EINVAL;
            }
            default -> {
                return Protocol.EINVAL;
            }
        }
        if (writes && !export.isWritable()) {
            return Protocol.EPERM;
        }
        boolean isTooLong = request.length() > Protocol.MAX_PAYLOAD
                && (request.type() == Protocol.CMD_READ || request.type() == Protocol.CMD_WRITE);
        if (isTooLong || (request.flags() & ~KNOWN_FLAGS) != 0 || request.length() == 0) {
            return Protocol.EINVAL;
        }
        if (!request.isInside(export.device().size())) {
            return writes ? Protocol.ENOSPC : Protocol.EINVAL;
        }
        return request.type() == Protocol.CMD_BLOCK_STATUS && !handler.knowsContexts() ? Protocol.EINVAL : 0;
    }
}

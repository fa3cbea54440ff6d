package io.platter.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A request that a client has sent, and what comes back.
 *
 * <p>Filled by the receiving thread; read by whoever sent it, after {@link #await}.
 */
final class Call {
    /** An error that the server has answered with. */
    record Failure(int error, long diskOffset, String reason) {}

    /** A run of the export as the server describes it. */
    record Run(long length, int flags) {}

    private final Request request;
    private final @Nullable ByteBuffer target;
    private final List<Run> runs = new ArrayList<>();
    private final CountDownLatch done = new CountDownLatch(1);
    private long filled;
    private Optional<Failure> failure = Optional.empty();
    private Optional<IOException> lost = Optional.empty();

    /**
     * Creates the state of a request.
     *
     * @param target where the bytes of a read go, as long as the request; else null
     */
    Call(Request request, @Nullable ByteBuffer target) {
        this.request = request;
        this.target = target;
    }

    Request request() {
        return request;
    }

    /** Returns where bytes of a read go, or nothing if they are none of this request's. */
    Optional<ByteBuffer> place(long diskOffset, long length) {
        if (target == null || diskOffset < request.offset() || length < 0 || diskOffset > request.end() - length) {
            return Optional.empty();
        }
        filled += length;
        return Optional.of(target.slice((int) (diskOffset - request.offset()), (int) length));
    }

    /** Tells whether all bytes of a read have come. */
    boolean isFilled() {
        return target == null || filled == request.length();
    }

    void add(Run run) {
        runs.add(run);
    }

    /** Takes an error; the first one counts. */
    void fail(Failure what) {
        if (failure.isEmpty()) {
            failure = Optional.of(what);
        }
    }

    void end() {
        done.countDown();
    }

    /** Ends a request that nobody will answer any more. */
    void lose(IOException cause) {
        lost = Optional.of(cause);
        done.countDown();
    }

    /**
     * Waits for the answer; an interrupt is kept for later.
     *
     * @throws IOException if the connection was lost first
     */
    Optional<Failure> await() throws IOException {
        boolean interrupted = false;
        while (true) {
            try {
                done.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (lost.isPresent()) {
            throw new IOException(lost.get().getMessage(), lost.get()); // one of its own for each thread that waits
        }
        return failure;
    }

    List<Run> runs() {
        return runs;
    }
}

package io.platter.nbd;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.block.OverlayDevice;
import io.platter.engine.line.BufferPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Carries out requests on an export's device.
 *
 * <p>Safe for use by several threads, as the device is.
 */
final class RequestHandler {
    /** The most runs of an answer to a question about runs. */
    static final int MAX_RUNS = 8192;

    /** A hole that is shorter is sent as zeros: its head is not worth it. */
    private static final int MIN_HOLE = 4096;
    /** How many buffers of a connection are kept for later reads, and how large they are at the most, in bytes. */
    private static final int KEPT = 32;

    private static final int MAX_KEPT = 1 << 20;

    private final NbdExport export;
    private final BlockDevice device;
    private final List<MetaContext> contexts;
    private final Optional<OverlayDevice> overlay;
    private final Replies replies;
    private final BufferPool buffers = new BufferPool(KEPT);

    RequestHandler(ServerHandshake.Agreement agreement, Replies replies) {
        this.export = agreement.export();
        this.device = export.device();
        this.contexts = List.copyOf(agreement.contexts());
        this.overlay = MetaContext.overlay(export);
        this.replies = replies;
    }

    boolean knowsContexts() {
        return !contexts.isEmpty();
    }

    /** Says what is wrong with a request that is refused. */
    String complaint(Request request, int error) {
        return switch (error) {
            case Protocol.EPERM -> "the export is for reading only";
            case Protocol.ENOSPC -> "the range ends after the export, which has " + device.size() + " bytes";
            default ->
                "command " + request.type() + " with flags " + request.flags() + " for " + request.length()
                        + " bytes at " + Long.toUnsignedString(request.offset()) + " of " + device.size();
        };
    }

    /**
     * Carries out a request and answers it, whatever comes of it.
     *
     * @param afterwards is done when the answer is sent, or can't be
     */
    void handle(Request request, Runnable afterwards) {
        try {
            perform(request, afterwards);
        } catch (DeviceException e) {
            fail(request, errorOf(e), e, afterwards);
        } catch (OutOfMemoryError e) {
            fail(request, Protocol.ENOMEM, e, afterwards);
        } catch (IOException | RuntimeException | Error e) {
            fail(request, Protocol.EIO, e, afterwards);
        }
    }

    /** A guest is stopped, and goes on later, where it is told that there is no space. The JDK tells it by a text only. */
    private static int errorOf(DeviceException e) {
        boolean isFull =
                e.osError() == Protocol.ENOSPC || String.valueOf(e.getMessage()).contains("No space left on device");
        return isFull ? Protocol.ENOSPC : Protocol.EIO;
    }

    private void fail(Request request, int error, Throwable failure, Runnable afterwards) {
        String reason = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        long place = failure instanceof DeviceException e ? e.diskOffset() : -1;
        if (request.type() == Protocol.CMD_READ && place >= request.offset() && place < request.end()) {
            replies.readError(request, error, reason, place, afterwards);
        } else {
            replies.error(request, error, reason, afterwards);
        }
    }

    private void perform(Request request, Runnable afterwards) throws IOException {
        switch (request.type()) {
            case Protocol.CMD_READ -> read(request, afterwards);
            case Protocol.CMD_BLOCK_STATUS -> blockStatus(request, afterwards);
            default -> {
                change(request);
                replies.done(request, afterwards);
            }
        }
    }

    private void change(Request request) throws IOException {
        switch (request.type()) {
            case Protocol.CMD_WRITE -> device.write(request.payload(), request.offset());
            case Protocol.CMD_WRITE_ZEROES -> device.zero(request.offset(), request.length());
            case Protocol.CMD_TRIM -> device.discard(request.offset(), request.length());
            case Protocol.CMD_CACHE -> fetch(request);
            default -> {
                // A flush, which follows.
            }
        }
        boolean flushes = request.type() == Protocol.CMD_FLUSH || request.has(Protocol.CMD_FLAG_FUA);
        if (flushes && export.isWritable()) {
            device.flush();
        }
    }

    /** Reads what a client will want, so that it is decoded. */
    private void fetch(Request request) throws IOException {
        ByteBuffer scratch = ByteBuffer.allocate((int) Math.min(request.length(), 1 << 20));
        for (long position = request.offset(); position < request.end(); position += scratch.limit()) {
            scratch.clear().limit((int) Math.min(scratch.capacity(), request.end() - position));
            device.read(scratch, position);
        }
    }

    private void read(Request request, Runnable afterwards) throws IOException {
        ByteBuffer room = buffers.take((int) request.length()).clear();
        try {
            read(request, room, () -> {
                giveBack(room);
                afterwards.run();
            });
        } catch (IOException | RuntimeException | Error e) {
            giveBack(room);
            throw e;
        }
    }

    private void giveBack(ByteBuffer room) {
        if (room.capacity() <= MAX_KEPT) {
            buffers.giveBack(room);
        }
    }

    private void read(Request request, ByteBuffer room, Runnable afterwards) throws IOException {
        if (!replies.isStructured() || request.has(Protocol.CMD_FLAG_DF)) {
            replies.data(request, bytes(room, request.offset(), request.end()), afterwards);
            return;
        }
        Replies.Parts parts = replies.new Parts(request);
        long dataStart = request.offset();
        for (long position = request.offset(); position < request.end(); ) {
            Extent run = device.extentAt(position).clip(position, request.end());
            if (run.kind() != ExtentKind.DATA && run.length() >= MIN_HOLE) {
                if (dataStart < position) {
                    parts.data(dataStart, bytes(room, dataStart, position));
                }
                parts.hole(position, run.length());
                dataStart = run.end();
            }
            position = run.end();
        }
        if (dataStart < request.end()) {
            parts.data(dataStart, bytes(room, dataStart, request.end()));
        }
        parts.send(afterwards);
    }

    private ByteBuffer bytes(ByteBuffer room, long from, long to) throws IOException {
        ByteBuffer bytes = room.limit(room.position() + (int) (to - from)).slice();
        room.position(room.limit());
        device.read(bytes, from);
        return bytes.flip();
    }

    private void blockStatus(Request request, Runnable afterwards) throws IOException {
        List<ByteBuffer> runs = new ArrayList<>();
        for (MetaContext context : contexts) {
            runs.add(runs(context, request));
        }
        replies.blockStatus(request, contexts, runs, afterwards);
    }

    private ByteBuffer runs(MetaContext context, Request request) throws IOException {
        RunList runs = new RunList();
        int most = request.has(Protocol.CMD_FLAG_REQ_ONE) ? 1 : MAX_RUNS;
        long position = request.offset();
        while (position < request.end() && runs.accepts(most)) {
            long end;
            int flags;
            if (context == MetaContext.ALLOCATION) {
                Extent run = device.extentAt(position);
                end = run.end();
                flags = allocation(run.kind());
            } else {
                OverlayDevice.Change change = overlay.orElseThrow().changeAt(position);
                end = change.end();
                flags = context == MetaContext.DIRTY
                        ? (change.isChanged() ? Protocol.STATE_DIRTY : 0)
                        : (change.isChanged() ? 1 : 2);
            }
            end = Math.min(end, Math.min(request.end(), position + RunList.MAX_LENGTH));
            if (!runs.add(end - position, flags, most)) {
                break;
            }
            position = end;
        }
        return runs.bytes();
    }

    private static int allocation(ExtentKind kind) {
        return switch (kind) {
            case DATA -> 0;
            case ZERO -> Protocol.STATE_ZERO;
            case HOLE -> Protocol.STATE_HOLE | Protocol.STATE_ZERO;
        };
    }
}

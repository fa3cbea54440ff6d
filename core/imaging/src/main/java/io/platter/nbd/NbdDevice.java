package io.platter.nbd;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A disk that a server exports by NBD: qemu-nbd, nbdkit, a hypervisor, or {@link NbdServer}.
 *
 * <p>Requests of several threads are on their way at the same time. Where a connection is lost, the requests on it fail; the next
 * one connects anew, unless something was written that the server had not flushed: nobody knows then whether it is there, and the
 * device fails for good. Safe for use by several threads, as far as they do not touch the same bytes.
 */
public final class NbdDevice implements BlockDevice {
    /** Long reads and writes are cut into requests of this size, which are answered side by side; in bytes. */
    private static final int PIECE = 1 << 20;
    /** How many of one call are on their way at once. */
    private static final int WINDOW = 16;
    /** How far one question about runs asks, in bytes. */
    private static final long ASKED = 1L << 30;
    /** The longest range for a command that carries no bytes, in bytes; whole sectors of any size. */
    private static final long MAX_RANGE = 1L << 30;
    /** How many runs are remembered. */
    private static final int MOST_RUNS = 65_536;

    private final NbdUri uri;
    private final NbdOptions options;
    private final long size;
    private final int minimum;
    private final boolean writable;
    private final Object connecting = new Object();
    private ClientConnection connection;
    /** Whether something was written that the server has not been made to store. */
    private boolean isDirty;

    private boolean isClosed;
    private @Nullable IOException ruined;

    /** What the server told of runs, by their offsets. */
    private final NavigableMap<Long, Extent> runs = new TreeMap<>();

    private NbdDevice(NbdUri uri, NbdOptions options, ClientConnection connection) {
        this.uri = uri;
        this.options = options;
        this.connection = connection;
        this.size = connection.agreement().size();
        this.minimum = connection.agreement().minimum();
        this.writable = options.isWritable();
    }

    /**
     * Opens an export for reading.
     *
     * @throws NbdException as {@link #open(NbdUri, NbdOptions)} does
     * @throws IOException as there
     */
    public static NbdDevice open(NbdUri uri) throws IOException {
        return open(uri, NbdOptions.defaults());
    }

    /**
     * Opens an export.
     *
     * @throws NbdException if the server can't be reached, refuses or breaks the protocol, or the export is to be written and
     *     can't
     * @throws IOException if the connection fails otherwise
     */
    public static NbdDevice open(NbdUri uri, NbdOptions options) throws IOException {
        ClientConnection connection = ClientConnection.open(uri, options.tls());
        if (options.isWritable() && connection.agreement().has(Protocol.READ_ONLY)) {
            connection.close();
            throw new NbdException(uri, "the export is for reading only", null);
        }
        return new NbdDevice(uri, options, connection);
    }

    /** Returns the connection, a new one if that was lost. */
    private ClientConnection connection() throws IOException {
        synchronized (connecting) {
            if (isClosed) {
                throw new ClosedChannelException();
            }
            if (ruined != null) {
                throw new NbdException(uri, "written bytes were lost with an earlier connection", ruined);
            }
            if (!connection.isLost()) {
                return connection;
            }
            if (isDirty) {
                ruined = new NbdException(uri, "the connection was lost before the server had flushed", null);
                throw ruined;
            }
            ClientConnection next = ClientConnection.open(uri, options.tls());
            if (next.agreement().size() != size || next.agreement().minimum() != minimum) {
                next.close();
                throw new NbdException(
                        uri, "the export has " + next.agreement().size() + " bytes now, and had " + size, null);
            }
            connection = next;
            return next;
        }
    }

    @Override
    public String name() {
        return uri.toString();
    }

    @Override
    public long size() {
        return size;
    }

    /** Returns the smallest unit of the server, and 512 bytes if that is less. */
    @Override
    public int logicalSectorSize() {
        return Math.max(512, minimum);
    }

    @Override
    public boolean isWritable() {
        return writable;
    }

    private void checkRange(long diskOffset, long length) {
        if (diskOffset < 0 || length < 0 || diskOffset > size - length) {
            throw new IllegalArgumentException("range of " + length + " bytes at disk offset " + diskOffset
                    + " is not inside " + name() + " of " + size + " bytes");
        }
    }

    private void checkWritable() {
        if (!writable) {
            throw new IllegalStateException(name() + " is open for reading only");
        }
    }

    private boolean isAligned(long diskOffset, long length) {
        return diskOffset % minimum == 0 && (length % minimum == 0 || diskOffset + length == size);
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        checkRange(diskOffset, target.remaining());
        if (!target.hasRemaining()) {
            return;
        }
        if (isAligned(diskOffset, target.remaining())) {
            readAligned(target.slice(), diskOffset);
            target.position(target.limit());
            return;
        }
        long start = diskOffset - diskOffset % minimum;
        long end = Math.min(size, (diskOffset + target.remaining() + minimum - 1) / minimum * minimum);
        ByteBuffer whole = ByteBuffer.allocate(Math.toIntExact(end - start));
        readAligned(whole.slice(), start);
        target.put(whole.slice((int) (diskOffset - start), target.remaining()));
    }

    private void readAligned(ByteBuffer target, long diskOffset) throws IOException {
        ClientConnection server = connection();
        inPieces(
                server,
                target.limit(),
                (from, length) ->
                        server.send(Protocol.CMD_READ, 0, diskOffset + from, length, null, target.slice(from, length)),
                "read");
    }

    @FunctionalInterface
    private interface Piece {
        Call send(int from, int length);
    }

    /** Sends a range piece by piece, and waits for all answers whatever comes of them: they go to the caller's memory. */
    private void inPieces(ClientConnection server, int length, Piece piece, String operation) throws IOException {
        int step = Math.min(PIECE, server.agreement().maximum());
        ArrayDeque<Call> calls = new ArrayDeque<>();
        IOException failure = null;
        for (int from = 0; from < length || !calls.isEmpty(); ) {
            if (from < length && failure == null && calls.size() < WINDOW) {
                int count = Math.min(step, length - from);
                calls.add(piece.send(from, count));
                from += count;
                continue;
            }
            if (calls.isEmpty()) {
                break;
            }
            try {
                check(calls.remove(), operation);
            } catch (IOException e) {
                failure = failure == null ? e : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void check(Call call, String operation) throws IOException {
        Optional<Call.Failure> failure = call.await();
        if (failure.isPresent()) {
            Call.Failure what = failure.get();
            boolean isInside = what.diskOffset() >= call.request().offset()
                    && what.diskOffset() < call.request().end();
            throw new DeviceException(
                    name(),
                    operation,
                    isInside ? what.diskOffset() : call.request().offset(),
                    what.error(),
                    what.reason(),
                    null);
        }
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) throws IOException {
        checkRange(diskOffset, source.remaining());
        checkWritable();
        if (!source.hasRemaining()) {
            return;
        }
        if (isAligned(diskOffset, source.remaining())) {
            writeAligned(source.slice(), diskOffset);
        } else {
            long start = diskOffset - diskOffset % minimum;
            long end = Math.min(size, (diskOffset + source.remaining() + minimum - 1) / minimum * minimum);
            ByteBuffer whole = ByteBuffer.allocate(Math.toIntExact(end - start));
            readAligned(whole.slice(), start);
            whole.put((int) (diskOffset - start), source, source.position(), source.remaining());
            writeAligned(whole, start);
        }
        source.position(source.limit());
    }

    private void writeAligned(ByteBuffer source, long diskOffset) throws IOException {
        ClientConnection server = beginWriting();
        inPieces(
                server,
                source.limit(),
                (from, length) ->
                        server.send(Protocol.CMD_WRITE, 0, diskOffset + from, length, source.slice(from, length), null),
                "write");
    }

    private ClientConnection beginWriting() throws IOException {
        ClientConnection server = connection();
        synchronized (connecting) {
            isDirty = true;
        }
        synchronized (runs) {
            runs.clear();
        }
        return server;
    }

    @Override
    public void zero(long diskOffset, long length) throws IOException {
        checkRange(diskOffset, length);
        checkWritable();
        if (!isAligned(diskOffset, length) || !connection().agreement().has(Protocol.SEND_WRITE_ZEROES)) {
            BlockDevice.super.zero(diskOffset, length);
            return;
        }
        change(Protocol.CMD_WRITE_ZEROES, diskOffset, length, "zeroing");
    }

    @Override
    public boolean discard(long diskOffset, long length) throws IOException {
        checkRange(diskOffset, length);
        checkWritable();
        if (!isAligned(diskOffset, length) || !connection().agreement().has(Protocol.SEND_TRIM)) {
            return false;
        }
        change(Protocol.CMD_TRIM, diskOffset, length, "discard");
        return true;
    }

    private void change(int command, long diskOffset, long length, String operation) throws IOException {
        ClientConnection server = beginWriting();
        for (long from = 0; from < length; from += MAX_RANGE) {
            check(
                    server.send(command, 0, diskOffset + from, Math.min(MAX_RANGE, length - from), null, null),
                    operation);
        }
    }

    @Override
    public void flush() throws IOException {
        if (!writable) {
            return;
        }
        ClientConnection server = connection();
        synchronized (connecting) {
            if (!isDirty) {
                return;
            }
            // What is written from now on is not in this flush.
            isDirty = false;
        }
        try {
            if (server.agreement().has(Protocol.SEND_FLUSH)) {
                check(server.send(Protocol.CMD_FLUSH, 0, 0, 0, null, null), "flush");
            }
        } catch (IOException e) {
            synchronized (connecting) {
                isDirty = true;
                ruined = server.isLost() ? e : ruined;
            }
            throw e;
        }
    }

    @Override
    public Extent extentAt(long diskOffset) throws IOException {
        checkRange(diskOffset, 1);
        synchronized (runs) {
            Map.Entry<Long, Extent> known = runs.floorEntry(diskOffset);
            if (known != null && known.getValue().end() > diskOffset) {
                return known.getValue().clip(diskOffset, known.getValue().end());
            }
        }
        ClientConnection server = connection();
        if (server.agreement().allocation().isEmpty()) {
            return new Extent(diskOffset, size - diskOffset, ExtentKind.DATA);
        }
        long start = diskOffset - diskOffset % minimum;
        Call call = server.send(Protocol.CMD_BLOCK_STATUS, 0, start, Math.min(ASKED, size - start), null, null);
        check(call, "block status");
        List<Extent> told = extents(start, call.runs());
        synchronized (runs) {
            if (runs.size() > MOST_RUNS) {
                runs.clear();
            }
            told.forEach(run -> runs.put(run.offset(), run));
        }
        return told.isEmpty()
                ? new Extent(diskOffset, size - diskOffset, ExtentKind.DATA)
                : told.get(0).clip(diskOffset, told.get(0).end());
    }

    private List<Extent> extents(long start, List<Call.Run> told) {
        List<Extent> extents = new ArrayList<>();
        long position = start;
        for (Call.Run run : told) {
            long length = Math.min(run.length(), size - position);
            if (length <= 0) {
                break;
            }
            extents.add(new Extent(position, length, kindOf(run.flags())));
            position += length;
        }
        return extents;
    }

    private static ExtentKind kindOf(int flags) {
        if ((flags & Protocol.STATE_ZERO) == 0) {
            return ExtentKind.DATA;
        }
        return (flags & Protocol.STATE_HOLE) == 0 ? ExtentKind.ZERO : ExtentKind.HOLE;
    }

    /** Ends the connection. What was not flushed may be lost, as when a disk is pulled out. */
    @Override
    public void close() throws IOException {
        synchronized (connecting) {
            if (isClosed) {
                return;
            }
            isClosed = true;
        }
        if (!connection.isLost()) {
            connection.close();
        }
    }
}

package io.platter.nbd;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers requests, in structured replies or in simple ones.
 *
 * <p>Safe for use by several threads: each answer is sent in one piece.
 */
final class Replies {
    private final Outbox outbox;
    private final boolean structured;

    Replies(Outbox outbox, boolean structured) {
        this.outbox = outbox;
        this.structured = structured;
    }

    boolean isStructured() {
        return structured;
    }

    /** Says that a request is done, of which no bytes come back. */
    void done(Request request, Runnable afterwards) {
        outbox.send(
                afterwards,
                structured ? chunk(request, Protocol.REPLY_FLAG_DONE, Protocol.REPLY_NONE, 0, 0) : simple(request, 0));
    }

    /** Says that a request failed, and why. */
    void error(Request request, int error, String reason, Runnable afterwards) {
        if (!structured) {
            outbox.send(afterwards, simple(request, error));
            return;
        }
        byte[] text = text(reason);
        outbox.send(
                afterwards,
                chunk(request, Protocol.REPLY_FLAG_DONE, Protocol.REPLY_ERROR, 6 + text.length, 6 + text.length)
                        .putInt(Protocol.STRUCTURED_REPLY_LENGTH, error)
                        .putShort(Protocol.STRUCTURED_REPLY_LENGTH + 4, (short) text.length)
                        .put(Protocol.STRUCTURED_REPLY_LENGTH + 6, text));
    }

    /** Says that a read failed, where, and why. */
    void readError(Request request, int error, String reason, long diskOffset, Runnable afterwards) {
        if (!structured) {
            outbox.send(afterwards, simple(request, error));
            return;
        }
        byte[] text = text(reason);
        int length = 14 + text.length;
        outbox.send(
                afterwards,
                chunk(request, Protocol.REPLY_FLAG_DONE, Protocol.REPLY_ERROR_OFFSET, length, length)
                        .putInt(Protocol.STRUCTURED_REPLY_LENGTH, error)
                        .putShort(Protocol.STRUCTURED_REPLY_LENGTH + 4, (short) text.length)
                        .put(Protocol.STRUCTURED_REPLY_LENGTH + 6, text)
                        .putLong(Protocol.STRUCTURED_REPLY_LENGTH + 6 + text.length, diskOffset));
    }

    private static byte[] text(String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        return text.length <= Protocol.MAX_STRING ? text : new byte[0];
    }

    /** Gives all bytes of a read. */
    void data(Request request, ByteBuffer bytes, Runnable afterwards) {
        if (structured) {
            outbox.send(afterwards, dataHead(request, true, request.offset(), bytes.remaining()), bytes);
        } else {
            outbox.send(afterwards, simple(request, 0), bytes);
        }
    }

    /** The runs of a read, gathered for one answer: each of bytes, or of zeros that are not sent. */
    final class Parts {
        private final Request request;
        private final List<ByteBuffer> buffers = new ArrayList<>();

        Parts(Request request) {
            this.request = request;
        }

        void data(long diskOffset, ByteBuffer bytes) {
            boolean isLast = diskOffset + bytes.remaining() == request.end();
            buffers.add(dataHead(request, isLast, diskOffset, bytes.remaining()));
            buffers.add(bytes);
        }

        void hole(long diskOffset, long length) {
            int flags = diskOffset + length == request.end() ? Protocol.REPLY_FLAG_DONE : 0;
            buffers.add(chunk(request, flags, Protocol.REPLY_OFFSET_HOLE, 12, 12)
                    .putLong(Protocol.STRUCTURED_REPLY_LENGTH, diskOffset)
                    .putInt(Protocol.STRUCTURED_REPLY_LENGTH + 8, (int) length));
        }

        void send(Runnable afterwards) {
            outbox.send(afterwards, buffers.toArray(ByteBuffer[]::new));
        }
    }

    /** Gives what is known of runs: for each context a buffer with pairs of a length and flags. */
    void blockStatus(Request request, List<MetaContext> contexts, List<ByteBuffer> runs, Runnable afterwards) {
        ByteBuffer[] parts = new ByteBuffer[2 * contexts.size()];
        for (int i = 0; i < contexts.size(); i++) {
            int flags = i == contexts.size() - 1 ? Protocol.REPLY_FLAG_DONE : 0;
            parts[2 * i] = chunk(
                            request,
                            flags,
                            Protocol.REPLY_BLOCK_STATUS,
                            4 + runs.get(i).remaining(),
                            4)
                    .putInt(Protocol.STRUCTURED_REPLY_LENGTH, contexts.get(i).id());
            parts[2 * i + 1] = runs.get(i);
        }
        outbox.send(afterwards, parts);
    }

    private static ByteBuffer dataHead(Request request, boolean isLast, long diskOffset, int length) {
        int flags = isLast ? Protocol.REPLY_FLAG_DONE : 0;
        return chunk(request, flags, Protocol.REPLY_OFFSET_DATA, 8 + length, 8)
                .putLong(Protocol.STRUCTURED_REPLY_LENGTH, diskOffset);
    }

    private static ByteBuffer simple(Request request, int error) {
        return ByteBuffer.allocate(Protocol.SIMPLE_REPLY_LENGTH)
                .putInt(Protocol.SIMPLE_REPLY_MAGIC)
                .putInt(error)
                .putLong(request.cookie())
                .flip();
    }

    /**
     * Returns the head of a chunk, ready to be sent.
     *
     * @param length of what follows the head, in bytes
     * @param room how much of that is put into the same buffer
     */
    private static ByteBuffer chunk(Request request, int flags, int type, int length, int room) {
        return ByteBuffer.allocate(Protocol.STRUCTURED_REPLY_LENGTH + room)
                .putInt(Protocol.STRUCTURED_REPLY_MAGIC)
                .putShort((short) flags)
                .putShort((short) type)
                .putLong(request.cookie())
                .putInt(length)
                .rewind();
    }
}

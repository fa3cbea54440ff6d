package io.platter.nbd;

import java.nio.ByteBuffer;

/**
 * What a client asks for.
 *
 * @param type of the protocol's commands
 * @param flags of the command
 * @param cookie by which the client knows the answer
 * @param offset in bytes, as the client says it
 * @param length in bytes, 0 to 2^32 - 1
 * @param payload the bytes of a write, from 0 to the limit; else {@link #NOTHING}
 */
record Request(int type, int flags, long cookie, long offset, long length, ByteBuffer payload) {
    /** In place of a payload. */
    static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    long end() {
        return offset + length;
    }

    /** Tells whether the request is for bytes that an export has. */
    boolean isInside(long size) {
        return offset >= 0 && length <= size && offset <= size - length;
    }
}

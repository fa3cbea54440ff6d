package io.platter.repository.s3;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;

/** The bytes of several buffers, one after the other; their positions stay. */
final class BuffersInputStream extends InputStream {
    private final ArrayDeque<ByteBuffer> rest = new ArrayDeque<>();

    BuffersInputStream(List<ByteBuffer> buffers) {
        buffers.forEach(buffer -> rest.add(buffer.duplicate()));
    }

    private boolean hasMore() {
        while (!rest.isEmpty() && !rest.peek().hasRemaining()) {
            rest.remove();
        }
        return !rest.isEmpty();
    }

    @Override
    public int read() {
        return hasMore() ? Byte.toUnsignedInt(rest.element().get()) : -1;
    }

    @Override
    public int read(byte[] target, int from, int length) {
        if (length == 0) {
            return 0;
        }
        if (!hasMore()) {
            return -1;
        }
        int count = Math.min(length, rest.element().remaining());
        rest.element().get(target, from, count);
        return count;
    }

    @Override
    public int available() {
        return hasMore() ? rest.element().remaining() : 0;
    }
}

package io.platter;

import io.platter.engine.read.StoredImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/** The disk of an image as a channel for reading. Not thread-safe: one thread at a time. */
final class ImageChannel implements SeekableByteChannel {
    private final StoredImage image;
    private long position;
    private boolean open = true;

    ImageChannel(StoredImage image) {
        this.image = image;
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        checkOpen();
        if (!target.hasRemaining()) {
            return 0;
        }
        if (position >= image.size()) {
            return -1;
        }
        int count = (int) Math.min(target.remaining(), image.size() - position);
        int limit = target.limit();
        target.limit(target.position() + count);
        try {
            image.read(target, position);
        } finally {
            target.limit(limit);
        }
        position += count;
        return count;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        checkOpen();
        throw new NonWritableChannelException();
    }

    @Override
    public long position() throws IOException {
        checkOpen();
        return position;
    }

    @Override
    public SeekableByteChannel position(long newPosition) throws IOException {
        checkOpen();
        if (newPosition < 0) {
            throw new IllegalArgumentException("position " + newPosition + ", expected 0 or more");
        }
        position = newPosition;
        return this;
    }

    @Override
    public long size() throws IOException {
        checkOpen();
        return image.size();
    }

    @Override
    public SeekableByteChannel truncate(long newSize) throws IOException {
        checkOpen();
        throw new NonWritableChannelException();
    }

    @Override
    public boolean isOpen() {
        return open && image.bytes().isOpen();
    }

    @Override
    public void close() {
        open = false;
    }

    private void checkOpen() throws ClosedChannelException {
        if (!open) {
            throw new ClosedChannelException();
        }
        image.bytes().check();
    }
}

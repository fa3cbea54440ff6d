package io.platter.engine.write;

import io.platter.engine.pack.Storage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A file in memory that notes each write and each force, and fails when it is full. */
public final class RecordingStorage implements Storage {
    private final ByteArrayOutputStream file = new ByteArrayOutputStream();
    private final List<Integer> writes = new ArrayList<>();
    private final List<Integer> forces = new ArrayList<>();
    private final long room;

    /** Creates a file that fails at the write that would make it longer than {@code room} bytes. */
    public RecordingStorage(long room) {
        this.room = room;
    }

    @Override
    public String name() {
        return "recording";
    }

    @Override
    public void write(ByteBuffer bytes, long position) throws IOException {
        if (position != file.size()) {
            throw new IllegalStateException("write at " + position + ", the file has " + file.size() + " bytes");
        }
        if (position + bytes.remaining() > room) {
            throw new IOException("No space left on device");
        }
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        file.write(copy);
        writes.add(file.size());
    }

    @Override
    public void flush() {}

    @Override
    public void force() {
        forces.add(file.size());
    }

    @Override
    public void close() {}

    /** Returns all bytes that were written. */
    public byte[] bytes() {
        return file.toByteArray();
    }

    /** Returns the length of the file after each write. */
    public List<Integer> writes() {
        return List.copyOf(writes);
    }

    /** Returns the length of the file at each force. */
    public List<Integer> forces() {
        return List.copyOf(forces);
    }
}

package io.platter.virtualdisk.spi;

import io.platter.block.ExtentKind;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Writes a disk's bytes as they are, and what has to follow them. Not thread-safe: one thread at a time. */
public final class FlatSink implements OrderedWriter.Sink {
    /** What a format writes after the disk's bytes. */
    @FunctionalInterface
    public interface End {
        void write(FileOutput file) throws IOException;
    }

    private final FileOutput file;
    private final End end;

    /** Writes to a file, from its end on. */
    public FlatSink(FileOutput file, End end) {
        this.file = file;
        this.end = end;
    }

    @Override
    public void data(ByteBuffer bytes) throws IOException {
        file.append(bytes);
    }

    @Override
    public void empty(long length, ExtentKind kind) throws IOException {
        file.appendZeros(length);
    }

    @Override
    public void finish() throws IOException {
        end.write(file);
    }
}

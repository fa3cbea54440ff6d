package io.platter.cli;

import io.platter.Image;
import io.platter.ImageReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.Option;

/** Writes bytes of an image's disk to standard output. */
final class ReadCommand implements Command {
    private static final int PIECE = 1 << 20;

    private static final Parameter IMAGE = Parameter.of("IMAGE", "the image file");
    private static final Parameter OFFSET = Parameter.of("OFFSET", "where to start on the disk, in bytes");
    private static final Parameter LENGTH = Parameter.of("LENGTH", "how much to read, in bytes");

    @Override
    public String name() {
        return "read";
    }

    @Override
    public String description() {
        return "Writes bytes of an image's disk to standard output.";
    }

    @Override
    public List<Option> options() {
        return List.of(Images.NUMBER);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(IMAGE, OFFSET, LENGTH);
    }

    @Override
    public int run(Arguments given, Session session) throws IOException {
        Optional<String> number = Images.named(given, Images.NUMBER);
        long offset = given.size(OFFSET);
        long length = given.size(LENGTH);
        try (ImageReader reader = Images.open(given.path(IMAGE), session)) {
            Image image = Images.of(reader, number);
            if (offset < 0 || length < 0 || offset > image.size() - length) {
                throw new UsageException(length + " bytes at disk offset " + offset + ", the disk has " + image.size());
            }
            WritableByteChannel output = session.output().channel();
            ByteBuffer piece = ByteBuffer.allocate(PIECE);
            for (long done = 0; done < length; done += piece.limit()) {
                image.read(piece.clear().limit((int) Math.min(PIECE, length - done)), offset + done);
                output.write(piece.flip());
            }
            return Main.SUCCESS;
        }
    }
}

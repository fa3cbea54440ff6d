package io.platter.cli;

import io.platter.Image;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import org.apache.commons.cli.Option;

/** Writes bytes of an image's disk to standard output. */
final class ReadCommand implements Command {
    private static final int PIECE = 1 << 20;

    private static final Parameter IMAGE = Parameter.of("IMAGE", OpenImages.PLACES);
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
        return Repositories.options(Images.NUMBER);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(IMAGE, OFFSET, LENGTH);
    }

    @Override
    public int run(Arguments given, Session session) throws IOException {
        long offset = given.size(OFFSET);
        long length = given.size(LENGTH);
        try (OpenImages images = OpenImages.open(given, IMAGE, Images.NUMBER, session)) {
            Image image = images.image();
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

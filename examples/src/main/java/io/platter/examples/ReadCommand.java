package io.platter.examples;

import io.platter.Image;
import io.platter.ImageReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes bytes of an image's disk to standard output. */
@Command(name = "read", description = "Writes bytes of an image's disk to standard output.")
final class ReadCommand implements Callable<Integer> {
    private static final int PIECE = 1 << 20;

    @Option(names = "--image", paramLabel = "N", description = "which image of the file; default: the newest")
    private Optional<Integer> number = Optional.empty();

    @Parameters(index = "0", paramLabel = "IMAGE", description = "the image file")
    private Path file = Path.of("");

    @Parameters(index = "1", paramLabel = "OFFSET", description = "where to start on the disk, in bytes")
    private long offset;

    @Parameters(index = "2", paramLabel = "LENGTH", description = "how much to read, in bytes")
    private long length;

    @Override
    public Integer call() throws IOException {
        try (ImageReader reader = ImageReader.open(file)) {
            Image image = number.isPresent() ? reader.image(number.get()) : reader.newestImage();
            if (offset < 0 || length < 0 || offset > image.size() - length) {
                throw new IllegalArgumentException(
                        length + " bytes at disk offset " + offset + ", the disk has " + image.size());
            }
            WritableByteChannel output = Channels.newChannel(System.out);
            ByteBuffer piece = ByteBuffer.allocate(PIECE);
            for (long done = 0; done < length; done += piece.limit()) {
                image.read(piece.clear().limit((int) Math.min(PIECE, length - done)), offset + done);
                output.write(piece.flip());
            }
            return System.out.checkError() ? Main.IO_FAILURE : Main.SUCCESS;
        }
    }
}

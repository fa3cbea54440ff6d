package io.platter.cli;

import io.platter.Image;
import io.platter.ImageReader;
import io.platter.block.BlockDevice;
import io.platter.block.ImageFormatException;
import io.platter.image.FileEnd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.commons.cli.Option;

/** Finds the image of a file that was asked for. */
final class Images {
    /** Says which one it is. */
    static final Option NUMBER = Command.value("image", "N", "which image of the file; default: the newest");

    private Images() {}

    /** Opens an image file, and says it in those words if it is none. */
    static ImageReader open(Path file, Session session) throws IOException {
        Targets.refuseDirectory(file, "an image file");
        try {
            ImageReader reader = ImageReader.open(file);
            if (reader.end().state() != FileEnd.State.CLEAN) {
                session.notice(file + ": " + reader.end().detail());
            }
            return reader;
        } catch (ImageFormatException e) {
            if (isImage(file)) {
                throw e;
            }
            throw new NotAnImageException(file, e);
        }
    }

    private static boolean isImage(Path file) throws IOException {
        try (BlockDevice bytes = Disks.openForReading(file)) {
            return ImageReader.matches(bytes);
        }
    }

    /** Returns the image of a number, or else the newest. */
    static Image of(ImageReader reader, Optional<Integer> number) throws IOException {
        return number.isPresent() ? reader.image(number.get()) : reader.newestImage();
    }
}

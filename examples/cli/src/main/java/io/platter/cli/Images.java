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
    static final Option NUMBER = Command.value(
            "image",
            "N",
            "which image: of a file its number or the start of its id, default the newest; of a repository a name, for its "
                    + "newest, or four or more digits of an id");

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

    /** Returns by what an option names an image: its number, or the first digits of its id. */
    static Optional<String> named(Arguments given, Option option) {
        Optional<String> name = given.text(option);
        if (name.isPresent() && !isNumber(name.get()) && !name.get().matches("(?i)[0-9a-f]{1,64}")) {
            throw new UsageException("--" + option.getLongOpt()
                    + " takes the number of an image or the start of its id, not " + name.get());
        }
        return name;
    }

    private static boolean isNumber(String name) {
        return name.matches("[0-9]{1,9}");
    }

    /** Returns the image of a name, or else the newest. */
    static Image of(ImageReader reader, Optional<String> name) throws IOException {
        if (name.isEmpty()) {
            return reader.newestImage();
        }
        try {
            return isNumber(name.get()) ? reader.image(Integer.parseInt(name.get())) : reader.image(name.get());
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }
}

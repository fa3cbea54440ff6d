package io.platter.examples;

import io.platter.Image;
import io.platter.ImageReader;
import java.io.IOException;
import java.util.Optional;
import org.apache.commons.cli.Option;

/** Finds the image of a file that was asked for. */
final class Images {
    /** Says which one it is. */
    static final Option NUMBER = Command.value("image", "N", "which image of the file; default: the newest");

    private Images() {}

    /** Returns the image of a number, or else the newest. */
    static Image of(ImageReader reader, Optional<Integer> number) throws IOException {
        return number.isPresent() ? reader.image(number.get()) : reader.newestImage();
    }
}

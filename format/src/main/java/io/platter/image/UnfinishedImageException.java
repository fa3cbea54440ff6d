package io.platter.image;

import java.nio.file.FileSystemException;
import java.nio.file.Path;

/**
 * A new file can't be written, since {@code NAME.partial} holds an image that was not finished, or did not get its name:
 * it is not thrown away unasked. {@code ImageWriter.resume}, {@code publishFinished} and
 * {@code discardUnfinished} are the ways out.
 */
public final class UnfinishedImageException extends FileSystemException {
    private static final long serialVersionUID = 1;

    /**
     * Creates an exception.
     *
     * @param partial the file that holds the image
     * @param reason what it holds, and what can be done
     */
    public UnfinishedImageException(Path partial, String reason) {
        super(partial.toString(), null, reason);
    }
}

package io.platter.image;

/**
 * The keys of the properties whose meaning is known. The jobs that make an image set them, as {@link ImageDescription}
 * says; a key that {@code ImageWriter.property} has set keeps its value. Texts are for people, unless a key's form is
 * stated.
 */
public final class PropertyKeys {
    /** When the capture was begun: ISO 8601 in UTC, to the second, such as {@code 2026-01-31T10:00:00Z}. */
    public static final String TIME = "time";

    /** The name of the machine that made the image. */
    public static final String HOST = "host";

    /** The program that made the image, and its version. */
    public static final String TOOL = "tool";

    /** The name or path of the disk or file that was captured. */
    public static final String SOURCE = "source";

    /** What the maker calls the disk that was captured. */
    public static final String SOURCE_MODEL = "source.model";

    /** The maker's serial number of the disk that was captured. */
    public static final String SOURCE_SERIAL = "source.serial";

    /**
     * The source's {@linkplain io.platter.block.BlockDevice#state state} when the capture was begun; a capture is
     * resumed only if it is still the same. {@code ImageWriter.property} does not override it where the source tells it.
     */
    public static final String SOURCE_STATE = "source.state";

    /**
     * Present if the source was not the same during all of the capture, so that the image may be a mixture of two
     * states of it: what differed, and when that was found.
     */
    public static final String SOURCE_CHANGED = "source.changed";

    /** Whatever the user wants to say about the image. */
    public static final String COMMENT = "comment";

    private PropertyKeys() {}
}

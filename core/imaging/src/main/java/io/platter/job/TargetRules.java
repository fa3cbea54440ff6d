package io.platter.job;

/**
 * Which disks are accepted as the target of a job that writes over them. What stands for the source, is in use or mounted is
 * refused in any case.
 *
 * <p>Immutable.
 */
public final class TargetRules {
    private static final TargetRules DEFAULTS = new TargetRules(false, false);

    private final boolean anySectorSize;
    private final boolean overImage;

    TargetRules(boolean anySectorSize, boolean overImage) {
        this.anySectorSize = anySectorSize;
        this.overImage = overImage;
    }

    /** Returns the rules that accept a disk with the content's sectors that holds no image. */
    public static TargetRules defaults() {
        return DEFAULTS;
    }

    /**
     * Returns these rules, which accept a device with other logical sectors than those in which the content counts: right for
     * a file, which has none, and wrong for a disk, whose partition table and filesystems would not be understood. The content's GPT
     * says its sectors; without one, they are those of the source's disk.
     */
    public TargetRules anySectorSize(boolean accepted) {
        return new TargetRules(accepted, overImage);
    }

    /** Returns these rules, which accept a target that holds a Platter image, which is destroyed. The image that is read never is. */
    public TargetRules overImage(boolean accepted) {
        return new TargetRules(anySectorSize, accepted);
    }

    /** Returns whether a device with other sectors is accepted. */
    public boolean anySectorSize() {
        return anySectorSize;
    }

    /** Returns whether a target that holds an image is accepted. */
    public boolean overImage() {
        return overImage;
    }

    /** Returns what differs from the defaults. */
    @Override
    public String toString() {
        return new Changes(TargetRules.class)
                .add("anySectorSize", anySectorSize, false)
                .add("overImage", overImage, false)
                .toString();
    }
}

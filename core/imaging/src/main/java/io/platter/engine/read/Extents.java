package io.platter.engine.read;

import io.platter.image.ImageExtent;
import java.util.List;

/** Lists of an image's extents. */
public final class Extents {
    private Extents() {}

    /** Adds an extent to the end of a list, and joins it with the last one if both are one run of one kind. */
    public static void append(List<ImageExtent> list, ImageExtent next) {
        int last = list.size() - 1;
        if (last >= 0 && list.get(last).joins(next)) {
            list.set(last, list.get(last).join(next));
        } else {
            list.add(next);
        }
    }
}

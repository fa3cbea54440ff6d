package io.platter.engine.read;

import io.platter.block.Extent;
import java.util.List;

/** Lists of extents in the order of the disk. */
public final class Extents {
    private Extents() {}

    /** Adds an extent to a list, as one with the last if that ends there and is of the same kind. */
    public static void append(List<Extent> list, Extent next) {
        int last = list.size() - 1;
        if (last >= 0 && joins(list.get(last), next)) {
            Extent before = list.remove(last);
            list.add(new Extent(before.offset(), before.length() + next.length(), next.kind(), next.detail()));
        } else {
            list.add(next);
        }
    }

    private static boolean joins(Extent before, Extent next) {
        return before.end() == next.offset() && before.kind() == next.kind() && before.detail() == next.detail();
    }
}

package io.platter.filesystem.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.allocation.AllocationMap;
import io.platter.block.ExtentSet;
import java.util.Optional;

/** What must be true of every map, whatever was done to the volume. */
public final class MapAssertions {
    private MapAssertions() {}

    /** Fails if a map leaves out a byte that the map of the same volume in good order holds. */
    public static void holdsAtLeast(AllocationMap good, Optional<AllocationMap> found) {
        if (found.isEmpty()) {
            return;
        }
        ExtentSet both = good.used().intersection(found.get().used());
        assertThat(both).as(found.get().detail()).isEqualTo(good.used());
    }
}

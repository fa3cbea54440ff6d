package io.platter.virtualdisk.spi;

import io.platter.virtualdisk.VirtualDiskOptions;
import java.util.List;

/** The variants of a format that can be written. */
public final class Subformats {
    private Subformats() {}

    /**
     * Returns the subformat that the options ask for.
     *
     * @param known those that there are, the usual one first
     * @throws IllegalArgumentException if it is another one
     */
    public static String choose(VirtualDiskOptions options, String format, String... known) {
        String wanted = options.subformat().orElse(known[0]);
        if (!List.of(known).contains(wanted)) {
            throw new IllegalArgumentException(
                    "subformat " + wanted + " of " + format + ", expected one of " + List.of(known));
        }
        return wanted;
    }
}

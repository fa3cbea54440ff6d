package io.platter.image;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What an image says of one partition of its disk: for information, and as the start of a grid on which blocks are cut.
 *
 * <p>Immutable.
 *
 * @param index the partition's number as its table counts, 1 or more
 * @param diskOffset where it starts, in bytes
 * @param length how long it is, in bytes
 * @param attributes texts by name, such as {@code type}, {@code name}, {@code id}, {@code filesystem}
 */
public record PartitionSummary(int index, long diskOffset, long length, Map<String, String> attributes) {
    /** Checks the place and copies the attributes. */
    public PartitionSummary {
        if (index < 1 || diskOffset < 0 || length < 0 || diskOffset + length < 0) {
            throw new IllegalArgumentException(
                    "partition " + index + " of " + length + " bytes at disk offset " + diskOffset);
        }
        attributes = java.util.Collections.unmodifiableMap(new TreeMap<>(Objects.requireNonNull(attributes)));
    }
}

package io.platter.filesystem.lvm;

import io.platter.block.CorruptImageException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A section of LVM's text format: names with their values.
 *
 * <p>Immutable.
 */
final class Section {
    private final Map<String, Object> entries;
    private final String resource;
    private final long offset;

    Section(Map<String, Object> entries, String resource, long offset) {
        this.entries = Collections.unmodifiableMap(entries);
        this.resource = resource;
        this.offset = offset;
    }

    /** Returns the names of all values and sections in it, in their order. */
    Set<String> names() {
        return entries.keySet();
    }

    boolean isSection(String name) {
        return entries.get(name) instanceof Section;
    }

    Section section(String name) throws CorruptImageException {
        return value(name, Section.class);
    }

    /** Returns a section, or one without a name in it if there is none. */
    Section sectionOrEmpty(String name) throws CorruptImageException {
        return entries.containsKey(name) ? section(name) : new Section(Map.of(), resource, offset);
    }

    String text(String name) throws CorruptImageException {
        return value(name, String.class);
    }

    /** Returns a text, or another if there is none. */
    String textOr(String name, String otherwise) throws CorruptImageException {
        return entries.containsKey(name) ? text(name) : otherwise;
    }

    /**
     * Returns a number.
     *
     * @throws CorruptImageException if it is missing or not from 0 to {@code max}
     */
    long number(String name, long max) throws CorruptImageException {
        long number = value(name, Long.class);
        if (number < 0 || number > max) {
            throw corrupt(name + " = " + number + ", expected 0 to " + max);
        }
        return number;
    }

    List<?> list(String name) throws CorruptImageException {
        return value(name, List.class);
    }

    /** Returns a list, or an empty one if there is none. */
    List<?> listOrEmpty(String name) throws CorruptImageException {
        return entries.containsKey(name) ? list(name) : List.of();
    }

    /** Returns all texts of this section, in lists or not, but those of one name and those of the sections in it. */
    Stream<String> textsBut(String name) {
        return entries.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(name))
                .map(Map.Entry::getValue)
                .flatMap(value -> value instanceof List<?> list ? list.stream() : Stream.of(value))
                .filter(String.class::isInstance)
                .map(String.class::cast);
    }

    private <T> T value(String name, Class<T> type) throws CorruptImageException {
        Object value = entries.get(name);
        if (!type.isInstance(value)) {
            throw corrupt(name + " = " + value + ", expected a " + type.getSimpleName());
        }
        return type.cast(value);
    }

    CorruptImageException corrupt(String detail) {
        return new CorruptImageException(resource, offset, "LVM metadata: " + detail);
    }
}

package io.platter.job;

import java.util.Objects;
import java.util.StringJoiner;

/** The text of options: what differs from the defaults. */
final class Changes {
    private final StringJoiner text;

    Changes(Class<?> options) {
        this.text = new StringJoiner(", ", options.getSimpleName() + "[", "]");
    }

    /** Adds a value, unless it is the default. */
    Changes add(String name, Object value, Object defaultValue) {
        if (!Objects.equals(value, defaultValue)) {
            text.add(name + "=" + value);
        }
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}

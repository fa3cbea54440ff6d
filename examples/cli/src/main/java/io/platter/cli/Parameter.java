package io.platter.cli;

/** A parameter of a command; told from others by identity. Immutable. */
final class Parameter {
    private final String label;
    private final String description;
    private final boolean isRepeated;

    private Parameter(String label, String description, boolean isRepeated) {
        this.label = label;
        this.description = description;
        this.isRepeated = isRepeated;
    }

    /** Returns a parameter that is there once. */
    static Parameter of(String label, String description) {
        return new Parameter(label, description, false);
    }

    /** Returns a command's last parameter, which is there any number of times. */
    static Parameter repeated(String label, String description) {
        return new Parameter(label, description, true);
    }

    String label() {
        return label;
    }

    String description() {
        return description;
    }

    boolean isRepeated() {
        return isRepeated;
    }
}

package io.platter.cli;

import java.util.Optional;

/** Says which program this is, and on what it runs. */
final class Version {
    private Version() {}

    static String text() {
        return "platter " + number() + " (Java " + System.getProperty("java.version") + ", "
                + System.getProperty("os.name") + " " + System.getProperty("os.arch") + ")";
    }

    /** Returns what the jar's manifest says; classes outside of a jar have none. */
    static String number() {
        return Optional.ofNullable(Version.class.getPackage().getImplementationVersion())
                .orElse("unpackaged");
    }
}

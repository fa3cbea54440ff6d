package io.platter.cli;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sizes and offsets in bytes, as people write them: {@code 4096}, {@code 0x200}, {@code 1M} or {@code 1MiB} for 1,048,576,
 * {@code 1MB} for 1,000,000, {@code 1.5G}.
 */
final class Sizes {
    private static final String UNITS = "KMGTPE";
    private static final int STEP = 1024;

    private Sizes() {}

    /** Returns the bytes that a text means, or nothing if it is no size, or none of 64 bits. */
    static Optional<Long> parse(String text) {
        try {
            return Optional.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            // It may have a unit.
        }
        Matcher hex = Pattern.compile("0[xX]([0-9a-fA-F]{1,16})").matcher(text);
        Matcher human =
                Pattern.compile("([0-9]+(?:\\.[0-9]+)?) ?([KMGTPE])(|I?B)").matcher(text.toUpperCase(Locale.ROOT));
        try {
            if (hex.matches()) {
                return Optional.of(Long.parseLong(hex.group(1), 16));
            }
            if (human.matches()) {
                int step = human.group(3).equals("B") ? 1000 : STEP;
                BigDecimal unit = BigDecimal.valueOf(step).pow(UNITS.indexOf(human.group(2)) + 1);
                return Optional.of(new BigDecimal(human.group(1)).multiply(unit).longValueExact());
            }
        } catch (ArithmeticException | NumberFormatException e) {
            // Not a whole number of bytes, or more than 64 bits hold.
        }
        return Optional.empty();
    }

    /** Returns a size for people, to one place: {@code 512 bytes}, {@code 1.5 GiB}. */
    static String human(long bytes) {
        if (bytes < STEP) {
            return bytes == 1 ? "1 byte" : bytes + " bytes";
        }
        long unit = STEP;
        int name = 0;
        // As soon as 1023.95 would be shown as 1024.0, the next unit is the better one.
        while (name < UNITS.length() - 1 && bytes / unit * 20 + bytes % unit * 20 / unit >= 20 * STEP - 1) {
            unit *= STEP;
            name++;
        }
        long whole = bytes / unit;
        long tenths = (bytes % unit / (unit / STEP) * 10 + STEP / 2) / STEP;
        return (tenths == 10 ? whole + 1 + ".0" : whole + "." + tenths) + " " + UNITS.charAt(name) + "iB";
    }

    /** Returns a size for people, with the exact number where the unit hides it. */
    static String exact(long bytes) {
        return bytes < STEP ? human(bytes) : human(bytes) + " (" + bytes + " bytes)";
    }
}

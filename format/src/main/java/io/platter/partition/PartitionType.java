package io.platter.partition;

import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a partition is for, in the notation of its table.
 *
 * <p>Immutable.
 *
 * @param scheme the kind of table that the notation belongs to
 * @param code a GPT's GUID in capitals; an MBR's byte in hex as {@code sfdisk} writes it, such as {@code c} or
 *     {@code 83}; an Apple map's text, such as {@code Apple_HFS}; a BSD label's number
 */
public record PartitionType(PartitionScheme scheme, String code) {
    /** Checks the components. */
    public PartitionType {
        Objects.requireNonNull(scheme, "scheme");
        Objects.requireNonNull(code, "code");
    }

    /** Returns the type of a GPT entry. */
    public static PartitionType gpt(UUID guid) {
        return new PartitionType(PartitionScheme.GPT, Guid.text(guid));
    }

    /**
     * Returns the type of an MBR entry.
     *
     * @param code the type's byte, 1 to 255
     */
    public static PartitionType mbr(int code) {
        if (code < 1 || code > 255) {
            throw new IllegalArgumentException("MBR partition type " + code + ", expected 1 to 255");
        }
        return new PartitionType(PartitionScheme.MBR, Integer.toHexString(code));
    }

    /**
     * Returns the type that a person means.
     *
     * @param scheme {@link PartitionScheme#GPT} or {@link PartitionScheme#MBR}
     * @param text a short name such as {@code linux}, {@code efi} or {@code swap} ({@link #keys}), a GUID, or a byte in
     *     hex
     * @throws IllegalArgumentException if there is no such type in this kind of table
     */
    public static PartitionType of(PartitionScheme scheme, String text) {
        for (KnownType known : KnownType.all()) {
            if (known.key().equals(text) && !known.code(scheme).isEmpty()) {
                return new PartitionType(scheme, known.code(scheme));
            }
        }
        try {
            if (scheme == PartitionScheme.GPT && text.length() == 36) {
                return gpt(UUID.fromString(text));
            }
            if (scheme == PartitionScheme.MBR && text.length() <= 4) {
                return mbr(Integer.parseInt(text.startsWith("0x") ? text.substring(2) : text, 16));
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(unknown(scheme, text), e);
        }
        throw new IllegalArgumentException(unknown(scheme, text));
    }

    private static String unknown(PartitionScheme scheme, String text) {
        return "partition type \"" + text + "\" in a table of kind " + scheme.code() + ", expected "
                + (scheme == PartitionScheme.GPT ? "a GUID" : "a byte in hex") + " or one of "
                + keys(scheme).collect(Collectors.joining(", "));
    }

    /** Returns the short names that {@link #of} knows for a kind of table. */
    public static Stream<String> keys(PartitionScheme scheme) {
        return Stream.of(KnownType.all())
                .filter(known -> !known.code(scheme).isEmpty())
                .map(KnownType::key);
    }

    /** Returns the name of this type for people, or an empty text if it is not a well-known one. */
    public String title() {
        return known().map(KnownType::title).orElse("");
    }

    private Optional<KnownType> known() {
        return Stream.of(KnownType.all())
                .filter(known -> !code.isEmpty() && known.code(scheme).equals(code))
                .findFirst();
    }

    UUID guid() {
        return UUID.fromString(code);
    }

    int mbrCode() {
        return Integer.parseInt(code, 16);
    }
}

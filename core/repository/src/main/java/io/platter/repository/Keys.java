package io.platter.repository;

import io.platter.image.FileId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The keys of a repository's blobs. A session, which is one capture or one collection, has a random id of 16 digits, with which the ids of
 * its packs and lists start: so everybody sees who wrote what.
 *
 * <pre>
 * repository                                    what the repository is
 * packs/&lt;2 digits&gt;/&lt;id&gt;                         a pack
 * index/&lt;id&gt;                                    a list of what is in packs of one session
 * images/&lt;time&gt;.&lt;session&gt;.&lt;name&gt;.begin          a capture was begun
 * images/&lt;time&gt;.&lt;session&gt;.&lt;name&gt;.end            it has ended: the image's manifest, or a fence
 * images/&lt;time&gt;.&lt;session&gt;.&lt;name&gt;.forgotten      the image does not count any more
 * collections/&lt;time&gt;.&lt;session&gt;.begin            a collection was begun
 * collections/&lt;time&gt;.&lt;session&gt;.end              it has ended: what it gave up, and where what is needed of that is; or a fence
 * collections/&lt;time&gt;.&lt;session&gt;.waits            the captures that were open after that, and may not know of it
 * </pre>
 */
final class Keys {
    static final String REPOSITORY = "repository";
    static final String PACKS = "packs/";
    static final String INDEX = "index/";
    static final String IMAGES = "images/";
    static final String COLLECTIONS = "collections/";

    static final String BEGIN = ".begin";
    static final String END = ".end";
    static final String FORGOTTEN = ".forgotten";
    static final String WAITS = ".waits";

    /** How many digits a session's id has. */
    static final int SESSION_DIGITS = 16;

    /** The longest name of images, in bytes of UTF-8. */
    static final int MAX_NAME = 128;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmssSSSSSS'Z'").withZone(ZoneOffset.UTC);

    private Keys() {}

    static String pack(FileId id) {
        String digits = id.toString();
        return PACKS + digits.substring(digits.length() - 2) + "/" + digits;
    }

    static String index(FileId id) {
        return INDEX + id;
    }

    /** Returns the id at the end of the key of a pack or list; empty if it is none. */
    static Optional<FileId> id(String key) {
        String digits = key.substring(key.lastIndexOf('/') + 1);
        return digits.matches("[0-9a-f]{32}") && !digits.matches("0+")
                ? Optional.of(FileId.parse(digits))
                : Optional.empty();
    }

    /** Returns the session that wrote a pack or a list. */
    static String session(FileId id) {
        return id.toString().substring(0, SESSION_DIGITS);
    }

    /** Returns what the keys of a capture start with. */
    static String image(Instant time, String session, String name) {
        return IMAGES + TIME.format(time) + "." + session + "." + encode(name);
    }

    /** Returns what the keys of a collection start with. */
    static String collection(Instant time, String session) {
        return COLLECTIONS + TIME.format(time) + "." + session;
    }

    /** Returns the session of a capture or collection, or nothing if this is no key of one. */
    static Optional<String> sessionOf(String base) {
        String[] parts = base.substring(base.indexOf('/') + 1).split("\\.", -1);
        boolean isOne = parts.length == (base.startsWith(IMAGES) ? 3 : 2) && parts[1].matches("[0-9a-f]{16}");
        return isOne && timeOf(base).isPresent() ? Optional.of(parts[1]) : Optional.empty();
    }

    /** Returns when a capture or collection was begun, by the clock of who began it. */
    static Optional<Instant> timeOf(String base) {
        String time = base.substring(base.indexOf('/') + 1).split("\\.", -1)[0];
        try {
            return Optional.of(Instant.from(TIME.parse(time)));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** Returns the name of a capture's image. */
    static String nameOf(String base) {
        return decode(base.substring(base.lastIndexOf('.') + 1));
    }

    /** Checks a name of images. */
    static void checkName(String name) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length < 1 || length > MAX_NAME) {
            throw new IllegalArgumentException("name of " + length + " bytes, expected 1 to " + MAX_NAME + " in UTF-8");
        }
    }

    private static String encode(String name) {
        StringBuilder key = new StringBuilder();
        for (byte each : name.getBytes(StandardCharsets.UTF_8)) {
            char letter = (char) (each & 0xFF);
            boolean plain = letter < 0x80 && (Character.isLetterOrDigit(letter) || letter == '_' || letter == '-');
            key.append(plain ? String.valueOf(letter) : "%" + HexFormat.of().toHexDigits(each));
        }
        return key.toString();
    }

    private static String decode(String key) {
        byte[] bytes = new byte[key.length()];
        int length = 0;
        for (int i = 0; i < key.length(); i++) {
            char letter = key.charAt(i);
            boolean isEncoded = letter == '%'
                    && i + 2 < key.length()
                    && key.substring(i + 1, i + 3).matches("[0-9a-f]{2}");
            bytes[length++] = isEncoded ? (byte) HexFormat.fromHexDigits(key, i + 1, i + 3) : (byte) letter;
            i += isEncoded ? 2 : 0;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}

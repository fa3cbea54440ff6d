package io.platter.virtualdisk.vmdk;

import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Takes a descriptor apart: comments after {@code #}, {@code name=value} with or without quotes, and lines of extents,
 * {@code access sectors type "file" offset}.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class DescriptorParser {
    private static final Pattern EXTENT = Pattern.compile(
            "(RW|RDONLY|NOACCESS)\\s+(\\d{1,18})\\s+([A-Z]+)(?:\\s+\"([^\"]*)\"(?:\\s+(\\d{1,18}))?.*)?");

    private static final Pattern EXTENT_START = Pattern.compile("(RW|RDONLY|NOACCESS)\\s");
    /** Names whose value says what the bytes of the disk are, so that a second one makes a second disk. */
    private static final List<String> KNOWN = List.of("version", "encoding", "cid", "parentcid", "parentfilenamehint");

    private static final long MAX_VERSION = 3;

    /** A value and where its line stands in the file. */
    private record Value(String text, long offset) {}

    private final String resource;
    private final Map<String, Value> values = new HashMap<>();
    private final List<FileExtent> extents = new ArrayList<>();

    private DescriptorParser(String resource) {
        this.resource = resource;
    }

    /**
     * Parses a descriptor.
     *
     * @param resource the name of the file
     * @param offset where in it the descriptor stands
     * @param bytes the descriptor, up to its end or its first NUL
     */
    static Descriptor parse(String resource, long offset, byte[] bytes) throws IOException {
        DescriptorParser parser = new DescriptorParser(resource);
        parser.readLines(offset, bytes, StandardCharsets.UTF_8);
        Value encoding = parser.values.get("encoding");
        if (encoding != null && !encoding.text().equalsIgnoreCase("UTF-8")) {
            DescriptorParser again = new DescriptorParser(resource);
            again.readLines(offset, bytes, parser.charset(encoding));
            return again.descriptor(offset);
        }
        return parser.descriptor(offset);
    }

    private Charset charset(Value encoding) throws UnsupportedImageException {
        try {
            if (Charset.isSupported(encoding.text())) {
                return Charset.forName(encoding.text());
            }
        } catch (IllegalCharsetNameException e) {
            // As unknown as a name that is well formed.
        }
        throw new UnsupportedImageException(resource, "the encoding \"" + encoding.text() + "\"");
    }

    private void readLines(long offset, byte[] bytes, Charset charset) throws IOException {
        int start = 0;
        for (int i = 0; i <= bytes.length; i++) {
            boolean atEnd = i == bytes.length || bytes[i] == 0;
            if (atEnd || bytes[i] == '\n') {
                readLine(offset + start, new String(bytes, start, i - start, charset).strip());
                start = i + 1;
            }
            if (atEnd) {
                return;
            }
        }
    }

    private void readLine(long lineOffset, String line) throws IOException {
        if (line.isEmpty() || line.startsWith("#")) {
            return;
        }
        if (EXTENT_START.matcher(line).lookingAt()) {
            readExtent(lineOffset, line);
            return;
        }
        int equals = line.indexOf('=');
        if (equals < 0) {
            throw corrupt(lineOffset, "a line that is neither an extent nor a value");
        }
        String name = line.substring(0, equals).strip().toLowerCase(Locale.ROOT);
        if (name.startsWith("encryption.")) {
            throw new UnsupportedImageException(resource, "decryption");
        }
        if (KNOWN.contains(name)
                && values.put(name, new Value(unquote(line.substring(equals + 1).strip()), lineOffset)) != null) {
            throw corrupt(lineOffset, "a second " + name);
        }
    }

    private static String unquote(String value) {
        boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
    }

    private void readExtent(long lineOffset, String line) throws CorruptImageException {
        Matcher extent = EXTENT.matcher(line);
        if (!extent.matches()) {
            throw corrupt(lineOffset, "an extent in another form than: access sectors type \"file\" offset");
        }
        boolean hasAccess = !extent.group(1).equals("NOACCESS");
        @Nullable String name = extent.group(4);
        @Nullable String fileOffset = extent.group(5);
        extents.add(new FileExtent(
                lineOffset,
                hasAccess ? extent.group(3) : "NOACCESS",
                bytes(lineOffset, extent.group(2)),
                name == null ? "" : name,
                fileOffset == null ? 0 : bytes(lineOffset, fileOffset)));
    }

    /** Returns what a number of sectors is in bytes. */
    private long bytes(long lineOffset, String sectors) throws CorruptImageException {
        long count = Long.parseLong(sectors);
        if (count > Long.MAX_VALUE / Layout.SECTOR) {
            throw corrupt(lineOffset, sectors + " sectors");
        }
        return count * Layout.SECTOR;
    }

    private Descriptor descriptor(long offset) throws IOException {
        Value version = values.get("version");
        if (version == null) {
            throw corrupt(offset, "a descriptor without a version");
        }
        long number = number(version, 10);
        if (number < 1 || number > MAX_VERSION) {
            throw new UnsupportedImageException(resource, "version " + number + " of a VMDK descriptor");
        }
        Value none = new Value("ffffffff", offset);
        Value hint = values.getOrDefault("parentfilenamehint", new Value("", offset));
        return new Descriptor(
                offset,
                number(values.getOrDefault("cid", none), 16),
                number(values.getOrDefault("parentcid", none), 16),
                hint.text(),
                hint.offset(),
                List.copyOf(extents));
    }

    /** Returns an unsigned number of four bytes. */
    private long number(Value value, int radix) throws CorruptImageException {
        try {
            return Integer.toUnsignedLong(Integer.parseUnsignedInt(value.text(), radix));
        } catch (NumberFormatException e) {
            throw corrupt(value.offset(), "\"" + value.text() + "\", expected a number");
        }
    }

    private CorruptImageException corrupt(long offset, String detail) {
        return new CorruptImageException(resource, offset, detail);
    }
}

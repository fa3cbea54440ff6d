package io.platter.filesystem.lvm;

import io.platter.block.CorruptImageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Parses LVM's text format: a section holds values, each a name, an equals sign and a number, a quoted text, or a list of
 * these in brackets; and sections, each a name with the section in braces after it. A {@code #} starts a comment that
 * ends with the line.
 */
final class MetadataText {
    private static final int MAX_DEPTH = 8;
    /** A volume group of ten thousand logical volumes stays below this. */
    private static final int MAX_VALUES = 1 << 18;

    private static final String NAME_MARKS = "_-.+/";

    private final String text;
    private final String resource;
    private final long offset;
    private int at;
    private int values;

    private MetadataText(String text, String resource, long offset) {
        this.text = text;
        this.resource = resource;
        this.offset = offset;
    }

    /**
     * Returns the section that a text is.
     *
     * @param offset where the text stands in {@code resource}, for messages
     */
    static Section parse(String text, String resource, long offset) throws CorruptImageException {
        MetadataText parser = new MetadataText(text, resource, offset);
        Section section = parser.section(0);
        if (parser.at < text.length()) {
            throw parser.corrupt("'}' without a '{'");
        }
        return section;
    }

    private Section section(int depth) throws CorruptImageException {
        if (depth > MAX_DEPTH) {
            throw corrupt("sections nested deeper than " + MAX_DEPTH);
        }
        Map<String, Object> entries = new LinkedHashMap<>();
        while (next() != '}' && next() != 0) {
            String name = name();
            Object value;
            if (next() == '{') {
                at++;
                value = section(depth + 1);
                expect('}');
            } else {
                expect('=');
                value = value();
            }
            if (entries.put(name, value) != null) {
                throw corrupt("a second " + name);
            }
        }
        return new Section(entries, resource, offset);
    }

    private Object value() throws CorruptImageException {
        if (next() != '[') {
            return scalar();
        }
        at++;
        List<Object> values = new ArrayList<>();
        while (next() != ']') {
            values.add(scalar());
            if (next() != ']') {
                expect(',');
            }
        }
        at++;
        return values;
    }

    private Object scalar() throws CorruptImageException {
        if (next() == '"') {
            return quoted();
        }
        String word = name();
        try {
            return Long.valueOf(word);
        } catch (NumberFormatException e) {
            throw corrupt("value " + word + ", expected a number or a text");
        }
    }

    private String quoted() throws CorruptImageException {
        count();
        StringBuilder result = new StringBuilder();
        at++;
        while (at < text.length() && text.charAt(at) != '"') {
            if (text.charAt(at) == '\\') {
                at++;
            }
            if (at < text.length()) {
                result.append(text.charAt(at++));
            }
        }
        expect('"');
        return result.toString();
    }

    private String name() throws CorruptImageException {
        count();
        next();
        int start = at;
        while (at < text.length()
                && (Character.isLetterOrDigit(text.charAt(at)) || NAME_MARKS.indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        if (at == start) {
            throw corrupt("a name or a number expected");
        }
        return text.substring(start, at);
    }

    /** Passes over blanks and comments, and returns the character that follows, or 0 at the end. */
    private char next() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (c > ' ') {
                return c;
            } else {
                at++;
            }
        }
        return 0;
    }

    private void expect(char expected) throws CorruptImageException {
        char found = next();
        if (found != expected) {
            throw corrupt("'" + found + "' found, '" + expected + "' expected");
        }
        at++;
    }

    private void count() throws CorruptImageException {
        if (++values > MAX_VALUES) {
            throw corrupt("more than " + MAX_VALUES + " names and values");
        }
    }

    private CorruptImageException corrupt(String detail) {
        return new CorruptImageException(resource, offset + at, detail);
    }
}

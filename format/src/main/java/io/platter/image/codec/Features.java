package io.platter.image.codec;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import io.platter.image.Limits;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The features that a file or an image needs, in three masks, with their names so that software which lacks one can say
 * what it lacks.
 *
 * <pre>
 *  0  8  incompatible        a reader that lacks one of these must refuse
 *  8  8  readOnlyCompatible  a writer that lacks one of these must refuse to append
 * 16  8  compatible          may be ignored
 * 24  2  nameCount
 * 26     names               each: mask (1: 0, 1 or 2), bit (1), length (1), UTF-8 text; nothing follows them
 * </pre>
 *
 * <p>Immutable.
 *
 * @param incompatible the features without which nothing can be read
 * @param readOnlyCompatible the features without which nothing can be written
 * @param compatible the features that may be ignored
 * @param names the names of the features, by {@code 64 * mask + bit}
 */
public record Features(long incompatible, long readOnlyCompatible, long compatible, Map<Integer, String> names) {
    /** No feature at all. */
    public static final Features NONE = new Features(0, 0, 0, Map.of());

    /** The incompatible bit of a file whose records name other packs. */
    public static final long FOREIGN_PACKS = 1L << 1;

    private static final int FIXED_LENGTH = 26;
    private static final List<String> MASKS = List.of("incompatible", "read-only-compatible", "compatible");

    /** The bits that are set aside, with what will stand after them. */
    private static final Map<Integer, String> RESERVED = Map.of(0, "encryption", 1, "foreign-packs");

    /** Copies the names. */
    public Features {
        names = Map.copyOf(names);
    }

    /** Returns the features of a file whose records name other packs. */
    public static Features foreignPacks() {
        return new Features(FOREIGN_PACKS, 0, 0, Map.of(1, "foreign-packs"));
    }

    /** Tells whether records name other packs. */
    public boolean hasForeignPacks() {
        return (incompatible & FOREIGN_PACKS) != 0;
    }

    /** Returns the same bits without their names, which nobody needs when the bits are judged. */
    public Features withoutNames() {
        return new Features(incompatible, readOnlyCompatible, compatible, Map.of());
    }

    /** Returns the length of the features as bytes. */
    public int length() {
        int length = FIXED_LENGTH;
        for (String name : names.values()) {
            length += 3 + name.getBytes(StandardCharsets.UTF_8).length;
        }
        return length;
    }

    /** Writes the features at the buffer's position. */
    public void encode(ByteBuffer target) {
        target.order(ByteOrder.LITTLE_ENDIAN);
        target.putLong(incompatible).putLong(readOnlyCompatible).putLong(compatible);
        target.putShort((short) names.size());
        new TreeMap<>(names).forEach((bit, name) -> {
            byte[] text = name.getBytes(StandardCharsets.UTF_8);
            target.put((byte) (bit / 64))
                    .put((byte) (bit % 64))
                    .put((byte) text.length)
                    .put(text);
        });
    }

    /**
     * Reads features up to the end; what is set is not judged here.
     *
     * @throws CorruptImageException if a name is not UTF-8 or there twice, or if anything follows
     */
    public static Features decode(ByteReader in) throws CorruptImageException {
        if (in.remaining() > Limits.MAX_FEATURES) {
            throw in.corrupt(
                    in.position(), "features of " + in.remaining() + " bytes, expected at most " + Limits.MAX_FEATURES);
        }
        long incompatible = in.readI64();
        long readOnlyCompatible = in.readI64();
        long compatible = in.readI64();
        int count = in.readU16();
        Map<Integer, String> names = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            int start = in.position();
            int mask = in.readU8();
            int bit = in.readU8();
            if (mask >= MASKS.size() || bit >= 64) {
                throw in.corrupt(start, "feature name for mask " + mask + " bit " + bit + ", expected 0–2 and 0–63");
            }
            if (names.put(64 * mask + bit, Texts.decode(in, in.readU8())) != null) {
                throw in.corrupt(start, "second name for mask " + mask + " bit " + bit + ", expected one");
            }
        }
        Texts.checkEnd(in, "features");
        return new Features(incompatible, readOnlyCompatible, compatible, names);
    }

    /**
     * Checks that this version can read an image that has these features: it knows no incompatible one yet.
     *
     * @param resource the name of what has the features
     * @throws UnsupportedImageException if it can't, with the names of what it lacks
     */
    public void checkReadable(String resource) throws UnsupportedImageException {
        check(resource, 0, incompatible);
    }

    /**
     * Checks that this version can read a file that has these features, with the packs that it names.
     *
     * @param resource the name of what has the features
     * @throws UnsupportedImageException if it can't, with the names of what it lacks
     */
    public void checkReadableFile(String resource) throws UnsupportedImageException {
        check(resource, 0, incompatible & ~FOREIGN_PACKS);
    }

    /**
     * Checks that a file can be read without others.
     *
     * @throws UnsupportedImageException if its records name other packs
     */
    public void checkStandsAlone(String resource) throws UnsupportedImageException {
        if (hasForeignPacks()) {
            throw new UnsupportedImageException(
                    resource, "parts in other packs (feature foreign-packs), which are not at hand");
        }
    }

    /**
     * Checks that this version can append to what has these features.
     *
     * @param resource the name of what has the features
     * @throws UnsupportedImageException if it can't, with the names of what it lacks
     */
    public void checkWritable(String resource) throws UnsupportedImageException {
        checkReadable(resource);
        check(resource, 1, readOnlyCompatible);
    }

    private void check(String resource, int mask, long bits) throws UnsupportedImageException {
        List<String> missing = new ArrayList<>();
        for (int bit = 0; bit < 64; bit++) {
            if ((bits >>> bit & 1) != 0) {
                missing.add(nameOf(mask, bit));
            }
        }
        if (!missing.isEmpty()) {
            throw new UnsupportedImageException(
                    resource,
                    "the " + MASKS.get(mask) + " features " + missing + ", which this version of Platter lacks");
        }
    }

    private String nameOf(int mask, int bit) {
        Optional<String> reserved = mask == 0 ? Optional.ofNullable(RESERVED.get(bit)) : Optional.empty();
        return names.getOrDefault(64 * mask + bit, reserved.orElse("bit " + bit));
    }
}

package io.platter.image.codec;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.image.Limits;
import io.platter.image.PartitionSummary;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an image says of itself in words: properties by key, and its disk's partitions. The payload of a record.
 *
 * <pre>
 * texts:      count (4), then each in ascending order of its key:
 *             keyLength (2), valueLength (4), key (UTF-8), value (UTF-8)
 * properties: texts
 * partitions: count (4), then each: index (4), diskOffset (8), length (8), attributes (texts)
 * </pre>
 *
 * <p>Immutable.
 *
 * @param properties values by key, in ascending order of the key
 * @param partitions the partitions, in the order of the table
 */
public record ImageProperties(SortedMap<String, String> properties, List<PartitionSummary> partitions) {
    /** Copies both. */
    public ImageProperties {
        properties = Collections.unmodifiableSortedMap(new TreeMap<>(properties));
        partitions = List.copyOf(partitions);
    }

    /**
     * Returns the payload.
     *
     * @throws IllegalArgumentException if a key or all together go over the format's limits
     */
    public ByteBuffer encode() {
        int texts = properties.size();
        long length = 8 + lengthOf(properties);
        for (PartitionSummary partition : partitions) {
            length += 24 + lengthOf(partition.attributes());
            texts += partition.attributes().size();
        }
        if (texts > Limits.MAX_TEXTS) {
            throw new IllegalArgumentException(tooMany(texts, "texts"));
        }
        if (partitions.size() > Limits.MAX_PARTITIONS) {
            throw new IllegalArgumentException(tooMany(partitions.size(), "partitions"));
        }
        if (length > Limits.MAX_PROPERTIES) {
            throw new IllegalArgumentException(
                    "properties of " + length + " bytes, expected at most " + Limits.MAX_PROPERTIES);
        }
        ByteBuffer target = ByteBuffer.allocate((int) length).order(ByteOrder.LITTLE_ENDIAN);
        encodeTexts(target, properties);
        target.putInt(partitions.size());
        for (PartitionSummary partition : partitions) {
            target.putInt(partition.index()).putLong(partition.diskOffset()).putLong(partition.length());
            encodeTexts(target, partition.attributes());
        }
        return target.flip();
    }

    private static String tooMany(long count, String what) {
        return count + " " + what + " of an image, expected at most "
                + (what.equals("texts") ? Limits.MAX_TEXTS : Limits.MAX_PARTITIONS);
    }

    private static long lengthOf(Map<String, String> texts) {
        long length = 0;
        for (Map.Entry<String, String> text : texts.entrySet()) {
            int keyLength = text.getKey().getBytes(StandardCharsets.UTF_8).length;
            if (keyLength == 0 || keyLength > Limits.MAX_KEY) {
                throw new IllegalArgumentException(
                        "property key of " + keyLength + " bytes, expected 1 to " + Limits.MAX_KEY);
            }
            length += 6 + keyLength + text.getValue().getBytes(StandardCharsets.UTF_8).length;
        }
        return length;
    }

    private static void encodeTexts(ByteBuffer target, Map<String, String> texts) {
        target.putInt(texts.size());
        texts.forEach((key, value) -> {
            byte[] keyBytes = key.getBytes(StandardCharsets.UTF_8);
            byte[] valueBytes = value.getBytes(StandardCharsets.UTF_8);
            target.putShort((short) keyBytes.length)
                    .putInt(valueBytes.length)
                    .put(keyBytes)
                    .put(valueBytes);
        });
    }

    /** Reads a payload. */
    public static ImageProperties decode(ByteReader in) throws CorruptImageException {
        SortedMap<String, String> properties = decodeTexts(in, Limits.MAX_TEXTS);
        int texts = properties.size();
        List<PartitionSummary> partitions = new ArrayList<>();
        long count = in.readU32();
        if (count > Limits.MAX_PARTITIONS) {
            throw in.corrupt(in.position() - 4, tooMany(count, "partitions"));
        }
        for (long i = 0; i < count; i++) {
            int start = in.position();
            int index = in.readI32();
            long diskOffset = in.readI64();
            long length = in.readI64();
            SortedMap<String, String> attributes = decodeTexts(in, Limits.MAX_TEXTS - texts);
            texts += attributes.size();
            try {
                partitions.add(new PartitionSummary(index, diskOffset, length, attributes));
            } catch (IllegalArgumentException e) {
                throw in.corrupt(start, String.valueOf(e.getMessage()));
            }
        }
        Texts.checkEnd(in, "properties");
        return new ImageProperties(properties, partitions);
    }

    private static SortedMap<String, String> decodeTexts(ByteReader in, int left) throws CorruptImageException {
        SortedMap<String, String> texts = new TreeMap<>();
        long count = in.readU32();
        if (count > left) {
            throw in.corrupt(in.position() - 4, tooMany(count, "texts"));
        }
        for (long i = 0; i < count; i++) {
            int start = in.position();
            int keyLength = in.readU16();
            int valueLength = in.readI32();
            if (keyLength == 0 || keyLength > Limits.MAX_KEY) {
                throw in.corrupt(start, "key of " + keyLength + " bytes, expected 1 to " + Limits.MAX_KEY);
            }
            String key = Texts.decode(in, keyLength);
            if (texts.put(key, Texts.decode(in, valueLength)) != null) {
                throw in.corrupt(start, "second value for the key \"" + key + "\", expected one");
            }
        }
        return texts;
    }
}

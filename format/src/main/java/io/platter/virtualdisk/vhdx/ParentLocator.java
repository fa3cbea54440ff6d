package io.platter.virtualdisk.vhdx;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import io.platter.bytes.Guids;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who the parent of a differencing disk is: a header of 20 bytes, an entry of 12 for each key and value, and these as
 * UTF-16. Source: [MS-VHDX] §2.6.2.6.
 *
 * @param fileOffset where the locator stands
 * @param name the parent's name: the first of the three kinds of path that is there
 * @param dataWriteIds one of these is the parent's
 */
record ParentLocator(long fileOffset, String name, List<UUID> dataWriteIds) {
    private static final UUID TYPE_VHDX = UUID.fromString("B04AEFB7-D19E-4A81-B789-25B8E9445913");
    private static final int HEADER_LENGTH = 20;
    private static final int ENTRY_LENGTH = 12;
    /** In the order in which they are to be tried. */
    private static final List<String> PATHS = List.of("relative_path", "volume_path", "absolute_win32_path");

    private static final List<String> LINKAGES = List.of("parent_linkage", "parent_linkage2");
    /** In bytes; a longer key is none that we know. */
    private static final int LONGEST_KEY = 2 * "absolute_win32_path".length();

    static ParentLocator read(ByteReader item) throws CorruptImageException, UnsupportedImageException {
        UUID type = Guids.read(item);
        if (!type.equals(TYPE_VHDX)) {
            throw new UnsupportedImageException(item.resource(), "a parent of the type " + type);
        }
        Map<String, String> values = readValues(item);
        String name = PATHS.stream()
                .filter(values::containsKey)
                .findFirst()
                .map(values::get)
                .orElseThrow(() -> item.corrupt(HEADER_LENGTH, "no path of the parent"));
        @Nullable String linkage = values.get(LINKAGES.get(0));
        if (linkage == null) {
            throw item.corrupt(HEADER_LENGTH, "no " + LINKAGES.get(0));
        }
        @Nullable String second = values.get(LINKAGES.get(1));
        List<UUID> ids = second == null
                ? List.of(parseId(item, linkage))
                : List.of(parseId(item, linkage), parseId(item, second));
        return new ParentLocator(item.seek(0).offset(), name, ids);
    }

    /** Reads the values of the keys that we know; whatever else is there is only passed over. */
    private static Map<String, String> readValues(ByteReader item) throws CorruptImageException {
        int count = item.seek(HEADER_LENGTH - 2).readU16();
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < count; i++) {
            int entry = HEADER_LENGTH + ENTRY_LENGTH * i;
            long keyOffset = item.seek(entry).readU32();
            long valueOffset = item.readU32();
            int keyLength = item.readU16();
            int valueLength = item.readU16();
            if (keyLength > LONGEST_KEY) {
                continue;
            }
            String key = new String(item.seek(keyOffset).readBytes(keyLength), StandardCharsets.UTF_16LE);
            if (!PATHS.contains(key) && !LINKAGES.contains(key)) {
                continue;
            }
            String value = new String(item.seek(valueOffset).readBytes(valueLength), StandardCharsets.UTF_16LE);
            if (values.put(key, value) != null) {
                throw item.corrupt(entry, "a second " + key);
            }
        }
        return values;
    }

    private static UUID parseId(ByteReader item, String value) throws CorruptImageException {
        try {
            return UUID.fromString(value.replaceAll("^\\{|}$", ""));
        } catch (IllegalArgumentException e) {
            throw item.corrupt(HEADER_LENGTH, "parent linkage \"" + value + "\", expected a GUID");
        }
    }

    /** Tells whether this is the parent's, given what its header says. */
    boolean isParent(UUID dataWriteId) {
        return dataWriteIds.contains(dataWriteId);
    }
}

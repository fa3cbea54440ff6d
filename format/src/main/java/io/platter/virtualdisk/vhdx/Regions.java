package io.platter.virtualdisk.vhdx;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import io.platter.bytes.Guids;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The region table of a VHDX file, of which there are two copies: where the BAT and the metadata are.
 *
 * <p>The table is a header of 16 bytes and for each region an entry of 32; its checksum covers all of its 64 KiB.
 */
record Regions(Region bat, Region metadata) {
    private static final int HEADER_LENGTH = 16;
    private static final int ENTRY_LENGTH = 32;

    /**
     * A region.
     *
     * @param offset where it stands in the file, a multiple of 1 MiB
     * @param length its length in bytes, a multiple of 1 MiB
     * @param entryOffset where in the file the entry stands that says so
     */
    record Region(long offset, long length, long entryOffset) {}

    /** Reads the first copy whose checksum is right. */
    static Regions read(BlockDevice file) throws IOException {
        for (long offset : Layout.REGION_TABLE_OFFSETS) {
            if (offset > file.size() - Layout.TABLE_LENGTH) {
                continue;
            }
            ByteBuffer bytes = ByteBuffer.allocate(Layout.TABLE_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
            file.read(bytes, offset);
            bytes.flip();
            if (bytes.getInt(0) == Layout.REGION_SIGNATURE
                    && bytes.getInt(Layout.CHECKSUM_OFFSET) == Layout.checksum(bytes)) {
                return parse(file, ByteReader.of(bytes, ByteOrder.LITTLE_ENDIAN, file.name(), offset));
            }
        }
        throw new CorruptImageException(
                file.name(),
                Layout.REGION_TABLE_OFFSETS[0],
                "a region table with a valid checksum expected, in two places");
    }

    private static Regions parse(BlockDevice file, ByteReader table) throws IOException {
        long count = table.seek(8).readU32();
        if (count > Layout.MAX_TABLE_ENTRIES) {
            throw table.corrupt(8, count + " regions, expected at most " + Layout.MAX_TABLE_ENTRIES);
        }
        Region bat = null;
        Region metadata = null;
        Set<UUID> known = new HashSet<>();
        for (int i = 0; i < count; i++) {
            int entry = HEADER_LENGTH + ENTRY_LENGTH * i;
            UUID id = Guids.read(table.seek(entry));
            boolean isRequired = (table.seek(entry + 28).readI32() & 1) != 0;
            if (!known.add(id)) {
                throw table.corrupt(entry, "a second region " + text(id));
            }
            if (id.equals(Layout.BAT_REGION)) {
                bat = region(file, table, entry);
            } else if (id.equals(Layout.METADATA_REGION)) {
                metadata = region(file, table, entry);
            } else if (isRequired) {
                throw new UnsupportedImageException(file.name(), "the required region " + text(id));
            }
        }
        return new Regions(present(table, bat, "BAT"), present(table, metadata, "metadata"));
    }

    private static Region region(BlockDevice file, ByteReader table, int entry) throws IOException {
        long offset = table.seek(entry + 16).readU63("region offset");
        long length = table.readU32();
        if (offset % Layout.MIB != 0
                || length % Layout.MIB != 0
                || offset < Layout.MIB
                || length == 0
                || offset > file.size() - length) {
            throw table.corrupt(
                    entry + 16,
                    "region of " + length + " bytes at offset " + offset + " of a file of " + file.size() + " bytes");
        }
        return new Region(offset, length, table.seek(entry).offset());
    }

    private static Region present(ByteReader table, @Nullable Region region, String name) throws CorruptImageException {
        if (region == null) {
            throw table.corrupt(8, "no " + name + " region");
        }
        return region;
    }

    private static String text(UUID id) {
        return id.toString().toUpperCase(Locale.ROOT);
    }

    /** Returns the table of a new file. */
    static ByteBuffer encode(long batOffset, long batLength, long metadataOffset, long metadataLength) {
        ByteBuffer table = ByteBuffer.allocate(Layout.TABLE_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        table.putInt(Layout.REGION_SIGNATURE).putInt(0).putInt(2).putInt(0);
        Guids.put(table, Layout.BAT_REGION);
        table.putLong(batOffset).putInt((int) batLength).putInt(1);
        Guids.put(table, Layout.METADATA_REGION);
        table.putLong(metadataOffset).putInt((int) metadataLength).putInt(1).clear();
        return table.putInt(Layout.CHECKSUM_OFFSET, Layout.checksum(table));
    }
}

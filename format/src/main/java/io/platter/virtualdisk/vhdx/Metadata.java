package io.platter.virtualdisk.vhdx;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import io.platter.bytes.Guids;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of a VHDX file: a table of 64 KiB, and after it the items that it lists.
 *
 * @param diskSize in bytes
 * @param blockSize of a payload block, in bytes
 * @param logicalSectorSize in bytes, 512 or 4096
 * @param physicalSectorSize in bytes, 512 or 4096
 * @param parent who the parent is; null if the disk stands on none
 */
record Metadata(
        long diskSize,
        int blockSize,
        int logicalSectorSize,
        int physicalSectorSize,
        @Nullable ParentLocator parent) {
    private static final int ENTRY_LENGTH = 32;
    private static final int MAX_ITEM_LENGTH = 1 << 20;
    private static final Set<UUID> KNOWN = Set.of(
            Layout.FILE_PARAMETERS,
            Layout.DISK_SIZE,
            Layout.DISK_ID,
            Layout.LOGICAL_SECTOR_SIZE,
            Layout.PHYSICAL_SECTOR_SIZE,
            Layout.PARENT_LOCATOR);

    /**
     * An item.
     *
     * @param entry where its entry stands in the table
     * @param offset where it stands in the region
     */
    private record Item(int entry, long offset, long length) {}

    /** The table, and what is in it. */
    private record Table(BlockDevice file, Regions.Region region, ByteReader table, Map<UUID, Item> items) {
        ByteReader open(UUID id, String name, int expectedLength) throws IOException {
            Item item = find(id, name);
            if (item.length() != expectedLength) {
                throw table.corrupt(
                        item.entry() + 20, name + " of " + item.length() + " bytes, expected " + expectedLength);
            }
            return open(item);
        }

        ByteReader open(Item item) throws IOException {
            return ByteReader.read(file, region.offset() + item.offset(), (int) item.length(), ByteOrder.LITTLE_ENDIAN);
        }

        Item find(UUID id, String name) throws CorruptImageException {
            Item item = items.get(id);
            if (item == null) {
                throw table.corrupt(10, "no item " + name);
            }
            return item;
        }

        int sectorSize(UUID id, String name) throws IOException {
            ByteReader item = open(id, name, 4);
            long size = item.readU32();
            if (size != 512 && size != 4096) {
                throw item.corrupt(0, name + " " + size + ", expected 512 or 4096");
            }
            return (int) size;
        }
    }

    static Metadata read(BlockDevice file, Regions.Region region) throws IOException {
        Table table = readTable(file, region);
        ByteReader parameters = table.open(Layout.FILE_PARAMETERS, "file parameters", 8);
        long blockSize = parameters.readU32();
        int flags = parameters.readI32();
        if (blockSize < Layout.MIN_BLOCK_SIZE || blockSize > Layout.MAX_BLOCK_SIZE || Long.bitCount(blockSize) != 1) {
            throw parameters.corrupt(0, "block size " + blockSize + ", expected a power of two from 2^20 to 2^28");
        }
        int logicalSectorSize = table.sectorSize(Layout.LOGICAL_SECTOR_SIZE, "logical sector size");
        int physicalSectorSize = table.sectorSize(Layout.PHYSICAL_SECTOR_SIZE, "physical sector size");
        ByteReader size = table.open(Layout.DISK_SIZE, "virtual disk size", 8);
        long diskSize = size.readU63("virtual disk size");
        if (diskSize % logicalSectorSize != 0 || diskSize > Layout.MAX_DISK_SIZE) {
            throw size.corrupt(
                    0, "virtual disk size " + diskSize + ", expected a multiple of " + logicalSectorSize + " to 2^46");
        }
        ParentLocator parent = null;
        if ((flags & Layout.HAS_PARENT) != 0) {
            parent = ParentLocator.read(table.open(table.find(Layout.PARENT_LOCATOR, "parent locator")));
        }
        return new Metadata(diskSize, (int) blockSize, logicalSectorSize, physicalSectorSize, parent);
    }

    private static Table readTable(BlockDevice file, Regions.Region region) throws IOException {
        ByteReader table = ByteReader.read(file, region.offset(), Layout.TABLE_LENGTH, ByteOrder.LITTLE_ENDIAN);
        if (table.readI64() != Layout.METADATA_SIGNATURE) {
            throw table.corrupt(0, "signature \"metadata\" expected");
        }
        int count = table.skip(2).readU16();
        if (count > Layout.MAX_TABLE_ENTRIES) {
            throw table.corrupt(10, count + " items, expected at most " + Layout.MAX_TABLE_ENTRIES);
        }
        Map<UUID, Item> items = new HashMap<>();
        Set<UUID> users = new HashSet<>();
        for (int i = 1; i <= count; i++) {
            int entry = ENTRY_LENGTH * i;
            UUID id = Guids.read(table.seek(entry));
            Item item = new Item(entry, table.readU32(), table.readU32());
            int flags = table.readI32();
            boolean isUser = (flags & Layout.ENTRY_IS_USER) != 0;
            if ((flags & Layout.ENTRY_IS_REQUIRED) != 0 && (isUser || !KNOWN.contains(id))) {
                throw new UnsupportedImageException(
                        file.name(),
                        "the required metadata item " + id.toString().toUpperCase(Locale.ROOT));
            }
            if (isUser ? !users.add(id) : items.put(id, item) != null) {
                throw table.corrupt(entry, "a second item " + id);
            }
            check(table, item, region.length());
        }
        return new Table(file, region, table, items);
    }

    private static void check(ByteReader table, Item item, long regionLength) throws CorruptImageException {
        boolean isEmpty = item.offset() == 0 && item.length() == 0;
        boolean isInside = item.offset() >= Layout.TABLE_LENGTH && item.offset() <= regionLength - item.length();
        if (!isEmpty && (!isInside || item.length() > MAX_ITEM_LENGTH)) {
            throw table.corrupt(
                    item.entry() + 16,
                    "item of " + item.length() + " bytes at " + item.offset() + " of a region of " + regionLength);
        }
    }

    /** Returns the start of the metadata region of a new file that has no parent. */
    static ByteBuffer encode(long diskSize, int blockSize, boolean isFixed, int logicalSectorSize, UUID id) {
        ByteBuffer region = ByteBuffer.allocate(2 * Layout.TABLE_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        region.putLong(Layout.METADATA_SIGNATURE).putShort((short) 0).putShort((short) 5);
        ByteBuffer items = region.duplicate().order(ByteOrder.LITTLE_ENDIAN).position(Layout.TABLE_LENGTH);
        region.position(ENTRY_LENGTH);
        int diskFlags = Layout.ENTRY_IS_REQUIRED | Layout.ENTRY_IS_VIRTUAL_DISK;
        putEntry(region, Layout.FILE_PARAMETERS, items.position(), 8, Layout.ENTRY_IS_REQUIRED);
        items.putInt(blockSize).putInt(isFixed ? Layout.LEAVE_BLOCKS_ALLOCATED : 0);
        putEntry(region, Layout.DISK_SIZE, items.position(), 8, diskFlags);
        items.putLong(diskSize);
        putEntry(region, Layout.DISK_ID, items.position(), 16, diskFlags);
        Guids.put(items, id);
        putEntry(region, Layout.LOGICAL_SECTOR_SIZE, items.position(), 4, diskFlags);
        items.putInt(logicalSectorSize);
        putEntry(region, Layout.PHYSICAL_SECTOR_SIZE, items.position(), 4, diskFlags);
        items.putInt(4096);
        return region.clear();
    }

    private static void putEntry(ByteBuffer table, UUID id, int offset, int length, int flags) {
        Guids.put(table, id);
        table.putInt(offset).putInt(length).putInt(flags).putInt(0);
    }
}

package io.platter.virtualdisk;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The header of a sparse extent.
 *
 * @param flags those of {@link VmdkLayout}
 * @param capacity the size of what it holds, in bytes
 * @param grainSize in bytes
 * @param tableEntries how many entries a grain table has
 * @param directory where the grain directory stands, in bytes
 * @param redundant where the redundant grain directory stands, in bytes; 0 if there is none
 * @param descriptor where the descriptor stands, in bytes
 * @param descriptorLength its length with what fills it up, in bytes; 0 if there is none
 */
record VmdkHeader(
        int flags,
        long capacity,
        int grainSize,
        int tableEntries,
        long directory,
        long redundant,
        long descriptor,
        int descriptorLength) {

    /** Tells whether a file starts like a sparse extent. */
    static boolean isThere(BlockDevice file) throws IOException {
        int magic = magic(file);
        return magic == VmdkLayout.MAGIC || magic == VmdkLayout.COWD_MAGIC;
    }

    private static int magic(BlockDevice file) throws IOException {
        if (file.size() < VmdkLayout.HEADER_LENGTH) {
            return 0;
        }
        ByteBuffer magic = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        file.read(magic, 0);
        return magic.getInt(0);
    }

    /** Reads the header, or the footer if that is what counts. */
    static VmdkHeader read(BlockDevice file) throws IOException {
        if (magic(file) == VmdkLayout.COWD_MAGIC) {
            return readCowd(file);
        }
        ByteReader header = readBytes(file, 0);
        if (header.seek(VmdkLayout.DIRECTORY_OFFSET).readI64() != VmdkLayout.DIRECTORY_AT_END) {
            return parse(file, header);
        }
        ByteReader footer = readBytes(file, file.size() - 2 * VmdkLayout.SECTOR);
        if (footer.seek(VmdkLayout.DIRECTORY_OFFSET).readI64() == VmdkLayout.DIRECTORY_AT_END) {
            throw footer.corrupt(VmdkLayout.DIRECTORY_OFFSET, "a footer that refers to the footer");
        }
        return parse(file, footer);
    }

    private static ByteReader readBytes(BlockDevice file, long offset) throws IOException {
        ByteReader header = ByteReader.read(file, offset, VmdkLayout.HEADER_LENGTH, ByteOrder.LITTLE_ENDIAN);
        int magic = header.readI32();
        if (magic != VmdkLayout.MAGIC) {
            throw header.corrupt(
                    0,
                    (offset == 0 ? "" : "footer with ") + "magic " + Integer.toHexString(magic)
                            + ", expected 564d444b");
        }
        return header;
    }

    private static VmdkHeader parse(BlockDevice file, ByteReader header) throws IOException {
        int flags = checkFlags(header);
        header.seek(VmdkLayout.CAPACITY_OFFSET);
        long capacity = readSectors(header, "capacity");
        int grainSize = readGrainSize(header, header.readI64());
        long descriptor = readSectors(header, "descriptor offset");
        long descriptorLength = readSectors(header, "descriptor length");
        if (descriptorLength > VmdkLayout.MAX_DESCRIPTOR_LENGTH) {
            throw header.corrupt(
                    VmdkLayout.DESCRIPTOR_OFFSET_OFFSET + 8, "a descriptor of " + descriptorLength + " bytes");
        }
        long tableEntries = header.readU32();
        if (tableEntries == 0 || tableEntries > VmdkLayout.MAX_TABLE_ENTRIES) {
            throw header.corrupt(VmdkLayout.TABLE_ENTRIES_OFFSET, tableEntries + " entries in a grain table");
        }
        long directoryLength = directoryLength(header, capacity, tableEntries * grainSize);
        boolean hasRedundant = (flags & VmdkLayout.FLAG_REDUNDANT) != 0;
        long redundant = hasRedundant ? readSectors(header, "redundant grain directory") : 0;
        header.seek(VmdkLayout.DIRECTORY_OFFSET);
        long directory = readSectors(header, "grain directory");
        if (redundant == 0 && (directory == 0 || directory > file.size() - directoryLength)) {
            throw header.corrupt(
                    VmdkLayout.DIRECTORY_OFFSET,
                    "grain directory of " + directoryLength + " bytes at offset " + directory);
        }
        return new VmdkHeader(
                flags,
                capacity,
                grainSize,
                (int) tableEntries,
                directory,
                redundant,
                descriptor,
                descriptor == 0 ? 0 : (int) descriptorLength);
    }

    private static int checkFlags(ByteReader header) throws IOException {
        long version = header.seek(4).readU32();
        if (version == 0 || version > VmdkLayout.MAX_VERSION) {
            throw new UnsupportedImageException(header.resource(), "VMDK version " + version);
        }
        int flags = header.readI32();
        int unknown = flags & VmdkLayout.INCOMPATIBLE_FLAGS & ~(VmdkLayout.FLAG_COMPRESSED | VmdkLayout.FLAG_MARKERS);
        if (unknown != 0) {
            throw new UnsupportedImageException(header.resource(), "VMDK flags " + Integer.toHexString(unknown));
        }
        int newlines = header.seek(VmdkLayout.NEWLINE_TEST_OFFSET).readI32();
        if ((flags & VmdkLayout.FLAG_NEWLINE_TEST) != 0 && newlines != VmdkLayout.NEWLINE_TEST) {
            throw header.corrupt(
                    VmdkLayout.NEWLINE_TEST_OFFSET, "ends of lines changed, as by a transfer of the file as text");
        }
        int compression = header.seek(VmdkLayout.COMPRESSION_OFFSET).readU16();
        boolean compressed = (flags & VmdkLayout.FLAG_COMPRESSED) != 0;
        if (compressed && compression != VmdkLayout.COMPRESSION_DEFLATE) {
            throw new UnsupportedImageException(header.resource(), "VMDK compression " + compression);
        }
        if (compressed != ((flags & VmdkLayout.FLAG_MARKERS) != 0)) {
            throw new UnsupportedImageException(
                    header.resource(),
                    compressed ? "compressed grains without markers" : "markers without compression");
        }
        return flags;
    }

    /** Reads a number of sectors and returns it in bytes. */
    private static long readSectors(ByteReader header, String what) throws CorruptImageException {
        long sectors = header.readU63(what);
        if (sectors > Long.MAX_VALUE / VmdkLayout.SECTOR) {
            throw header.corrupt(header.position() - Long.BYTES, what + " of " + sectors + " sectors");
        }
        return sectors * VmdkLayout.SECTOR;
    }

    private static int readGrainSize(ByteReader header, long sectors) throws CorruptImageException {
        if (sectors < 1 || sectors > VmdkLayout.MAX_GRAIN_SECTORS || Long.bitCount(sectors) != 1) {
            throw header.corrupt(
                    header.position() - Long.BYTES,
                    "grains of " + sectors + " sectors, expected a power of two from 1 to "
                            + VmdkLayout.MAX_GRAIN_SECTORS);
        }
        return (int) sectors * VmdkLayout.SECTOR;
    }

    /** Returns the length of the grain directory in bytes. */
    private static long directoryLength(ByteReader header, long capacity, long span) throws CorruptImageException {
        long entries = capacity / span + (capacity % span == 0 ? 0 : 1);
        if (entries > VmdkLayout.MAX_DIRECTORY_ENTRIES) {
            throw header.corrupt(
                    VmdkLayout.CAPACITY_OFFSET, "capacity of " + capacity + " bytes in tables of " + span + " each");
        }
        return Integer.BYTES * entries;
    }

    /** Reads the header of an ESX Server sparse extent. */
    private static VmdkHeader readCowd(BlockDevice file) throws IOException {
        ByteReader header = ByteReader.read(file, 0, VmdkLayout.HEADER_LENGTH, ByteOrder.LITTLE_ENDIAN);
        long version = header.skip(4).readU32();
        if (version != VmdkLayout.COWD_VERSION) {
            throw new UnsupportedImageException(file.name(), "COWD version " + version);
        }
        long capacity = header.skip(4).readU32() * VmdkLayout.SECTOR;
        long grainSectors = header.readU32();
        long directory = header.readU32() * VmdkLayout.SECTOR;
        int grainSize = readGrainSize(header.seek(24), grainSectors);
        directoryLength(header, capacity, (long) VmdkLayout.COWD_TABLE_ENTRIES * grainSize);
        return new VmdkHeader(0, capacity, grainSize, VmdkLayout.COWD_TABLE_ENTRIES, directory, 0, 0, 0);
    }

    /** Tells whether a flag is set. */
    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Returns how many bytes of the disk a grain table describes. */
    long tableSpan() {
        return (long) tableEntries * grainSize;
    }

    /**
     * Returns the header, or the footer, of a new stream-optimized extent.
     *
     * @param directory where the grain directory stands, in bytes, or {@link VmdkLayout#DIRECTORY_AT_END}
     * @param overhead where the first grain stands, in bytes
     */
    static ByteBuffer encode(
            long capacity, int grainSize, long descriptor, int descriptorLength, long directory, long overhead) {
        ByteBuffer header = ByteBuffer.allocate(VmdkLayout.HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(VmdkLayout.MAGIC).putInt(VmdkLayout.WRITTEN_VERSION);
        header.putInt(VmdkLayout.FLAG_NEWLINE_TEST | VmdkLayout.FLAG_COMPRESSED | VmdkLayout.FLAG_MARKERS);
        header.putLong(capacity / VmdkLayout.SECTOR).putLong(grainSize / VmdkLayout.SECTOR);
        header.putLong(descriptor / VmdkLayout.SECTOR).putLong(descriptorLength / VmdkLayout.SECTOR);
        header.putInt(VmdkLayout.WRITTEN_TABLE_ENTRIES).putLong(0);
        boolean atEnd = directory == VmdkLayout.DIRECTORY_AT_END;
        header.putLong(atEnd ? directory : directory / VmdkLayout.SECTOR).putLong(overhead / VmdkLayout.SECTOR);
        header.put((byte) 0).putInt(VmdkLayout.NEWLINE_TEST).putShort((short) VmdkLayout.COMPRESSION_DEFLATE);
        return header.clear();
    }
}

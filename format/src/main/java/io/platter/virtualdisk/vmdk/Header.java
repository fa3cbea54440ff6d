package io.platter.virtualdisk.vmdk;

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
 * @param flags those of {@link Layout}
 * @param capacity the size of what it holds, in bytes
 * @param grainSize in bytes
 * @param tableEntries how many entries a grain table has
 * @param directory where the grain directory stands, in bytes
 * @param redundant where the redundant grain directory stands, in bytes; 0 if there is none
 * @param descriptor where the descriptor stands, in bytes
 * @param descriptorLength its length with what fills it up, in bytes; 0 if there is none
 */
record Header(
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
        return magic == Layout.MAGIC || magic == Layout.COWD_MAGIC;
    }

    private static int magic(BlockDevice file) throws IOException {
        if (file.size() < Layout.HEADER_LENGTH) {
            return 0;
        }
        ByteBuffer magic = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        file.read(magic, 0);
        return magic.getInt(0);
    }

    /** Reads the header, or the footer if that is what counts. */
    static Header read(BlockDevice file) throws IOException {
        if (magic(file) == Layout.COWD_MAGIC) {
            return readCowd(file);
        }
        ByteReader header = readBytes(file, 0);
        if (header.seek(Layout.DIRECTORY_OFFSET).readI64() != Layout.DIRECTORY_AT_END) {
            return parse(file, header);
        }
        ByteReader footer = readBytes(file, file.size() - 2 * Layout.SECTOR);
        if (footer.seek(Layout.DIRECTORY_OFFSET).readI64() == Layout.DIRECTORY_AT_END) {
            throw footer.corrupt(Layout.DIRECTORY_OFFSET, "a footer that refers to the footer");
        }
        return parse(file, footer);
    }

    private static ByteReader readBytes(BlockDevice file, long offset) throws IOException {
        ByteReader header = ByteReader.read(file, offset, Layout.HEADER_LENGTH, ByteOrder.LITTLE_ENDIAN);
        int magic = header.readI32();
        if (magic != Layout.MAGIC) {
            throw header.corrupt(
                    0,
                    (offset == 0 ? "" : "footer with ") + "magic " + Integer.toHexString(magic)
                            + ", expected 564d444b");
        }
        return header;
    }

    private static Header parse(BlockDevice file, ByteReader header) throws IOException {
        int flags = checkFlags(header);
        header.seek(Layout.CAPACITY_OFFSET);
        long capacity = readSectors(header, "capacity");
        int grainSize = readGrainSize(header, header.readI64());
        long descriptor = readSectors(header, "descriptor offset");
        long descriptorLength = readSectors(header, "descriptor length");
        if (descriptorLength > Layout.MAX_DESCRIPTOR_LENGTH) {
            throw header.corrupt(Layout.DESCRIPTOR_OFFSET_OFFSET + 8, "a descriptor of " + descriptorLength + " bytes");
        }
        long tableEntries = header.readU32();
        if (tableEntries == 0 || tableEntries > Layout.MAX_TABLE_ENTRIES) {
            throw header.corrupt(Layout.TABLE_ENTRIES_OFFSET, tableEntries + " entries in a grain table");
        }
        long directoryLength = directoryLength(header, capacity, tableEntries * grainSize);
        boolean hasRedundant = (flags & Layout.FLAG_REDUNDANT) != 0;
        long redundant = hasRedundant ? readSectors(header, "redundant grain directory") : 0;
        header.seek(Layout.DIRECTORY_OFFSET);
        long directory = readSectors(header, "grain directory");
        if (redundant == 0 && (directory == 0 || directory > file.size() - directoryLength)) {
            throw header.corrupt(
                    Layout.DIRECTORY_OFFSET, "grain directory of " + directoryLength + " bytes at offset " + directory);
        }
        return new Header(
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
        if (version == 0 || version > Layout.MAX_VERSION) {
            throw new UnsupportedImageException(header.resource(), "VMDK version " + version);
        }
        int flags = header.readI32();
        int unknown = flags & Layout.INCOMPATIBLE_FLAGS & ~(Layout.FLAG_COMPRESSED | Layout.FLAG_MARKERS);
        if (unknown != 0) {
            throw new UnsupportedImageException(header.resource(), "VMDK flags " + Integer.toHexString(unknown));
        }
        int newlines = header.seek(Layout.NEWLINE_TEST_OFFSET).readI32();
        if ((flags & Layout.FLAG_NEWLINE_TEST) != 0 && newlines != Layout.NEWLINE_TEST) {
            throw header.corrupt(
                    Layout.NEWLINE_TEST_OFFSET, "ends of lines changed, as by a transfer of the file as text");
        }
        int compression = header.seek(Layout.COMPRESSION_OFFSET).readU16();
        boolean compressed = (flags & Layout.FLAG_COMPRESSED) != 0;
        if (compressed && compression != Layout.COMPRESSION_DEFLATE) {
            throw new UnsupportedImageException(header.resource(), "VMDK compression " + compression);
        }
        if (compressed != ((flags & Layout.FLAG_MARKERS) != 0)) {
            throw new UnsupportedImageException(
                    header.resource(),
                    compressed ? "compressed grains without markers" : "markers without compression");
        }
        return flags;
    }

    /** Reads a number of sectors and returns it in bytes. */
    private static long readSectors(ByteReader header, String what) throws CorruptImageException {
        long sectors = header.readU63(what);
        if (sectors > Long.MAX_VALUE / Layout.SECTOR) {
            throw header.corrupt(header.position() - Long.BYTES, what + " of " + sectors + " sectors");
        }
        return sectors * Layout.SECTOR;
    }

    private static int readGrainSize(ByteReader header, long sectors) throws CorruptImageException {
        if (sectors < 1 || sectors > Layout.MAX_GRAIN_SECTORS || Long.bitCount(sectors) != 1) {
            throw header.corrupt(
                    header.position() - Long.BYTES,
                    "grains of " + sectors + " sectors, expected a power of two from 1 to " + Layout.MAX_GRAIN_SECTORS);
        }
        return (int) sectors * Layout.SECTOR;
    }

    /** Returns the length of the grain directory in bytes. */
    private static long directoryLength(ByteReader header, long capacity, long span) throws CorruptImageException {
        long entries = capacity / span + (capacity % span == 0 ? 0 : 1);
        if (entries > Layout.MAX_DIRECTORY_ENTRIES) {
            throw header.corrupt(
                    Layout.CAPACITY_OFFSET, "capacity of " + capacity + " bytes in tables of " + span + " each");
        }
        return Integer.BYTES * entries;
    }

    /** Reads the header of an ESX Server sparse extent. */
    private static Header readCowd(BlockDevice file) throws IOException {
        ByteReader header = ByteReader.read(file, 0, Layout.HEADER_LENGTH, ByteOrder.LITTLE_ENDIAN);
        long version = header.skip(4).readU32();
        if (version != Layout.COWD_VERSION) {
            throw new UnsupportedImageException(file.name(), "COWD version " + version);
        }
        long capacity = header.skip(4).readU32() * Layout.SECTOR;
        long grainSectors = header.readU32();
        long directory = header.readU32() * Layout.SECTOR;
        int grainSize = readGrainSize(header.seek(24), grainSectors);
        directoryLength(header, capacity, (long) Layout.COWD_TABLE_ENTRIES * grainSize);
        return new Header(0, capacity, grainSize, Layout.COWD_TABLE_ENTRIES, directory, 0, 0, 0);
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
     * @param directory where the grain directory stands, in bytes, or {@link Layout#DIRECTORY_AT_END}
     * @param overhead where the first grain stands, in bytes
     */
    static ByteBuffer encode(
            long capacity, int grainSize, long descriptor, int descriptorLength, long directory, long overhead) {
        ByteBuffer header = ByteBuffer.allocate(Layout.HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(Layout.MAGIC).putInt(Layout.WRITTEN_VERSION);
        header.putInt(Layout.FLAG_NEWLINE_TEST | Layout.FLAG_COMPRESSED | Layout.FLAG_MARKERS);
        header.putLong(capacity / Layout.SECTOR).putLong(grainSize / Layout.SECTOR);
        header.putLong(descriptor / Layout.SECTOR).putLong(descriptorLength / Layout.SECTOR);
        header.putInt(Layout.WRITTEN_TABLE_ENTRIES).putLong(0);
        boolean atEnd = directory == Layout.DIRECTORY_AT_END;
        header.putLong(atEnd ? directory : directory / Layout.SECTOR).putLong(overhead / Layout.SECTOR);
        header.put((byte) 0).putInt(Layout.NEWLINE_TEST).putShort((short) Layout.COMPRESSION_DEFLATE);
        return header.clear();
    }
}

package io.platter.virtualdisk.vmdk;

/**
 * The numbers of a VMDK file. Source: VMware, "Virtual Disk Format 5.0", and for what that leaves out libvmdk's "VMware
 * Virtual Disk (VMDK) format specification"; all numbers are little-endian, all places are in sectors.
 *
 * <p>A hosted sparse extent is a header, mostly a descriptor in text, a grain directory, whose entries of four bytes each
 * point to a grain table, and grain tables, whose entries of four bytes each point to a grain. In a stream-optimized
 * extent grains are compressed, each after a marker, and the tables follow what they describe: the directory's place
 * is in a footer, a copy of the header before the end-of-stream marker. An ESX Server sparse extent, "COWD", has another
 * header before the same tables.
 */
final class Layout {
    static final int SECTOR = 512;

    /** "KDMV". */
    static final int MAGIC = 0x564D_444B;
    /** "COWD". */
    static final int COWD_MAGIC = 0x4457_4F43;

    static final int HEADER_LENGTH = 512;
    static final int MAX_VERSION = 3;
    /** The version that stream-optimized extents have. */
    static final int WRITTEN_VERSION = 3;

    static final int FLAG_NEWLINE_TEST = 1;
    /** There is a second grain directory with tables of its own, which stands in for the first where that is damaged. */
    static final int FLAG_REDUNDANT = 1 << 1;
    /** An entry of {@link #ZEROED} stands for zeros. */
    static final int FLAG_ZEROED_ENTRIES = 1 << 2;

    static final int FLAG_COMPRESSED = 1 << 16;
    static final int FLAG_MARKERS = 1 << 17;
    /** Who does not know one of these flags can't read the file. */
    static final int INCOMPATIBLE_FLAGS = 0xFFFF_0000;

    /** What a transfer as text would change: {@code \n}, space, {@code \r\n}. */
    static final int NEWLINE_TEST = 0x0A0D_200A;

    static final int COMPRESSION_DEFLATE = 1;

    /** The header's place of a grain directory that only the footer tells. */
    static final long DIRECTORY_AT_END = -1;

    static final int CAPACITY_OFFSET = 12;
    static final int DESCRIPTOR_OFFSET_OFFSET = 28;
    static final int TABLE_ENTRIES_OFFSET = 44;
    static final int REDUNDANT_OFFSET = 48;
    static final int DIRECTORY_OFFSET = 56;
    static final int NEWLINE_TEST_OFFSET = 73;
    static final int COMPRESSION_OFFSET = 77;

    /** An entry of what is not here: the parent has it, or it is zeros. */
    static final long ABSENT = 0;

    static final long ZEROED = 1;

    /** The largest grain that is read, in sectors; none larger than 128 is known to be in use. */
    static final int MAX_GRAIN_SECTORS = 4096;

    static final int MAX_TABLE_ENTRIES = 4096;
    /** QEMU's own limit. */
    static final long MAX_DIRECTORY_ENTRIES = 1 << 25;

    static final int WRITTEN_TABLE_ENTRIES = 512;
    static final int USUAL_GRAIN_SIZE = 1 << 16;
    /** A grain has more than eight sectors, says the specification. */
    static final int MIN_WRITTEN_GRAIN_SIZE = 16 * SECTOR;
    /** VMware's limit for a disk, since version 5.5 of vSphere. */
    static final long MAX_DISK_SIZE = 62L << 40;
    /** After that a sector's number has no room in the tables. */
    static final long MAX_FILE_SECTORS = 1L << 32;

    static final int MARKER_END_OF_STREAM = 0;
    static final int MARKER_GRAIN_TABLE = 1;
    static final int MARKER_GRAIN_DIRECTORY = 2;
    static final int MARKER_FOOTER = 3;
    /** A grain's marker, with its first sector on the disk and the length of the compressed bytes that follow. */
    static final int GRAIN_MARKER_LENGTH = 12;

    static final int MAX_DESCRIPTOR_LENGTH = 2 << 20;
    /** A {@code parentCID} that says that there is no parent. */
    static final long NO_PARENT = 0xFFFF_FFFFL;

    static final int COWD_VERSION = 1;
    static final int COWD_TABLE_ENTRIES = 4096;

    private Layout() {}
}

package io.platter.virtualdisk.androidsparse;

/**
 * The numbers of an Android sparse image. Source: AOSP, {@code libsparse/sparse_format.h}; all numbers are little-endian.
 *
 * <p>A header, then chunks one after the other, each with a header of its own that tells its kind, how many blocks of the
 * disk it stands for, and how many bytes of the file it takes, its header included.
 */
final class Layout {
    static final int MAGIC = 0xED26FF3A;
    static final int MAJOR_VERSION = 1;
    static final int HEADER_LENGTH = 28;
    static final int CHUNK_HEADER_LENGTH = 12;

    /** The chunk's blocks as they are. */
    static final int CHUNK_RAW = 0xCAC1;
    /** Four bytes, repeated. */
    static final int CHUNK_FILL = 0xCAC2;
    /** Nothing. */
    static final int CHUNK_DONT_CARE = 0xCAC3;
    /** A checksum of the disk so far; no block. */
    static final int CHUNK_CRC32 = 0xCAC4;

    static final int USUAL_BLOCK_SIZE = 4096;
    static final long MAX_BLOCKS = 0xFFFF_FFFFL;

    private Layout() {}
}

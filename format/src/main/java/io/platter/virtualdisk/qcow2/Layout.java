package io.platter.virtualdisk.qcow2;

/** The numbers of a qcow2 file. Source: QEMU, {@code docs/interop/qcow2.rst}; all numbers are big-endian. */
final class Layout {
    /** "QFI" and 0xFB. */
    static final int MAGIC = 0x514649FB;

    static final int V2_HEADER_LENGTH = 72;
    static final int V3_HEADER_LENGTH = 104;
    /** With the compression type and its padding. */
    static final int WRITTEN_HEADER_LENGTH = 112;

    static final int MIN_CLUSTER_BITS = 9;
    /** QEMU's own limit: clusters of 2 MiB. */
    static final int MAX_CLUSTER_BITS = 21;

    static final int MIN_EXTENDED_L2_CLUSTER_BITS = 14;
    static final int SUBCLUSTERS = 32;
    static final int MAX_REFCOUNT_ORDER = 6;
    /** 16 bits wide, as in version 2. */
    static final int WRITTEN_REFCOUNT_ORDER = 4;

    /** QEMU's own limit on the L1 table: 32 MiB. */
    static final int MAX_L1_ENTRIES = (32 << 20) / 8;
    /** QEMU's own limit on the refcount table: 8 MiB. */
    static final int MAX_REFCOUNT_TABLE = 8 << 20;
    /** QEMU's own limit. */
    static final int MAX_SNAPSHOTS = 65_536;
    /** QEMU's own limit, in bytes. */
    static final int MAX_SNAPSHOT_TABLE = 1024 * MAX_SNAPSHOTS;
    /** QEMU's own limit on the extra data of a snapshot, in bytes. */
    static final int MAX_SNAPSHOT_EXTRA = 1024;

    static final int MAX_BACKING_NAME = 1023;

    static final long INCOMPATIBLE_DIRTY = 1;
    static final long INCOMPATIBLE_CORRUPT = 1 << 1;
    static final long INCOMPATIBLE_DATA_FILE = 1 << 2;
    static final long INCOMPATIBLE_COMPRESSION = 1 << 3;
    static final long INCOMPATIBLE_EXTENDED_L2 = 1 << 4;
    static final long INCOMPATIBLE_KNOWN = INCOMPATIBLE_DIRTY
            | INCOMPATIBLE_CORRUPT
            | INCOMPATIBLE_DATA_FILE
            | INCOMPATIBLE_COMPRESSION
            | INCOMPATIBLE_EXTENDED_L2;

    static final long EXTENSION_END = 0;
    static final long EXTENSION_BACKING_FORMAT = 0xE2792ACAL;
    static final long EXTENSION_DATA_FILE = 0x44415441L;
    static final long EXTENSION_FEATURE_NAMES = 0x6803F857L;
    static final int FEATURE_NAME_ENTRY = 48;

    static final int COMPRESSION_DEFLATE = 0;
    static final int COMPRESSION_ZSTD = 1;

    /** In an L1 or L2 entry: the refcount is exactly one. */
    static final long COPIED = 1L << 63;

    static final long COMPRESSED = 1L << 62;
    static final long ZERO = 1;
    /** Bits 9 to 55 of an L1 entry or a standard cluster descriptor. */
    static final long OFFSET_MASK = 0x00FF_FFFF_FFFF_FE00L;
    /** What has to be 0 in an L1 entry. */
    static final long L1_RESERVED = ~(OFFSET_MASK | COPIED);
    /** What has to be 0 in the L2 entry of a standard cluster, besides the zero flag where that is not allowed. */
    static final long L2_RESERVED = ~(OFFSET_MASK | COPIED | COMPRESSED | ZERO);

    /** The unit in which the length of compressed data is counted, in bytes. */
    static final int COMPRESSED_SECTOR = 512;

    private Layout() {}

    /** Returns how many low bits of a compressed cluster descriptor are the offset. */
    static int compressedOffsetBits(int clusterBits) {
        return 62 - (clusterBits - 8);
    }

    /** Returns how many bytes a compressed cluster descriptor can give a cluster at most. */
    static int maxCompressedLength(int clusterSize) {
        return 2 * clusterSize;
    }

    /** Returns how many L1 entries a disk needs. */
    static long l1Entries(long diskSize, int clusterBits, long l2Entries) {
        int spanBits = clusterBits + Long.numberOfTrailingZeros(l2Entries);
        return (diskSize >>> spanBits) + ((diskSize & ((1L << spanBits) - 1)) == 0 ? 0 : 1);
    }
}

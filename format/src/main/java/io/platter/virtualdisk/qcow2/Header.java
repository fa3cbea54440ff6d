package io.platter.virtualdisk.qcow2;

import static io.platter.virtualdisk.qcow2.Layout.COMPRESSION_DEFLATE;
import static io.platter.virtualdisk.qcow2.Layout.COMPRESSION_ZSTD;
import static io.platter.virtualdisk.qcow2.Layout.INCOMPATIBLE_COMPRESSION;
import static io.platter.virtualdisk.qcow2.Layout.INCOMPATIBLE_DATA_FILE;
import static io.platter.virtualdisk.qcow2.Layout.INCOMPATIBLE_EXTENDED_L2;
import static io.platter.virtualdisk.qcow2.Layout.INCOMPATIBLE_KNOWN;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the first cluster of a qcow2 file says, checked against the file's size and our limits.
 *
 * @param clusterBits the cluster's size is two to the power of this
 * @param incompatible the mask of features that a reader must know
 * @param compressionType how compressed clusters are compressed
 * @param diskSize in bytes
 * @param l1 the table of the disk's current state
 * @param snapshotCount how many internal snapshots there are
 * @param snapshotsOffset where their table stands in the file
 * @param backingName the name of the parent, or null
 * @param backingNameOffset where that stands in the file, 0 without one
 * @param backingFormat the parent's format by its QEMU name, or null
 * @param dataFile the name of the file with the clusters, or null
 */
record Header(
        int version,
        int clusterBits,
        long incompatible,
        int compressionType,
        long diskSize,
        L1 l1,
        int snapshotCount,
        long snapshotsOffset,
        @Nullable String backingName,
        long backingNameOffset,
        @Nullable String backingFormat,
        @Nullable String dataFile) {

    /**
     * Where an L1 table stands.
     *
     * @param offset in the file, in bytes
     * @param entries how many it has
     */
    record L1(long offset, int entries) {}

    int clusterSize() {
        return 1 << clusterBits;
    }

    boolean has(long incompatibleFeature) {
        return (incompatible & incompatibleFeature) != 0;
    }

    /** Returns how many entries an L2 table has. */
    int l2Entries() {
        return clusterSize() / (has(INCOMPATIBLE_EXTENDED_L2) ? 16 : 8);
    }

    /** Checks that a table stands where the file has room for it, is not too large, and maps the whole disk. */
    L1 checkedL1(BlockDevice file, long fieldOffset, long offset, long entries, long size)
            throws CorruptImageException {
        if (entries > Layout.MAX_L1_ENTRIES || entries < Layout.l1Entries(size, clusterBits, l2Entries())) {
            throw new CorruptImageException(
                    file.name(),
                    fieldOffset,
                    entries + " L1 entries for a disk of " + size + " bytes with clusters of " + clusterSize());
        }
        if (entries > 0 && (offset <= 0 || offset % clusterSize() != 0 || offset > file.size() - entries * 8)) {
            throw new CorruptImageException(
                    file.name(),
                    fieldOffset,
                    "L1 table of " + entries + " entries at offset " + offset + " of a file of " + file.size()
                            + " bytes");
        }
        return new L1(offset, (int) entries);
    }

    static Header read(BlockDevice file) throws IOException {
        return new Parser(file).parse();
    }

    /** Reads the header in the order of its fields. */
    private static final class Parser {
        private final BlockDevice file;
        private final ByteReader fixed;
        private int clusterSize;
        private long incompatible;
        private int compressionType;
        private int headerLength = Layout.V2_HEADER_LENGTH;
        private @Nullable String backingFormat;
        private @Nullable String dataFile;
        private final List<String> incompatibleNames = new ArrayList<>();

        Parser(BlockDevice file) throws IOException {
            this.file = file;
            int length = (int) Math.min(file.size(), Layout.WRITTEN_HEADER_LENGTH);
            this.fixed = ByteReader.read(file, 0, length, ByteOrder.BIG_ENDIAN);
        }

        Header parse() throws IOException {
            int magic = fixed.readI32();
            if (magic != Layout.MAGIC) {
                throw fixed.corrupt(0, "magic " + Integer.toHexString(magic) + ", expected 514649fb");
            }
            long version = fixed.readU32();
            if (version != 2 && version != 3) {
                throw new UnsupportedImageException(file.name(), "qcow2 version " + version);
            }
            long backingOffset = fixed.readU63("backing_file_offset");
            long backingLength = fixed.readU32();
            int clusterBits = clusterBits();
            long diskSize = fixed.readU63("size");
            checkNotEncrypted();
            long l1Entries = fixed.readU32();
            long l1Offset = fixed.readU63("l1_table_offset");
            checkRefcountTable();
            long snapshots = checkedSnapshots();
            long snapshotsOffset = fixed.readU63("snapshots_offset");
            if (version == 3) {
                readVersion3Fields(clusterBits);
            }
            readExtensions(backingOffset == 0 ? clusterSize : Math.min(backingOffset, clusterSize));
            checkFeatures();
            Header header = new Header(
                    (int) version,
                    clusterBits,
                    incompatible,
                    compressionType,
                    diskSize,
                    new L1(0, 0),
                    (int) snapshots,
                    snapshotsOffset,
                    backingOffset == 0 ? null : backingName(backingOffset, backingLength),
                    backingOffset,
                    backingFormat,
                    dataFile);
            return header.withL1(header.checkedL1(file, 36, l1Offset, l1Entries, diskSize));
        }

        private int clusterBits() throws CorruptImageException {
            long clusterBits = fixed.readU32();
            if (clusterBits < Layout.MIN_CLUSTER_BITS || clusterBits > Layout.MAX_CLUSTER_BITS) {
                throw fixed.corrupt(20, "cluster_bits " + clusterBits + ", expected 9 to 21");
            }
            clusterSize = 1 << clusterBits;
            return (int) clusterBits;
        }

        private void checkNotEncrypted() throws IOException {
            long method = fixed.readU32();
            if (method != 0) {
                throw new UnsupportedImageException(file.name(), "decryption, crypt_method " + method);
            }
        }

        /** Reading needs no refcounts; a table that can't be right is damage all the same. */
        private void checkRefcountTable() throws CorruptImageException {
            long offset = fixed.readU63("refcount_table_offset");
            long length = fixed.readU32() * clusterSize;
            if (offset % clusterSize != 0
                    || length > Math.max(Layout.MAX_REFCOUNT_TABLE, clusterSize)
                    || offset > file.size() - length) {
                throw fixed.corrupt(48, "refcount table of " + length + " bytes at offset " + offset);
            }
        }

        private long checkedSnapshots() throws CorruptImageException {
            long snapshots = fixed.readU32();
            if (snapshots > Layout.MAX_SNAPSHOTS) {
                throw fixed.corrupt(60, snapshots + " snapshots, expected at most " + Layout.MAX_SNAPSHOTS);
            }
            return snapshots;
        }

        private void readVersion3Fields(int clusterBits) throws IOException {
            incompatible = fixed.readI64();
            fixed.skip(16);
            long refcountOrder = fixed.readU32();
            if (refcountOrder > Layout.MAX_REFCOUNT_ORDER) {
                throw fixed.corrupt(96, "refcount_order " + refcountOrder + ", expected at most 6");
            }
            long length = fixed.readU32();
            if (length < Layout.V3_HEADER_LENGTH || length % 8 != 0 || length > clusterSize) {
                throw fixed.corrupt(100, "header_length " + length + ", expected a multiple of 8 from 104 on");
            }
            headerLength = (int) length;
            compressionType = length > Layout.V3_HEADER_LENGTH ? fixed.readU8() : COMPRESSION_DEFLATE;
            if (has(INCOMPATIBLE_COMPRESSION) != (compressionType != COMPRESSION_DEFLATE)) {
                throw fixed.corrupt(104, "compression_type " + compressionType + " contradicts incompatible_features");
            }
            if (has(INCOMPATIBLE_EXTENDED_L2) && clusterBits < Layout.MIN_EXTENDED_L2_CLUSTER_BITS) {
                throw fixed.corrupt(20, "cluster_bits " + clusterBits + " with extended L2, expected 14 or more");
            }
        }

        private boolean has(long incompatibleFeature) {
            return (incompatible & incompatibleFeature) != 0;
        }

        private void readExtensions(long end) throws IOException {
            int length = (int) Math.min(end, file.size()) - headerLength;
            if (length < 0) {
                throw fixed.corrupt(8, "a header of " + headerLength + " bytes, and something else inside it");
            }
            ByteReader area = ByteReader.read(file, headerLength, length, ByteOrder.BIG_ENDIAN);
            while (area.remaining() >= 8) {
                long type = area.readU32();
                long size = area.readU32();
                if (type == Layout.EXTENSION_END) {
                    return;
                }
                if (size > area.remaining()) {
                    throw area.corrupt(
                            area.position() - 4,
                            "header extension of " + size + " bytes, " + area.remaining() + " left");
                }
                readExtension(type, area, (int) size);
                area.skip(Math.min(area.remaining(), Math.floorMod(-(int) size, 8)));
            }
        }

        private void readExtension(long type, ByteReader area, int size) throws CorruptImageException {
            if (type == Layout.EXTENSION_BACKING_FORMAT) {
                backingFormat = area.readText(size, StandardCharsets.UTF_8);
            } else if (type == Layout.EXTENSION_DATA_FILE) {
                dataFile = area.readText(size, StandardCharsets.UTF_8);
            } else if (type == Layout.EXTENSION_FEATURE_NAMES) {
                readFeatureNames(area, size);
            } else {
                area.skip(size);
            }
        }

        /** Remembers the names of the incompatible features that are set and that we do not know. */
        private void readFeatureNames(ByteReader area, int size) throws CorruptImageException {
            for (int left = size; left >= Layout.FEATURE_NAME_ENTRY; left -= Layout.FEATURE_NAME_ENTRY) {
                boolean isIncompatible = area.readU8() == 0;
                int bit = area.readU8();
                String name = area.readText(Layout.FEATURE_NAME_ENTRY - 2, StandardCharsets.UTF_8);
                if (isIncompatible && bit < 64 && (incompatible & ~INCOMPATIBLE_KNOWN & 1L << bit) != 0) {
                    incompatibleNames.add("\"" + name + "\"");
                }
            }
            area.skip(size % Layout.FEATURE_NAME_ENTRY);
        }

        private void checkFeatures() throws IOException {
            if ((incompatible & ~INCOMPATIBLE_KNOWN) != 0) {
                throw new UnsupportedImageException(
                        file.name(),
                        "the incompatible features " + Long.toHexString(incompatible & ~INCOMPATIBLE_KNOWN)
                                + incompatibleNames.stream()
                                        .distinct()
                                        .limit(64)
                                        .toList());
            }
            if (compressionType != COMPRESSION_DEFLATE && compressionType != COMPRESSION_ZSTD) {
                throw new UnsupportedImageException(file.name(), "compression type " + compressionType);
            }
            if (has(INCOMPATIBLE_DATA_FILE) && dataFile == null) {
                throw new UnsupportedImageException(file.name(), "an external data file, and does not name it");
            }
        }

        private String backingName(long offset, long length) throws IOException {
            if (length > Layout.MAX_BACKING_NAME || offset > clusterSize - length) {
                throw fixed.corrupt(16, "backing file name of " + length + " bytes at offset " + offset);
            }
            byte[] name = ByteReader.read(file, offset, (int) length, ByteOrder.BIG_ENDIAN)
                    .readBytes((int) length);
            return new String(name, StandardCharsets.UTF_8);
        }
    }

    private Header withL1(L1 table) {
        return new Header(
                version,
                clusterBits,
                incompatible,
                compressionType,
                diskSize,
                table,
                snapshotCount,
                snapshotsOffset,
                backingName,
                backingNameOffset,
                backingFormat,
                has(INCOMPATIBLE_DATA_FILE) ? dataFile : null);
    }
}

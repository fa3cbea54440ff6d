package io.platter.virtualdisk.vhdx;

import io.platter.block.BlockDevice;
import io.platter.block.MemoryDevice;
import io.platter.testkit.SparseFile;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * A small VHDX file of ours in memory that a test changes, knowing the format by itself: the log at 1 MiB, the metadata
 * region at 2 MiB, the BAT at 3 MiB, the blocks from 4 MiB on.
 */
final class VhdxImage {
    static final VirtualDiskFormat VHDX = VirtualDisks.named("vhdx").orElseThrow();
    static final int MIB = 1 << 20;
    static final int LOG = MIB;
    static final int METADATA = 2 * MIB;
    static final int ITEMS = METADATA + 65536;
    static final int BAT = 3 * MIB;
    static final int DATA = 4 * MIB;
    static final int[] HEADERS = {65536, 131072};
    static final int[] REGION_TABLES = {196608, 262144};

    private ByteBuffer file;

    private VhdxImage(byte[] file) {
        this.file = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Returns a file of this disk, in blocks of 1 MiB. */
    static VhdxImage of(byte[] disk, VirtualDiskOptions options) throws IOException {
        SparseFile file = new SparseFile();
        try (VirtualDiskWriter writer = VHDX.create(file, disk.length, options)) {
            writer.data(0, ByteBuffer.wrap(disk));
            writer.finish();
        }
        return new VhdxImage(file.toByteArray());
    }

    static VhdxImage copyOf(VhdxImage other) {
        return new VhdxImage(other.file.array().clone());
    }

    ByteBuffer bytes() {
        return file;
    }

    BlockDevice device() {
        return MemoryDevice.over(file.array());
    }

    BlockDevice open(VirtualDiskOptions options) throws IOException {
        return VHDX.open(device(), options);
    }

    /** Makes the file longer by zeros, or shorter. */
    VhdxImage resize(int length) {
        file = ByteBuffer.wrap(Arrays.copyOf(file.array(), length)).order(ByteOrder.LITTLE_ENDIAN);
        return this;
    }

    /** Puts right the checksums of headers and region tables. */
    VhdxImage sign() {
        for (int header : HEADERS) {
            sign(file, header, 4096);
        }
        for (int table : REGION_TABLES) {
            sign(file, table, 65536);
        }
        return this;
    }

    static void sign(ByteBuffer bytes, int start, int length) {
        bytes.putInt(start + 4, 0);
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(start, length));
        bytes.putInt(start + 4, (int) crc.getValue());
    }

    /** Sets both headers' log identifier. */
    VhdxImage logId(UUID id) {
        for (int header : HEADERS) {
            putGuid(file, header + 48, id);
        }
        return sign();
    }

    VhdxImage dataWriteId(UUID id) {
        for (int header : HEADERS) {
            putGuid(file, header + 32, id);
        }
        return sign();
    }

    static void putGuid(ByteBuffer bytes, int at, UUID id) {
        bytes.putInt(at, (int) (id.getMostSignificantBits() >>> 32));
        bytes.putShort(at + 4, (short) (id.getMostSignificantBits() >>> 16));
        bytes.putShort(at + 6, (short) id.getMostSignificantBits());
        for (int i = 0; i < 8; i++) {
            bytes.put(at + 8 + i, (byte) (id.getLeastSignificantBits() >>> (56 - 8 * i)));
        }
    }

    VhdxImage entry(int index, int state, long mib) {
        file.putLong(BAT + 8 * index, mib << 20 | state);
        return this;
    }

    /** Makes the disk a differencing one. */
    VhdxImage parent(UUID linkage, String... more) {
        file.putInt(ITEMS + 4, 2);
        List<String> pairs = new ArrayList<>(List.of("parent_linkage", "{" + linkage + "}"));
        pairs.addAll(List.of(more));
        int count = pairs.size() / 2;
        int item = ITEMS + 4096;
        int text = 20 + 12 * count;
        putGuid(file, item, UUID.fromString("b04aefb7-d19e-4a81-b789-25b8e9445913"));
        file.putShort(item + 18, (short) count);
        for (int i = 0; i < count; i++) {
            byte[] key = pairs.get(2 * i).getBytes(StandardCharsets.UTF_16LE);
            byte[] value = pairs.get(2 * i + 1).getBytes(StandardCharsets.UTF_16LE);
            int entry = item + 20 + 12 * i;
            file.putInt(entry, text).putInt(entry + 4, text + key.length);
            file.putShort(entry + 8, (short) key.length).putShort(entry + 10, (short) value.length);
            file.put(item + text, key).put(item + text + key.length, value);
            text += key.length + value.length;
        }
        return item("a8d35f2d-b30b-454d-abf7-d3d84834ab0c", 65536 + 4096, text, 4);
    }

    /** Adds an entry to the metadata table. */
    VhdxImage item(String id, int offset, int length, int flags) {
        int count = file.getShort(METADATA + 10);
        int entry = METADATA + 32 * (count + 1);
        putGuid(file, entry, UUID.fromString(id));
        file.putInt(entry + 16, offset).putInt(entry + 20, length).putInt(entry + 24, flags);
        file.putShort(METADATA + 10, (short) (count + 1));
        return this;
    }
}

package io.platter.virtualdisk.vmdk;

import io.platter.block.MemoryDevice;
import io.platter.virtualdisk.FileResolver;
import io.platter.virtualdisk.VirtualDiskOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * A small sparse VMDK file made by hand: a grain of ones, an absent one, a zeroed one, one of threes, and four that are
 * absent, in grains of 4 KiB.
 */
final class VmdkImage {
    static final int GRAIN = 4096;
    static final int DISK_SIZE = 8 * GRAIN;

    static final int DESCRIPTOR = 512;
    static final int DESCRIPTOR_LENGTH = 4 * 512;
    static final int REDUNDANT_DIRECTORY = 5 * 512;
    static final int REDUNDANT_TABLE = 6 * 512;
    static final int DIRECTORY = 10 * 512;
    static final int TABLE = 11 * 512;
    static final int FIRST_GRAIN = 16 * 512;

    private static final String DESCRIPTOR_TEXT = """
            # Disk DescriptorFile
            version=1
            CID=12345678
            parentCID=ffffffff
            createType="monolithicSparse"

            # Extent description
            RW 64 SPARSE "disk.vmdk"
            """;

    private VmdkImage() {}

    static ByteBuffer littleEndian(byte[] file) {
        return ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Returns a grain as a stream-optimized file stores it. */
    static byte[] compress(byte[] grain) {
        try (GrainEncoder encoder = new GrainEncoder(9, grain.length)) {
            ByteBuffer target = ByteBuffer.allocate(encoder.maxEncodedLength());
            encoder.encode(ByteBuffer.wrap(grain), target);
            return Arrays.copyOf(target.array(), target.position());
        }
    }

    /** Returns what the disk holds. */
    static byte[] content() {
        byte[] content = new byte[DISK_SIZE];
        Arrays.fill(content, 0, GRAIN, (byte) 1);
        Arrays.fill(content, 3 * GRAIN, 4 * GRAIN, (byte) 3);
        return content;
    }

    /** Returns the file, with the descriptor of a disk that stands alone. */
    static byte[] sparse() {
        return sparse(DESCRIPTOR_TEXT);
    }

    static byte[] sparse(String descriptor) {
        byte[] file = new byte[FIRST_GRAIN + 2 * GRAIN];
        ByteBuffer bytes = littleEndian(file);
        bytes.putInt(Layout.MAGIC).putInt(2);
        bytes.putInt(Layout.FLAG_NEWLINE_TEST | Layout.FLAG_REDUNDANT | Layout.FLAG_ZEROED_ENTRIES);
        bytes.putLong(DISK_SIZE / 512).putLong(GRAIN / 512);
        bytes.putLong(DESCRIPTOR / 512).putLong(DESCRIPTOR_LENGTH / 512).putInt(512);
        bytes.putLong(REDUNDANT_DIRECTORY / 512).putLong(DIRECTORY / 512).putLong(FIRST_GRAIN / 512);
        bytes.put((byte) 0).putInt(Layout.NEWLINE_TEST);
        bytes.put(DESCRIPTOR, descriptor.getBytes(StandardCharsets.UTF_8));
        bytes.putInt(REDUNDANT_DIRECTORY, REDUNDANT_TABLE / 512).putInt(DIRECTORY, TABLE / 512);
        for (int table : new int[] {REDUNDANT_TABLE, TABLE}) {
            bytes.putInt(table, FIRST_GRAIN / 512).putInt(table + 8, 1);
            bytes.putInt(table + 12, (FIRST_GRAIN + GRAIN) / 512);
        }
        Arrays.fill(file, FIRST_GRAIN, FIRST_GRAIN + GRAIN, (byte) 1);
        Arrays.fill(file, FIRST_GRAIN + GRAIN, FIRST_GRAIN + 2 * GRAIN, (byte) 3);
        return file;
    }

    /** Returns the same disk as an extent of ESX Server's kind, where the zeroed grain is absent. */
    static byte[] cowd() {
        int table = 5 * 512;
        int firstGrain = 40 * 512;
        byte[] file = new byte[firstGrain + 2 * GRAIN];
        ByteBuffer bytes = littleEndian(file);
        bytes.putInt(Layout.COWD_MAGIC).putInt(1).putInt(3);
        bytes.putInt(DISK_SIZE / 512).putInt(GRAIN / 512).putInt(4).putInt(1);
        bytes.putInt(4 * 512, table / 512);
        bytes.putInt(table, firstGrain / 512).putInt(table + 12, (firstGrain + GRAIN) / 512);
        Arrays.fill(file, firstGrain, firstGrain + GRAIN, (byte) 1);
        Arrays.fill(file, firstGrain + GRAIN, firstGrain + 2 * GRAIN, (byte) 3);
        return file;
    }

    /** Returns a descriptor with these extents and other lines. */
    static byte[] descriptor(String... lines) {
        return ("# Disk DescriptorFile\nversion=1\nCID=12345678\n" + String.join("\n", lines) + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Returns options whose resolver knows these files by their role and name, and no others. */
    static VirtualDiskOptions resolving(Map<String, byte[]> files) {
        return VirtualDiskOptions.builder()
                .resolver((role, name) -> {
                    byte[] file = files.get(role + ":" + name);
                    return file != null ? MemoryDevice.over(file) : FileResolver.NONE.resolve(role, name);
                })
                .build();
    }
}

package io.platter.filesystem.exfat;

import io.platter.block.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Makes exFAT volumes as they may be, but as no program on Linux makes them. All have sectors of 512 bytes. */
final class ExFatSurgery {
    private static final int BOOT_REGION = 11 * 512;

    private ExFatSurgery() {}

    /** Sets the higher part of the revision. */
    static void setRevision(BlockDevice device, int major) throws IOException {
        device.write(ByteBuffer.wrap(new byte[] {0, (byte) major}), 104);
        writeChecksum(device);
    }

    /** Puts an entry after the last one in the root directory. */
    static void addRootEntry(BlockDevice device, ByteBuffer entry) throws IOException {
        long at = boot(device).clusterOffset(boot(device).rootCluster);
        while (read(device, at, 32).get(0) != 0) {
            at += 32;
        }
        device.write(entry.rewind(), at);
    }

    /**
     * Gives the volume a second FAT, which counts from then on, and a second bitmap.
     *
     * @param onlyInFirst a cluster that is used in the first bitmap only
     * @param second where the second bitmap is put; it is used in the second bitmap only
     */
    static void makeTexFat(BlockDevice device, int onlyInFirst, int second) throws IOException {
        BootSector boot = boot(device);
        device.write(ByteBuffer.wrap(new byte[] {2}), 110);
        device.write(ByteBuffer.wrap(new byte[] {1}), 106);
        writeChecksum(device);
        long fatLength = boot.fatLength * 512;
        ByteBuffer fat = read(device, boot.fatOffset * 512, (int) fatLength);
        device.write(fat.putInt(4 * second, -1).rewind(), boot.fatOffset * 512 + fatLength);
        device.zero(boot.fatOffset * 512, fatLength);
        int bitmapLength = (int) (boot.clusterCount + 7) / 8;
        ByteBuffer bitmap = read(device, boot.clusterOffset(2), bitmapLength);
        set(bitmap, second - 2);
        device.write(bitmap.rewind(), boot.clusterOffset(second));
        clear(bitmap, second - 2);
        set(bitmap, onlyInFirst - 2);
        device.write(bitmap.rewind(), boot.clusterOffset(2));
        ByteBuffer entry = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
        entry.put(0, (byte) 0x81).put(1, (byte) 1).putInt(20, second).putLong(24, bitmapLength);
        addRootEntry(device, entry);
    }

    private static void set(ByteBuffer bitmap, int bit) {
        bitmap.put(bit / 8, (byte) (bitmap.get(bit / 8) | 1 << (bit % 8)));
    }

    private static void clear(ByteBuffer bitmap, int bit) {
        bitmap.put(bit / 8, (byte) (bitmap.get(bit / 8) & ~(1 << (bit % 8))));
    }

    private static BootSector boot(BlockDevice device) throws IOException {
        return BootSector.read(device).orElseThrow();
    }

    private static void writeChecksum(BlockDevice device) throws IOException {
        ByteBuffer region = read(device, 0, BOOT_REGION);
        int sum = 0;
        for (int i = 0; i < BOOT_REGION; i++) {
            if (i != 106 && i != 107 && i != 112) {
                sum = (sum << 31 | sum >>> 1) + Byte.toUnsignedInt(region.get(i));
            }
        }
        ByteBuffer checksums = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
        while (checksums.hasRemaining()) {
            checksums.putInt(sum);
        }
        device.write(checksums.flip(), BOOT_REGION);
    }

    private static ByteBuffer read(BlockDevice device, long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        device.read(bytes, offset);
        return bytes.flip();
    }
}

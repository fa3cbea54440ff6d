package io.platter.virtualdisk.partclone;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.BlockDevice;
import io.platter.bytes.SeededCrc;
import io.platter.test.Oracle;
import io.platter.testkit.DiskModel;
import io.platter.testkit.ReadOnlyDevice;
import io.platter.virtualdisk.VirtualDiskOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The image of a partition of 16 TiB, made up as it is read, in a virtual machine of its own that has little memory. */
class PartcloneLargeTest {
    private static final long BLOCKS = 1L << 32;
    private static final int BLOCK_SIZE = 4096;
    private static final int HEADER_LENGTH = 110;
    private static final long BITMAP_END = HEADER_LENGTH + BLOCKS / 8;
    private static final long[] USED = {0, (1L << 31) + 5, BLOCKS - 1};

    @Test
    @Timeout(60)
    void aPartitionOf16TebibytesIsReadInAHeapOf24Mebibytes() {
        String printed = Oracle.of("env")
                .run(
                        Path.of(System.getProperty("java.home"), "bin", "java"),
                        "-Xmx24m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PartcloneLargeTest.class.getName());
        assertThat(printed.strip()).isEqualTo("17592186044416 bytes, 12288 used: 1 2 3");
    }

    /** Reads the image, and prints what it is. */
    public static void main(String[] arguments) throws IOException {
        BlockDevice file = image();
        try (BlockDevice disk = new PartcloneFormat().open(file, VirtualDiskOptions.defaults())) {
            StringBuilder text = new StringBuilder();
            for (long block : USED) {
                text.append(' ').append(DiskModel.read(disk, block * BLOCK_SIZE + 7, 1)[0]);
            }
            System.out.println(disk.size() + " bytes, " + (file.size() - BITMAP_END - 4) + " used:" + text);
        }
    }

    private static BlockDevice image() {
        byte[] header = header();
        int checksum = bitmapChecksum();
        return new ReadOnlyDevice("large", BITMAP_END + 4 + (long) USED.length * BLOCK_SIZE) {
            @Override
            protected void fill(ByteBuffer target, long offset) {
                if (offset == 0) {
                    target.put(header, 0, target.remaining());
                } else if (offset == BITMAP_END) {
                    target.order(ByteOrder.LITTLE_ENDIAN).putInt(checksum);
                } else if (offset > BITMAP_END) {
                    while (target.hasRemaining()) {
                        target.put((byte) (1 + (offset - BITMAP_END - 4) / BLOCK_SIZE));
                    }
                } else {
                    fillBitmap(target, offset - HEADER_LENGTH);
                }
            }
        };
    }

    private static void fillBitmap(ByteBuffer target, long from) {
        int start = target.position();
        target.put(new byte[target.remaining()]);
        for (long block : USED) {
            long index = block / 8 - from;
            if (index >= 0 && index < target.limit() - start) {
                target.put(start + (int) index, (byte) (1 << block % 8));
            }
        }
    }

    private static byte[] header() {
        ByteBuffer header = ByteBuffer.allocate(HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        header.put("partclone-image".getBytes(StandardCharsets.US_ASCII)).position(30);
        header.put("0002".getBytes(StandardCharsets.US_ASCII)).putShort((short) 0xC0DE);
        header.putLong(52, BLOCKS * BLOCK_SIZE).putLong(60, BLOCKS).putInt(84, BLOCK_SIZE);
        header.putInt(88, 18).putShort(92, (short) 2).put(105, (byte) 1);
        return header.putInt(106, PartcloneImage.crc(header.array(), 106)).array();
    }

    private static int bitmapChecksum() {
        SeededCrc crc = SeededCrc.crc32(-1);
        ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
        for (long from = 0; from < BLOCKS / 8; from += buffer.capacity()) {
            fillBitmap(buffer.clear(), from);
            crc.update(buffer.flip());
        }
        return crc.value();
    }
}

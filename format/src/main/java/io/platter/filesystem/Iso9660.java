package io.platter.filesystem;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.ExtentSet;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * ISO 9660, with or without Joliet and Rock Ridge.
 *
 * <p>Source: ECMA-119, section 8; the offsets are from there, less one.
 */
final class Iso9660 implements Filesystem {
    private static final int SECTOR = 2048;
    private static final int FIRST_DESCRIPTOR = 16;
    private static final int MAX_DESCRIPTORS = 64;
    private static final int PRIMARY = 1;
    private static final int SUPPLEMENTARY = 2;
    private static final int TERMINATOR = 255;
    private static final String IDENTIFIER = "CD001";

    @Override
    public String name() {
        return "iso9660";
    }

    @Override
    public Optional<AllocationMap> map(BlockDevice volume) throws IOException {
        if (volume.size() < (FIRST_DESCRIPTOR + 1) * SECTOR) {
            return Optional.empty();
        }
        ByteReader in = descriptor(volume, FIRST_DESCRIPTOR);
        if (in.readU8() != PRIMARY || !in.readText(5, StandardCharsets.US_ASCII).equals(IDENTIFIER)) {
            return Optional.empty();
        }
        String label = in.seek(40).readText(32, StandardCharsets.US_ASCII).stripTrailing();
        AllocationMap map = new AllocationMap(
                name(), label, uuid(in), volume.size(), SECTOR, VolumeState.CLEAN, Reason.NONE, "", ExtentSet.EMPTY);
        return Optional.of(map.proven(() -> WrittenOnce.used(volume, end(volume))));
    }

    /** Systems name a volume by the time of its modification, to the hundredth of a second. */
    private static String uuid(ByteReader in) throws IOException {
        String time = in.seek(830).readText(16, StandardCharsets.US_ASCII);
        return time.matches("\\d{16}")
                ? time.replaceFirst("(....)(..)(..)(..)(..)(..)(..)", "$1-$2-$3-$4-$5-$6-$7")
                : "";
    }

    /** Returns the end of the largest of the trees that the descriptors tell of. */
    static long end(BlockDevice volume) throws IOException, UnprovenException {
        long end = 0;
        for (int sector = FIRST_DESCRIPTOR; sector < FIRST_DESCRIPTOR + MAX_DESCRIPTORS; sector++) {
            ByteReader in = descriptor(volume, sector);
            int type = in.readU8();
            if (type == TERMINATOR || !in.readText(5, StandardCharsets.US_ASCII).equals(IDENTIFIER)) {
                return end;
            }
            if (type == PRIMARY || type == SUPPLEMENTARY) {
                end = Math.max(end, size(in));
            }
        }
        throw new UnprovenException(Reason.DAMAGED, "more than " + MAX_DESCRIPTORS + " volume descriptors");
    }

    private static long size(ByteReader in) throws IOException, UnprovenException {
        long blocks = in.seek(80).readU32();
        long reversed = Integer.toUnsignedLong(Integer.reverseBytes(in.readI32()));
        int volumes = in.seek(120).readU16();
        int blockSize = in.seek(128).readU16();
        if (blocks != reversed
                || blocks == 0
                || blockSize < 512
                || blockSize > SECTOR
                || Integer.bitCount(blockSize) != 1) {
            throw in.corrupt(80, "%d or %d blocks of %d bytes".formatted(blocks, reversed, blockSize));
        }
        if (volumes > 1) {
            throw new UnprovenException(Reason.MULTIPLE_DEVICES, "one of " + volumes + " volumes");
        }
        return blocks * blockSize;
    }

    private static ByteReader descriptor(BlockDevice volume, int sector) throws IOException {
        return ByteReader.read(volume, (long) sector * SECTOR, SECTOR, ByteOrder.LITTLE_ENDIAN);
    }
}

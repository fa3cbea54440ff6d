package io.platter.filesystem.readonly;

import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * What the descriptors of a UDF volume say of it.
 *
 * <p>Source: ECMA-167, sections 3/10.1 to 3/10.6; the offsets are from there.
 */
final class UdfVolume {
    /** The last anchors are the last block and the one 256 before it, with the copy of the descriptors in between. */
    private static final int END_BLOCKS = 2 * Udf.ANCHOR_BLOCK;

    private static final int MAX_SEQUENCE = 1024;
    private static final int UUID_LENGTH = 16;

    private final int blockSize;
    private String label = "";
    private String uuid = "";
    private int volumes = 1;
    private boolean isContinued;
    private boolean hasPartition;
    /** The first block past all that the descriptors tell of. */
    private long end;

    private UdfVolume(int blockSize) {
        this.blockSize = blockSize;
    }

    /** Reads the sequence of descriptors to which an anchor points. */
    static UdfVolume read(BlockDevice volume, int blockSize, UdfDescriptor anchor) throws IOException {
        UdfVolume result = new UdfVolume(blockSize);
        ByteReader in = anchor.in().seek(16);
        long length = in.readU32() / blockSize;
        long location = in.readU32();
        long copyLength = in.readU32() / blockSize;
        result.end = Math.max(location + length, in.readU32() + copyLength);
        for (long i = 0; i < Math.min(length, MAX_SEQUENCE); i++) {
            Optional<UdfDescriptor> descriptor = UdfDescriptor.read(volume, blockSize, location + i);
            if (descriptor.isEmpty() || descriptor.get().type() == UdfDescriptor.TERMINATING) {
                break;
            }
            result.take(descriptor.get());
        }
        return result;
    }

    private void take(UdfDescriptor descriptor) throws IOException {
        ByteReader in = descriptor.in();
        switch (descriptor.type()) {
            case UdfDescriptor.PRIMARY_VOLUME -> {
                volumes = Math.max(volumes, in.seek(58).readU16());
                uuid = uuid.isEmpty() ? uuid(descriptor.text(72, 128)) : uuid;
            }
            case UdfDescriptor.LOGICAL_VOLUME -> label = descriptor.text(84, 128);
            case UdfDescriptor.PARTITION -> {
                hasPartition = true;
                end = Math.max(end, in.seek(188).readU32() + in.readU32());
            }
            case UdfDescriptor.VOLUME_POINTER -> isContinued = true;
            default -> {
                // What is in them stands inside the partition, or before the last anchor.
            }
        }
    }

    String label() {
        return label;
    }

    /** Returns the identity that systems show, or an empty text. */
    String uuid() {
        return uuid;
    }

    /**
     * Makes an identity of the start of the name of the volume set, which is made to be different for each: 16 digits in
     * hex as they stand there; or the first 8 and the next four bytes in hex; or the first eight bytes in hex. Source:
     * util-linux, libblkid, {@code superblocks/udf.c}.
     */
    private static String uuid(String volumeSet) {
        byte[] start = Arrays.copyOf(volumeSet.getBytes(StandardCharsets.UTF_8), UUID_LENGTH);
        String text = new String(start, StandardCharsets.ISO_8859_1);
        if (text.matches("\\p{XDigit}{16}")) {
            return text.toLowerCase(Locale.ROOT);
        }
        int half = UUID_LENGTH / 2;
        if (volumeSet.getBytes(StandardCharsets.UTF_8).length < half) {
            return "";
        }
        return text.matches("(?s)\\p{XDigit}{8}.*")
                ? text.substring(0, half).toLowerCase(Locale.ROOT)
                        + HexFormat.of().formatHex(start, half, half + 4)
                : HexFormat.of().formatHex(start, 0, half);
    }

    /** Returns the first byte past the volume: two of its three anchors must be there, so one is near the end. */
    long end(BlockDevice volume) throws IOException, UnprovenException {
        if (volumes > 1) {
            throw new UnprovenException(Reason.MULTIPLE_DEVICES, "one of " + volumes + " volumes");
        }
        if (isContinued) {
            throw new UnprovenException(Reason.UNKNOWN_FEATURE, "a continued sequence of volume descriptors");
        }
        if (!hasPartition) {
            throw new UnprovenException(Reason.DAMAGED, "no partition descriptor");
        }
        if (end > volume.size() / blockSize) {
            throw new UnprovenException(
                    Reason.TRUNCATED, "%d blocks of %d bytes in %d".formatted(end, blockSize, volume.size()));
        }
        for (long block = end + END_BLOCKS; block >= Math.max(end - END_BLOCKS, Udf.ANCHOR_BLOCK + 1); block--) {
            Optional<UdfDescriptor> descriptor = UdfDescriptor.read(volume, blockSize, block);
            if (descriptor.isPresent() && descriptor.get().type() == UdfDescriptor.ANCHOR) {
                return Math.max(block + 1, end) * blockSize;
            }
        }
        throw new UnprovenException(Reason.DAMAGED, "no anchor near block " + end);
    }
}

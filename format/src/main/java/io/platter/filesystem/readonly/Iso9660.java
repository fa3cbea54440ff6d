package io.platter.filesystem.readonly;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.ExtentSet;
import io.platter.filesystem.kit.Filesystem;
import io.platter.filesystem.kit.Proof;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/**
 * ISO 9660, with or without Joliet and Rock Ridge.
 *
 * <p>Source: ECMA-119, section 8; the offsets are from there, less one.
 */
public final class Iso9660 implements Filesystem {
    private static final int SECTOR = 2048;
    private static final int FIRST_DESCRIPTOR = 16;
    private static final int MAX_DESCRIPTORS = 64;
    private static final int PRIMARY = 1;
    private static final int SUPPLEMENTARY = 2;
    private static final int TERMINATOR = 255;
    private static final String IDENTIFIER = "CD001";
    /** The escape sequences of UCS-2, by which a supplementary descriptor is one of Joliet. */
    private static final Set<String> JOLIET = Set.of("%/@", "%/C", "%/E");

    private static final int LABEL = 40;
    private static final int LABEL_LENGTH = 32;
    private static final int ESCAPES = 88;
    private static final int CREATED = 813;
    private static final int MODIFIED = 830;
    /** Stands in a label for what its characters can't represent. */
    private static final int NOT_REPRESENTABLE = '_';

    @Override
    public String name() {
        return "iso9660";
    }

    @Override
    public long sizeOf(BlockDevice volume) throws IOException, UnprovenException {
        return isRecognised(volume) ? end(volume) : 0;
    }

    private static boolean isRecognised(BlockDevice volume) throws IOException {
        if (volume.size() < (FIRST_DESCRIPTOR + 1) * SECTOR) {
            return false;
        }
        ByteReader in = descriptor(volume, FIRST_DESCRIPTOR);
        return in.readU8() == PRIMARY
                && in.readText(5, StandardCharsets.US_ASCII).equals(IDENTIFIER);
    }

    @Override
    public Optional<AllocationMap> map(BlockDevice volume) throws IOException {
        if (!isRecognised(volume)) {
            return Optional.empty();
        }
        ByteReader in = descriptor(volume, FIRST_DESCRIPTOR);
        AllocationMap map = new AllocationMap(
                name(),
                label(volume, in),
                uuid(in),
                volume.size(),
                SECTOR,
                VolumeState.CLEAN,
                Reason.NONE,
                "",
                ExtentSet.EMPTY);
        return Optional.of(Proof.apply(map, () -> ReadOnlyImage.used(volume, end(volume))));
    }

    /**
     * Returns the label. Joliet's is in any script but has only 16 characters, the other 32 of few kinds; where they
     * start alike, both together give the whole.
     */
    private static String label(BlockDevice volume, ByteReader primary) throws IOException {
        Optional<ByteReader> joliet = joliet(volume);
        if (joliet.isEmpty()) {
            return primary.seek(LABEL)
                    .readText(LABEL_LENGTH, StandardCharsets.UTF_8)
                    .stripTrailing();
        }
        String plain = primary.seek(LABEL).readText(LABEL_LENGTH, StandardCharsets.ISO_8859_1);
        String wide = joliet.get().seek(LABEL).readText(LABEL_LENGTH, StandardCharsets.UTF_16BE);
        return merged(wide, plain).orElse(wide).stripTrailing();
    }

    /** Source: util-linux, libblkid, {@code superblocks/iso9660.c}, {@code merge_utf16be_ascii}. */
    private static Optional<String> merged(String wide, String plain) {
        StringBuilder both = new StringBuilder();
        int characters = Math.min(wide.codePointCount(0, wide.length()), plain.length());
        for (int i = 0, at = 0; i < characters; i++) {
            int ours = wide.codePointAt(at);
            int theirs = plain.charAt(i);
            at += Character.charCount(ours);
            if (theirs == NOT_REPRESENTABLE) {
                both.appendCodePoint(ours);
            } else if (ours == NOT_REPRESENTABLE) {
                both.appendCodePoint(theirs);
            } else if (Character.toUpperCase(ours) == Character.toUpperCase(theirs)) {
                both.appendCodePoint(Character.isUpperCase(theirs) ? ours : theirs);
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(both.append(plain, characters, plain.length()).toString());
    }

    private static Optional<ByteReader> joliet(BlockDevice volume) throws IOException {
        for (int sector = FIRST_DESCRIPTOR; sector < FIRST_DESCRIPTOR + MAX_DESCRIPTORS; sector++) {
            if ((sector + 1L) * SECTOR > volume.size()) {
                return Optional.empty();
            }
            ByteReader in = descriptor(volume, sector);
            int type = in.readU8();
            if (type == TERMINATOR || !in.readText(5, StandardCharsets.US_ASCII).equals(IDENTIFIER)) {
                return Optional.empty();
            }
            if (type == SUPPLEMENTARY && JOLIET.contains(in.seek(ESCAPES).readText(3, StandardCharsets.US_ASCII))) {
                return Optional.of(in);
            }
        }
        return Optional.empty();
    }

    /**
     * Systems name a volume by the time of its modification, to the hundredth of a second, or of its creation if it has
     * none.
     */
    private static String uuid(ByteReader in) throws IOException {
        String modified = time(in.seek(MODIFIED));
        return modified.isEmpty() ? time(in.seek(CREATED)) : modified;
    }

    private static String time(ByteReader in) throws IOException {
        String time = in.readText(16, StandardCharsets.US_ASCII);
        boolean isUnset = time.matches("0*") && in.readU8() == 0;
        return time.matches("\\d{16}") && !isUnset
                ? time.replaceFirst("(....)(..)(..)(..)(..)(..)(..)", "$1-$2-$3-$4-$5-$6-$7")
                : "";
    }

    /** Returns the end of the largest of the trees that the descriptors tell of. */
    private static long end(BlockDevice volume) throws IOException, UnprovenException {
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

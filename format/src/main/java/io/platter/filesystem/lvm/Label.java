package io.platter.filesystem.lvm;

import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentSet;
import io.platter.bytes.SeededCrc;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What stands at the start of an LVM2 physical volume: a label in one of the first four sectors of 512 bytes, which names
 * the metadata areas; and in each of these a header, which names the part of the area that holds the text in force. The
 * rest of an area is a ring of older texts.
 *
 * <p>Source: {@code lib/format_text/layout.h} and {@code lib/label/label.h} of LVM2.
 *
 * @param uuid the identity of the physical volume, as it stands in the metadata
 * @param deviceSize the size that the physical volume's device had when it was made or last resized, in bytes
 * @param metadata the bytes of the label's sectors and of all metadata areas
 * @param texts what the metadata areas hold, those that are not in use left out
 */
record Label(String uuid, long deviceSize, ExtentSet metadata, List<Section> texts) {
    /** The start of all of LVM's checksums, which are not inverted at the end. */
    static final int CRC_SEED = 0xF597A6CF;

    private static final int SECTOR = 512;
    private static final int LABEL_SECTORS = 4;
    private static final String LABEL_ID = "LABELONE";
    private static final String LABEL_TYPE = "LVM2 001";
    private static final int LABEL_CHECKED_FROM = 20;
    private static final byte[] AREA_MAGIC = " LVM2 x[5A%r0N*>".getBytes(StandardCharsets.US_ASCII);
    private static final int AREA_VERSION = 1;
    private static final int AREA_IGNORED = 1;
    /** Metadata areas have 1 MiB as a rule; a text is a few KiB. */
    private static final long MAX_TEXT = 16 << 20;

    /** Returns the label of a volume, if there is one. */
    static Optional<Label> read(BlockDevice volume) throws IOException, UnprovenException {
        for (int sector = 0; sector < LABEL_SECTORS && (sector + 1L) * SECTOR <= volume.size(); sector++) {
            ByteReader in = ByteReader.read(volume, (long) sector * SECTOR, SECTOR, ByteOrder.LITTLE_ENDIAN);
            String id = in.readText(8, StandardCharsets.ISO_8859_1);
            String type = in.seek(24).readText(8, StandardCharsets.ISO_8859_1);
            if (id.equals(LABEL_ID) && type.equals(LABEL_TYPE) && in.seek(8).readI64() == sector) {
                return Optional.of(read(volume, in));
            }
        }
        return Optional.empty();
    }

    private static Label read(BlockDevice volume, ByteReader in) throws IOException, UnprovenException {
        int stored = in.readI32();
        checkChecksum("label", stored, in.readBytes(SECTOR - LABEL_CHECKED_FROM));
        long header = in.seek(LABEL_CHECKED_FROM).readU32();
        String uuid = in.seek(header).readText(32, StandardCharsets.ISO_8859_1);
        long deviceSize = in.readU63("size of the device");
        locations(in);
        ExtentSet areas = locations(in);
        List<Section> texts = new ArrayList<>();
        for (int area = 0; area < areas.count(); area++) {
            readText(volume, areas.offset(area), areas.end(area) - areas.offset(area))
                    .ifPresent(texts::add);
        }
        return new Label(uuid, deviceSize, areas.union(ExtentSet.of(0, LABEL_SECTORS * SECTOR)), List.copyOf(texts));
    }

    /** Reads pairs of an offset and a length up to a pair of zeros. */
    private static ExtentSet locations(ByteReader in) throws CorruptImageException {
        ExtentSet.Builder result = ExtentSet.builder();
        long offset = in.readU63("offset");
        long length = in.readU63("length");
        while (offset != 0) {
            if (offset + length < 0) {
                throw in.corrupt(in.position(), "area of " + length + " bytes at " + offset);
            }
            result.add(offset, length);
            offset = in.readU63("offset");
            length = in.readU63("length");
        }
        return result.build();
    }

    /** Returns the text in force of a metadata area, or nothing if the area is not in use. */
    private static Optional<Section> readText(BlockDevice volume, long area, long length)
            throws IOException, UnprovenException {
        ByteReader in = ByteReader.read(volume, area, SECTOR, ByteOrder.LITTLE_ENDIAN);
        int stored = in.readI32();
        checkChecksum("metadata header", stored, in.readBytes(SECTOR - Integer.BYTES));
        if (!Arrays.equals(in.seek(4).readBytes(AREA_MAGIC.length), AREA_MAGIC)
                || in.readU32() != AREA_VERSION
                || in.readI64() != area
                || in.readI64() != length) {
            throw in.corrupt(4, "metadata header of another kind, place or size");
        }
        long start = in.readU63("offset of the text");
        long size = in.readU63("size of the text");
        int checksum = in.readI32();
        boolean ignored = (in.readI32() & AREA_IGNORED) != 0;
        if (in.readI64() != 0) {
            throw new UnprovenException(Reason.NOT_CLEAN, "a change of the metadata was not brought to an end");
        }
        if (ignored || start == 0) {
            return Optional.empty();
        }
        if (start < SECTOR || start >= length || size > length - SECTOR || size > MAX_TEXT) {
            throw in.corrupt(40, "text of " + size + " bytes at " + start + " of an area of " + length);
        }
        byte[] text = ring(volume, area, length, start, (int) size);
        checkChecksum("metadata", checksum, text);
        return Optional.of(MetadataText.parse(
                new String(text, StandardCharsets.UTF_8).replace("\0", ""), volume.name(), area + start));
    }

    /** Reads a text that may go on after the header when it meets the end of the area. */
    private static byte[] ring(BlockDevice volume, long area, long length, long start, int size) throws IOException {
        int first = (int) Math.min(size, length - start);
        byte[] text = new byte[size];
        System.arraycopy(read(volume, area + start, first), 0, text, 0, first);
        System.arraycopy(read(volume, area + SECTOR, size - first), 0, text, first, size - first);
        return text;
    }

    private static byte[] read(BlockDevice volume, long offset, int length) throws IOException {
        return ByteReader.read(volume, offset, length, ByteOrder.LITTLE_ENDIAN).readBytes(length);
    }

    private static void checkChecksum(String what, int stored, byte[] bytes) throws UnprovenException {
        int computed = SeededCrc.crc32(CRC_SEED).update(ByteBuffer.wrap(bytes)).value();
        if (stored != computed) {
            throw new UnprovenException(
                    Reason.CHECKSUM, "%s: stored %08x, computed %08x".formatted(what, stored, computed));
        }
    }

    /** Returns the identity as LVM prints it: six characters, five times four, and six again. */
    String formattedUuid() {
        return uuid.replaceFirst("(.{6})(.{4})(.{4})(.{4})(.{4})(.{4})(.{6})", "$1-$2-$3-$4-$5-$6-$7");
    }
}

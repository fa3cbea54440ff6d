package io.platter.virtualdisk.ewf;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import io.platter.virtualdisk.FileResolver;
import io.platter.virtualdisk.spi.MappedDisk;
import io.platter.virtualdisk.spi.Run;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The segment files of an EWF image, gone through once to find its volume section and its tables.
 *
 * <p>What tells of the case, and the hashes of the whole disk, are passed over. Not thread-safe: one thread at a time.
 */
final class Segments {
    private static final byte[] SIGNATURE = signature("EVF\t\r\n\u00ff\0");
    private static final byte[] LOGICAL_SIGNATURE = signature("LVF\t\r\n\u00ff\0");
    private static final byte[] EX01_SIGNATURE = signature("EVF2\r\n\u0081\0");
    private static final byte[] LX01_SIGNATURE = signature("LEF2\r\n\u0081\0");
    private static final int HEADER_LENGTH = 13;

    /** The most sections and tables that are read; one of EnCase's tables stands for 512 MiB, or for 2 GiB since 6. */
    private static final int MAX_SECTIONS = 1 << 20;

    private static final int MAX_TABLES = 1 << 17;

    private final List<BlockDevice> resolved = new ArrayList<>();
    private final List<Table> tables = new ArrayList<>();
    private @Nullable Volume volume;
    private long chunks;
    private int sections;

    private Segments() {}

    private static byte[] signature(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Tells whether a file starts like one of EWF's, also of those that are refused by name. */
    static boolean isThere(BlockDevice file) throws IOException {
        if (file.size() < SIGNATURE.length) {
            return false;
        }
        byte[] start = new byte[SIGNATURE.length];
        file.read(ByteBuffer.wrap(start), 0);
        return Arrays.equals(start, SIGNATURE)
                || Arrays.equals(start, LOGICAL_SIGNATURE)
                || Arrays.equals(start, EX01_SIGNATURE)
                || Arrays.equals(start, LX01_SIGNATURE);
    }

    /**
     * Opens the disk of an image.
     *
     * @param file the first segment file
     * @param resolver gives the others, in order
     */
    static BlockDevice open(BlockDevice file, FileResolver resolver) throws IOException {
        Segments segments = new Segments();
        try {
            return segments.openDisk(file, resolver);
        } catch (IOException | RuntimeException e) {
            MappedDisk.closeAfter(e, segments.resolved);
            throw e;
        }
    }

    private BlockDevice openDisk(BlockDevice file, FileResolver resolver) throws IOException {
        boolean last = readSegment(file, 1);
        for (int number = 2; !last; number++) {
            BlockDevice segment = resolver.resolve("extent", nameOf(file.name(), number));
            resolved.add(segment);
            last = readSegment(segment, number);
        }
        if (volume == null) {
            throw new CorruptImageException(file.name(), HEADER_LENGTH, "a volume section expected");
        }
        if (chunks < volume.chunks()) {
            throw new CorruptImageException(
                    file.name(),
                    volume.offset(),
                    "tables of " + chunks + " chunks for a disk of " + volume.chunks() + " chunks");
        }
        Chunks source = new Chunks(volume, tables);
        Run whole = Run.made(0, Math.max(1, volume.diskSize()), source, 0);
        return new MappedDisk(file, volume.diskSize(), volume.logicalSectorSize(), diskOffset -> whole, null, resolved);
    }

    /**
     * Returns the name of a segment file by the format's convention: E01 to E99, then EAA to EZZ, FAA and so on to ZZZ.
     *
     * @param first the name of the first segment file, with or without the directories before it, which are left out
     * @param number the segment's number, 2 or more
     * @throws UnsupportedImageException if the first one has no name of this convention, or the convention ends
     */
    static String nameOf(String first, int number) throws UnsupportedImageException {
        String name = first.substring(Math.max(first.lastIndexOf('/'), first.lastIndexOf('\\')) + 1);
        int dot = name.length() - 4;
        if (!name.matches("(?s).*\\.[A-Za-z]01")) {
            throw new UnsupportedImageException(
                    first, "its segment " + number + ", and to be named like image.E01 to find it");
        }
        char letter = name.charAt(dot + 1);
        String extension;
        if (number <= 99) {
            extension = letter + String.format(Locale.ROOT, "%02d", number);
        } else {
            int rest = number - 100;
            char base = Character.isUpperCase(letter) ? 'A' : 'a';
            int head = letter + rest / (26 * 26);
            if (head >= base + 26) {
                throw new UnsupportedImageException(first, "segment " + number + ", for which there is no name");
            }
            extension = "" + (char) head + (char) (base + rest / 26 % 26) + (char) (base + rest % 26);
        }
        return name.substring(0, dot + 1) + extension;
    }

    /** Reads a segment file, and returns whether it is the last one. */
    private boolean readSegment(BlockDevice file, int number) throws IOException {
        readHeader(file, number);
        Section sectors = null;
        Section section = nextSection(file, HEADER_LENGTH);
        while (!section.type().equals("done") && !section.type().equals("next")) {
            Section next = nextSection(file, section.end());
            switch (section.type()) {
                case "volume", "disk" -> setVolume(section);
                case "data" -> knownVolume(section).checkRepeated(section);
                case "sectors" -> sectors = section;
                case "table" -> {
                    addTable(section, next, sectors);
                    sectors = null;
                }
                default -> {}
            }
            section = next;
        }
        return section.type().equals("done");
    }

    private static void readHeader(BlockDevice file, int number) throws IOException {
        ByteReader header = ByteReader.read(file, 0, HEADER_LENGTH, ByteOrder.LITTLE_ENDIAN);
        byte[] signature = header.readBytes(SIGNATURE.length);
        if (Arrays.equals(signature, LOGICAL_SIGNATURE)) {
            throw new UnsupportedImageException(file.name(), "logical evidence (L01)");
        }
        if (Arrays.equals(signature, EX01_SIGNATURE) || Arrays.equals(signature, LX01_SIGNATURE)) {
            throw new UnsupportedImageException(file.name(), "version 2 of EWF (Ex01, Lx01)");
        }
        if (!Arrays.equals(signature, SIGNATURE)) {
            throw header.corrupt(0, "signature \"EVF\" expected");
        }
        int start = header.readU8();
        int found = header.readU16();
        int end = header.readU16();
        if (start != 1 || end != 0 || found != number) {
            throw header.corrupt(SIGNATURE.length, "segment " + found + ", expected segment " + number);
        }
    }

    private Section nextSection(BlockDevice file, long offset) throws IOException {
        if (++sections > MAX_SECTIONS) {
            throw new UnsupportedImageException(file.name(), "more than " + MAX_SECTIONS + " sections");
        }
        return Section.read(file, offset);
    }

    private void setVolume(Section section) throws IOException {
        if (volume != null) {
            throw new CorruptImageException(section.file().name(), section.offset(), "a second volume section");
        }
        volume = Volume.read(section);
    }

    private Volume knownVolume(Section section) throws CorruptImageException {
        if (volume == null) {
            throw new CorruptImageException(
                    section.file().name(), section.offset(), section.type() + " section before the volume section");
        }
        return volume;
    }

    /**
     * Adds a table.
     *
     * @param next the section after it, which may be its copy
     * @param sectors the section of its chunks, which no other table has; null where the table itself holds them
     */
    private void addTable(Section table, Section next, @Nullable Section sectors) throws IOException {
        boolean checked = !knownVolume(table).original();
        Section copy = next.type().equals("table2") ? next : null;
        Table added = Table.read(table, copy, sectors, checked);
        if (added.count() > 0) {
            tables.add(added);
            chunks += added.count();
        }
        if (tables.size() > MAX_TABLES) {
            throw new UnsupportedImageException(table.file().name(), "more than " + MAX_TABLES + " tables");
        }
    }
}

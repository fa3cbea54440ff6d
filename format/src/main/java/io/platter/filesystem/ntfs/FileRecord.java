package io.platter.filesystem.ntfs;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A record of the MFT: a file, or a part of what is known about one. Offsets as in the libfsntfs documentation, section
 * "MFT entry".
 *
 * <p>Immutable.
 */
final class FileRecord {
    /** {@code FILE}. */
    private static final int MAGIC = 0x454C4946;

    private static final int IN_USE = 1;
    private static final long REFERENCE = 0xFFFF_FFFF_FFFFL;
    private static final int HEADER = 42;
    private static final int END = 0xFFFFFFFF;
    private static final int SHORTEST_ATTRIBUTE = 24;

    /** The number of this record, 0 or more. */
    final long number;
    /** The number of the record that this one continues, or 0. */
    final long base;

    final boolean inUse;
    final List<Attribute> attributes;

    /**
     * Reads a record. One that is not in use says nothing, and is not looked into.
     *
     * @param bytes the whole record as it stands on the volume, which is changed
     * @throws CorruptImageException if it is none, or damaged
     */
    FileRecord(long number, byte[] bytes, String resource, long where) throws CorruptImageException {
        this.number = number;
        ByteReader reader = ByteReader.of(ByteBuffer.wrap(bytes), ByteOrder.LITTLE_ENDIAN, resource, where);
        int magic = reader.readI32();
        if (magic != MAGIC) {
            throw reader.corrupt(0, "MFT record " + number + " starts with " + Integer.toHexString(magic));
        }
        inUse = (reader.seek(22).readU16() & IN_USE) != 0;
        if (!inUse) {
            base = 0;
            attributes = List.of();
            return;
        }
        UpdateSequence.restore(bytes, resource, where);
        int first = reader.seek(20).readU16();
        reader.skip(2);
        long used = reader.readU32();
        base = reader.seek(32).readI64() & REFERENCE;
        if (first < HEADER || used > bytes.length || first > used) {
            throw reader.corrupt(20, "MFT record " + number + ": attributes from " + first + " to " + used);
        }
        attributes = attributes(reader, first, (int) used);
    }

    private static List<Attribute> attributes(ByteReader reader, int first, int used) throws CorruptImageException {
        List<Attribute> attributes = new ArrayList<>();
        int at = first;
        while (true) {
            int type = reader.seek(at).readI32();
            if (type == END) {
                return attributes;
            }
            long length = reader.readU32();
            if (length < SHORTEST_ATTRIBUTE || length > used - at) {
                throw reader.corrupt(at, "attribute " + Integer.toHexString(type) + " of " + length + " bytes");
            }
            attributes.add(new Attribute(reader, type, (int) length));
            at += (int) length;
        }
    }

    /** Tells whether bytes are those of a record that was never used. */
    static boolean isBlank(byte[] bytes) {
        return bytes[0] == 0 && bytes[1] == 0 && bytes[2] == 0 && bytes[3] == 0;
    }

    /** Returns the first attribute of a type that has no name. */
    Optional<Attribute> attribute(int type) {
        return attributes.stream()
                .filter(attribute -> attribute.type == type && !attribute.named)
                .findFirst();
    }

    /** Returns the piece of an attribute without a name that starts at a cluster of the content. */
    Optional<Attribute> attribute(int type, long lowestVcn) {
        return attributes.stream()
                .filter(attribute -> attribute.type == type && !attribute.named && attribute.lowestVcn == lowestVcn)
                .findFirst();
    }
}

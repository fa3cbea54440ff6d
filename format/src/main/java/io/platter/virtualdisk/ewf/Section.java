package io.platter.virtualdisk.ewf;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.Adler32;

/**
 * A section of a segment file of EWF: a descriptor, then bytes of the section's own. Source: libewf, {@code
 * documentation/Expert Witness Compression Format (EWF).asciidoc}; all numbers are little-endian, all checksums Adler-32.
 *
 * @param file the segment file
 * @param type such as {@code table}
 * @param offset where the descriptor stands, in bytes from the start of the file
 * @param end where the next section starts
 */
record Section(BlockDevice file, String type, long offset, long end) {
    static final int DESCRIPTOR_LENGTH = 76;

    private static final int CHECKSUM_OFFSET = 72;

    /** Reads a descriptor. A section is after those before it, so that a file's sections come to an end. */
    static Section read(BlockDevice file, long offset) throws IOException {
        ByteReader descriptor = ByteReader.read(file, offset, DESCRIPTOR_LENGTH, ByteOrder.LITTLE_ENDIAN);
        check(descriptor, CHECKSUM_OFFSET, "section descriptor");
        String type = descriptor.seek(0).readText(16, StandardCharsets.ISO_8859_1);
        long next = descriptor.readU63("next section");
        long size = descriptor.readU63("section size");
        if (type.equals("next") || type.equals("done")) {
            return new Section(file, type, offset, offset + DESCRIPTOR_LENGTH);
        }
        if (next < offset + DESCRIPTOR_LENGTH || next > file.size()) {
            throw descriptor.corrupt(
                    16, "next section at " + next + ", expected after this one in " + file.size() + " bytes");
        }
        // Expert Witness 1.35 leaves the size out.
        if (size != 0 && size != next - offset) {
            throw descriptor.corrupt(24, "section of " + size + " bytes, the next one starts after " + (next - offset));
        }
        return new Section(file, type, offset, next);
    }

    /** Returns where the section's own bytes start. */
    long start() {
        return offset + DESCRIPTOR_LENGTH;
    }

    /** Returns how many bytes of its own the section has. */
    long length() {
        return end - start();
    }

    /** Reads the first of the section's own bytes, which the caller has limited. */
    ByteReader read(int length) throws IOException {
        if (length > length()) {
            throw new CorruptImageException(
                    file.name(), offset, type + " section of " + length() + " bytes, expected " + length);
        }
        return ByteReader.read(file, start(), length, ByteOrder.LITTLE_ENDIAN);
    }

    /** Checks the checksum that stands after the first {@code length} bytes. */
    static void check(ByteReader bytes, int length, String what) throws CorruptImageException {
        int computed = adler32(bytes.seek(0).readBytes(length));
        int stored = bytes.readI32();
        if (stored != computed) {
            throw bytes.corrupt(length, mismatch(what, stored, computed));
        }
    }

    static int adler32(byte[] bytes) {
        Adler32 adler = new Adler32();
        adler.update(bytes);
        return (int) adler.getValue();
    }

    static String mismatch(String what, int stored, int computed) {
        return what + " Adler-32 mismatch: stored " + Integer.toHexString(stored) + ", computed "
                + Integer.toHexString(computed);
    }
}

package io.platter.filesystem.ntfs;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;

/**
 * An attribute in an MFT record. Offsets as in the libfsntfs documentation, section "MFT attribute".
 *
 * <p>Immutable.
 */
final class Attribute {
    static final int ATTRIBUTE_LIST = 0x20;
    static final int FILE_NAME = 0x30;
    static final int VOLUME_NAME = 0x60;
    static final int VOLUME_INFORMATION = 0x70;
    static final int DATA = 0x80;

    private static final int RESIDENT_HEADER = 24;
    private static final int RUNS_HEADER = 64;

    final int type;
    final boolean named;
    final boolean resident;
    /** Whether the content is compressed, encrypted or sparse. */
    final boolean special;

    /** The content of a resident attribute. */
    final byte[] value;

    /** The first cluster of the content that this piece is about. */
    final long lowestVcn;
    /** The first cluster of the content after this piece. */
    final long endVcn;
    /** The size of the content in bytes; only in the first piece. */
    final long size;
    /** How many bytes of the content were ever written; only in the first piece. */
    final long initializedSize;

    private final byte[] runs;
    private final ByteReader reader;
    private final int start;

    /**
     * Reads an attribute.
     *
     * @param reader stands after the type and the length
     * @param length of the whole attribute in bytes, which are there
     */
    Attribute(ByteReader reader, int type, int length) throws CorruptImageException {
        this.reader = reader;
        this.type = type;
        start = reader.position() - 8;
        resident = reader.readU8() == 0;
        named = reader.readU8() != 0;
        special = reader.skip(2).readU16() != 0;
        reader.skip(2);
        if (resident) {
            long valueLength = reader.readU32();
            int offset = reader.readU16();
            if (offset < RESIDENT_HEADER || valueLength > length - offset) {
                throw corrupt("value of " + valueLength + " bytes at " + offset + " in " + length);
            }
            value = reader.seek(start + offset).readBytes((int) valueLength);
            runs = new byte[0];
            lowestVcn = 0;
            endVcn = 0;
            size = valueLength;
            initializedSize = valueLength;
        } else {
            value = new byte[0];
            lowestVcn = reader.readU63("lowest VCN");
            endVcn = reader.readI64() + 1;
            int offset = reader.readU16();
            reader.skip(14);
            size = lowestVcn == 0 ? reader.readU63("size") : 0;
            initializedSize = lowestVcn == 0 ? reader.readU63("initialized size") : 0;
            if (offset < RUNS_HEADER || offset > length || endVcn < lowestVcn || initializedSize > size) {
                throw corrupt("runs at " + offset + " in " + length + ", VCN " + lowestVcn + " to " + endVcn + ", size "
                        + size + ", initialized " + initializedSize);
            }
            runs = reader.seek(start + offset).readBytes(length - offset);
        }
    }

    /** What is done with each run of an attribute. */
    @FunctionalInterface
    interface RunVisitor {
        /** Takes a run: its first cluster on the volume, or −1 for a hole, and how many clusters it has. */
        void visit(long lcn, long clusters) throws CorruptImageException;
    }

    /**
     * Decodes where the content is, and visits the runs in turn.
     *
     * @param volumeClusters how many clusters the volume has
     * @throws CorruptImageException if a run is not inside the volume, or all together are not as long as they should be
     */
    void visitRuns(long volumeClusters, RunVisitor visitor) throws CorruptImageException {
        long vcn = lowestVcn;
        long lcn = 0;
        int at = 0;
        while (at < runs.length && runs[at] != 0) {
            int lengthBytes = runs[at] & 0x0F;
            int offsetBytes = (runs[at] & 0xF0) >>> 4;
            if (lengthBytes < 1
                    || lengthBytes > 8
                    || offsetBytes > 8
                    || at + lengthBytes + offsetBytes >= runs.length) {
                throw corrupt("run header " + Integer.toHexString(runs[at] & 0xFF));
            }
            long clusters = signed(at + 1, lengthBytes);
            lcn += signed(at + 1 + lengthBytes, offsetBytes);
            boolean hole = offsetBytes == 0;
            if (clusters < 1 || clusters > endVcn - vcn || (!hole && (lcn < 0 || lcn > volumeClusters - clusters))) {
                throw corrupt("run of " + clusters + " clusters at " + lcn + " of " + volumeClusters);
            }
            visitor.visit(hole ? -1 : lcn, clusters);
            vcn += clusters;
            at += 1 + lengthBytes + offsetBytes;
        }
        if (vcn != endVcn) {
            throw corrupt("runs up to VCN " + vcn + ", expected " + endVcn);
        }
    }

    private long signed(int from, int length) {
        long value = length == 0 ? 0 : runs[from + length - 1] >> 7;
        for (int i = from + length - 1; i >= from; i--) {
            value = value << 8 | Byte.toUnsignedLong(runs[i]);
        }
        return value;
    }

    private CorruptImageException corrupt(String detail) {
        return reader.corrupt(start, "attribute " + Integer.toHexString(type) + ": " + detail);
    }
}

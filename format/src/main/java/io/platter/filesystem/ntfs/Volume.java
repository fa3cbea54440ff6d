package io.platter.filesystem.ntfs;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/**
 * The files of an NTFS volume, found through its MFT.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class Volume {
    /** How many records the copy of the MFT always has. */
    private static final int MIRRORED_RECORDS = 4;
    /** The largest attribute list that Windows makes. */
    private static final int LARGEST_LIST = 256 << 10;

    private static final int LIST_ENTRY = 26;
    private static final long REFERENCE = 0xFFFF_FFFF_FFFFL;

    final BlockDevice device;
    final BootSector boot;
    /** The content of the MFT. */
    final AttributeStream mft;

    /**
     * Finds the MFT.
     *
     * @throws CorruptImageException if it is damaged
     */
    Volume(BlockDevice device, BootSector boot) throws IOException {
        this.device = device;
        this.boot = boot;
        mft = new AttributeStream(device, boot, "$MFT");
        long where = boot.mft * boot.clusterSize;
        if (where > boot.end() - boot.recordSize) {
            throw new CorruptImageException(device.name(), where, "MFT record 0 is not inside the volume");
        }
        byte[] first = ByteReader.read(device, where, boot.recordSize, ByteOrder.LITTLE_ENDIAN)
                .readBytes(boot.recordSize);
        FileRecord record = new FileRecord(0, first, device.name(), where);
        mft.append(record.attribute(Attribute.DATA, 0).orElseThrow(() -> mft.corrupt(0, "no content")));
        load(record, mft);
    }

    /**
     * Checks that the copy of the MFT's first records says the same.
     *
     * @throws CorruptImageException if it says something else, or is not inside the volume
     */
    void compareWithCopy() throws IOException {
        long where = boot.mftMirror * boot.clusterSize;
        int length = MIRRORED_RECORDS * boot.recordSize;
        ByteBuffer copy = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer original = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        if (where > boot.end() - length) {
            throw new CorruptImageException(device.name(), where, "the copy of the MFT is not inside the volume");
        }
        device.read(copy, where);
        mft.read(original, 0);
        for (int at = 0; at < length; at += boot.recordSize) {
            // What stands after the bytes in use need not be the same.
            int used = Math.max(0, Math.min(original.getInt(at + 24), boot.recordSize));
            if (!original.slice(at, used).equals(copy.slice(at, used))) {
                throw new CorruptImageException(device.name(), where + at, "the MFT differs from its copy");
            }
        }
    }

    /**
     * Reads a record of the MFT.
     *
     * @throws CorruptImageException if it is damaged, or not in use
     */
    FileRecord record(long number) throws IOException {
        if (number >= mft.end() * boot.clusterSize / boot.recordSize) {
            throw mft.corrupt(0, "record " + number + " expected, " + mft.end() + " clusters are known");
        }
        byte[] bytes = new byte[boot.recordSize];
        long position = number * boot.recordSize;
        mft.read(ByteBuffer.wrap(bytes), position);
        FileRecord record = new FileRecord(number, bytes, device.name() + " $MFT", position);
        if (!record.inUse) {
            throw mft.corrupt(position, "record " + number + " is not in use");
        }
        return record;
    }

    /**
     * Returns the content of a file that is too large for its record.
     *
     * @throws CorruptImageException if it is damaged
     */
    AttributeStream content(FileRecord file) throws IOException {
        AttributeStream stream = new AttributeStream(device, boot, "MFT record " + file.number);
        load(file, stream);
        return stream;
    }

    /** Appends all pieces of a file's content that the stream does not have. */
    private void load(FileRecord file, AttributeStream stream) throws IOException {
        Optional<Attribute> list = file.attribute(Attribute.ATTRIBUTE_LIST);
        if (list.isPresent()) {
            loadListed(file, list(file, list.get()), stream);
        } else if (stream.end() == 0) {
            stream.append(file.attribute(Attribute.DATA, 0).orElseThrow(() -> stream.corrupt(0, "no content")));
        }
        if (stream.size() > stream.end() * boot.clusterSize) {
            throw stream.corrupt(
                    stream.end() * boot.clusterSize, stream.size() + " bytes expected, " + stream.end() + " clusters");
        }
    }

    private ByteReader list(FileRecord file, Attribute list) throws IOException {
        byte[] entries = list.value;
        if (!list.resident) {
            AttributeStream stream = new AttributeStream(device, boot, "attribute list of MFT record " + file.number);
            stream.append(list);
            if (stream.size() > LARGEST_LIST) {
                throw stream.corrupt(0, stream.size() + " bytes, expected at most " + LARGEST_LIST);
            }
            entries = new byte[(int) stream.size()];
            stream.read(ByteBuffer.wrap(entries), 0);
        }
        return ByteReader.of(ByteBuffer.wrap(entries), ByteOrder.LITTLE_ENDIAN, device.name(), 0);
    }

    private void loadListed(FileRecord file, ByteReader list, AttributeStream stream) throws IOException {
        while (list.remaining() >= LIST_ENTRY) {
            int start = list.position();
            int type = list.readI32();
            int length = list.readU16();
            boolean named = list.readU8() != 0;
            long lowestVcn = list.skip(1).readU63("lowest VCN");
            long reference = list.readI64() & REFERENCE;
            if (length < LIST_ENTRY) {
                throw list.corrupt(start, "attribute list entry of " + length + " bytes");
            }
            if (type == Attribute.DATA && !named && lowestVcn >= stream.end()) {
                stream.append(piece(file, reference, lowestVcn)
                        .orElseThrow(() -> stream.corrupt(lowestVcn, "no piece in record " + reference)));
            }
            list.seek(start + length);
        }
    }

    private Optional<Attribute> piece(FileRecord file, long reference, long lowestVcn) throws IOException {
        if (reference == file.number) {
            return file.attribute(Attribute.DATA, lowestVcn);
        }
        FileRecord record = record(reference);
        return record.base == file.number ? record.attribute(Attribute.DATA, lowestVcn) : Optional.empty();
    }

    /**
     * Returns the first bytes of a file, fewer than asked for if the file is shorter or was never written so far.
     *
     * @param count at most a few kilobytes
     */
    byte[] start(FileRecord file, int count) throws IOException {
        Optional<Attribute> data = file.attribute(Attribute.DATA);
        if (data.isPresent() && data.get().resident) {
            return Arrays.copyOf(data.get().value, Math.min(count, data.get().value.length));
        }
        AttributeStream stream = content(file);
        byte[] bytes = new byte[(int) Math.min(count, stream.initializedSize())];
        stream.read(ByteBuffer.wrap(bytes), 0);
        return bytes;
    }
}

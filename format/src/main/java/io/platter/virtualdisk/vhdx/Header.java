package io.platter.virtualdisk.vhdx;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import io.platter.bytes.Guids;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.UUID;

/**
 * A header of a VHDX file. There are two, of which the valid one with the greater sequence number counts.
 *
 * @param fileOffset where it stands
 * @param sequence an unsigned number that grows with each update
 * @param dataWriteId changes with the disk's bytes; by it a child knows its parent
 * @param logId which log entries count; zero for none
 * @param logOffset where the log stands
 * @param logLength its length in bytes
 */
record Header(long fileOffset, long sequence, UUID dataWriteId, UUID logId, long logOffset, long logLength) {
    private static final UUID NO_LOG = new UUID(0, 0);
    private static final int LOG_VERSION_FIELD = 64;

    /** Tells whether a file starts like one. */
    static boolean isThere(BlockDevice file) throws IOException {
        if (file.size() < Long.BYTES) {
            return false;
        }
        ByteBuffer signature = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        file.read(signature, 0);
        return signature.getLong(0) == Layout.FILE_SIGNATURE;
    }

    /** Reads the header that counts. */
    static Header read(BlockDevice file) throws IOException {
        if (!isThere(file)) {
            throw new CorruptImageException(file.name(), 0, "signature \"vhdxfile\" expected");
        }
        Optional<ByteBuffer> first = valid(file, Layout.HEADER_OFFSETS[0]);
        Optional<ByteBuffer> second = valid(file, Layout.HEADER_OFFSETS[1]);
        if (first.isEmpty() && second.isEmpty()) {
            throw new CorruptImageException(
                    file.name(), Layout.HEADER_OFFSETS[0], "a header with a valid checksum expected, in two places");
        }
        if (first.isPresent() && second.isPresent()) {
            int order = Long.compareUnsigned(sequence(first.get()), sequence(second.get()));
            // Two headers of the same number contradict each other, unless they are the same throughout.
            if (order == 0 && !first.get().equals(second.get())) {
                throw new CorruptImageException(
                        file.name(), Layout.HEADER_OFFSETS[1], "two headers with the same sequence number");
            }
            return order < 0 ? parse(file, 1, second.get()) : parse(file, 0, first.get());
        }
        return first.isPresent() ? parse(file, 0, first.get()) : parse(file, 1, second.orElseThrow());
    }

    private static Optional<ByteBuffer> valid(BlockDevice file, long offset) throws IOException {
        if (offset > file.size() - Layout.HEADER_LENGTH) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.allocate(Layout.HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        file.read(bytes, offset);
        bytes.flip();
        return bytes.getInt(0) == Layout.HEADER_SIGNATURE
                        && bytes.getInt(Layout.CHECKSUM_OFFSET) == Layout.checksum(bytes)
                ? Optional.of(bytes)
                : Optional.empty();
    }

    private static long sequence(ByteBuffer header) {
        return header.getLong(8);
    }

    private static Header parse(BlockDevice file, int copy, ByteBuffer bytes) throws IOException {
        long offset = Layout.HEADER_OFFSETS[copy];
        ByteReader header = ByteReader.of(bytes, ByteOrder.LITTLE_ENDIAN, file.name(), offset);
        header.seek(32);
        UUID dataWriteId = Guids.read(header);
        UUID logId = Guids.read(header);
        int logVersion = header.readU16();
        int version = header.readU16();
        if (version != Layout.VERSION_1) {
            throw new UnsupportedImageException(file.name(), "VHDX version " + version);
        }
        if (logVersion != 0 && !logId.equals(NO_LOG)) {
            throw new UnsupportedImageException(file.name(), "VHDX log version " + logVersion);
        }
        long logLength = header.readU32();
        long logOffset = header.readU63("log offset");
        if (logOffset % Layout.MIB != 0
                || logLength % Layout.MIB != 0
                || logOffset < Layout.MIB
                || logOffset > file.size() - logLength) {
            throw header.corrupt(
                    LOG_VERSION_FIELD + 4,
                    "log of " + logLength + " bytes at offset " + logOffset + " of a file of " + file.size()
                            + " bytes");
        }
        return new Header(offset, sequence(bytes), dataWriteId, logId, logOffset, logLength);
    }

    /** Tells whether the log may hold entries that count. */
    boolean hasLog() {
        return !logId.equals(NO_LOG);
    }

    /** Returns the header of a new file, whose log is empty. */
    static ByteBuffer encode(long sequence, UUID fileWriteId, UUID dataWriteId, long logOffset, int logLength) {
        ByteBuffer header = ByteBuffer.allocate(Layout.HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(Layout.HEADER_SIGNATURE).putInt(0).putLong(sequence);
        Guids.put(header, fileWriteId);
        Guids.put(header, dataWriteId);
        Guids.put(header, NO_LOG);
        header.putShort((short) 0).putShort((short) Layout.VERSION_1);
        header.putInt(logLength).putLong(logOffset).clear();
        return header.putInt(Layout.CHECKSUM_OFFSET, Layout.checksum(header));
    }
}

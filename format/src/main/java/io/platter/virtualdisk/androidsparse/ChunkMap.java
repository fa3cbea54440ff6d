package io.platter.virtualdisk.androidsparse;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import io.platter.virtualdisk.spi.DiskMap;
import io.platter.virtualdisk.spi.Run;
import io.platter.virtualdisk.spi.TableCache;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The chunks of an Android sparse image, found by going through them from the start, as far as is needed.
 *
 * <p>Where chunks stand is remembered for at most {@link #MAX_MARKS} of them: with more chunks, only for each second,
 * fourth and so on. Safe for use by several threads.
 */
final class ChunkMap implements DiskMap {
    private static final int MAX_MARKS = 1 << 18;
    private static final long MAX_BLOCK_SIZE = 1 << 28;

    private final BlockDevice file;
    private final TableCache headers;
    private final int chunkHeaderLength;
    private final long blockSize;
    private final long diskSize;
    private final long chunks;

    /** Of each marked chunk: where it starts on the disk. */
    private long[] diskOffsets = new long[64];
    /** Of each marked chunk: where its header stands in the file. */
    private long[] fileOffsets = new long[64];

    private int marks;
    private long chunksPerMark = 1;
    /** The chunk that was looked at last. */
    private Chunk current;

    /**
     * One chunk.
     *
     * @param number from 0
     * @param fileOffset where its header stands
     * @param diskOffset where its first byte stands on the disk
     * @param length how many bytes of the disk it stands for
     * @param fileLength how many bytes of the file it takes
     */
    private record Chunk(long number, long fileOffset, long diskOffset, long length, long fileLength, int type) {}

    private ChunkMap(
            BlockDevice file, int headerLength, int chunkHeaderLength, long blockSize, long blocks, long chunks)
            throws IOException {
        this.file = file;
        this.headers = new TableCache(file, ByteOrder.LITTLE_ENDIAN);
        this.chunkHeaderLength = chunkHeaderLength;
        this.blockSize = blockSize;
        this.diskSize = blocks * blockSize;
        this.chunks = chunks;
        this.current = chunk(0, headerLength, 0);
        mark(current);
    }

    /** Reads the header. */
    static ChunkMap read(BlockDevice file) throws IOException {
        ByteReader header = ByteReader.read(file, 0, Layout.HEADER_LENGTH, ByteOrder.LITTLE_ENDIAN);
        int magic = header.readI32();
        if (magic != Layout.MAGIC) {
            throw header.corrupt(0, "magic " + Integer.toHexString(magic) + ", expected ed26ff3a");
        }
        int major = header.readU16();
        if (major != Layout.MAJOR_VERSION) {
            throw new UnsupportedImageException(file.name(), "version " + major + " of the Android sparse format");
        }
        header.skip(2);
        int headerLength = checkedLength(header, Layout.HEADER_LENGTH);
        int chunkHeaderLength = checkedLength(header, Layout.CHUNK_HEADER_LENGTH);
        long blockSize = header.readU32();
        if (blockSize == 0 || blockSize % 4 != 0 || blockSize > MAX_BLOCK_SIZE) {
            throw header.corrupt(12, "block size " + blockSize + ", expected a multiple of 4 up to 2^28");
        }
        long blocks = header.readU32();
        long chunks = header.readU32();
        return new ChunkMap(file, headerLength, chunkHeaderLength, blockSize, blocks, chunks);
    }

    private static int checkedLength(ByteReader header, int minimum) throws CorruptImageException {
        int length = header.readU16();
        if (length < minimum || length % 4 != 0) {
            throw header.corrupt(
                    header.position() - 2, "header of " + length + " bytes, expected a multiple of 4 from " + minimum);
        }
        return length;
    }

    long blockSize() {
        return blockSize;
    }

    long diskSize() {
        return diskSize;
    }

    @Override
    public Run runAt(long diskOffset) throws IOException {
        Chunk chunk = chunkAt(diskOffset);
        long payload = chunk.fileOffset() + chunkHeaderLength;
        return switch (chunk.type()) {
            case Layout.CHUNK_RAW -> Run.stored(chunk.diskOffset(), chunk.length(), file, payload);
            case Layout.CHUNK_FILL -> filled(chunk, headers.readI32(payload));
            default -> Run.empty(chunk.diskOffset(), chunk.length(), Run.Kind.HOLE);
        };
    }

    private static Run filled(Chunk chunk, int pattern) {
        return pattern == 0
                ? Run.empty(chunk.diskOffset(), chunk.length(), Run.Kind.ZERO)
                : Run.made(chunk.diskOffset(), chunk.length(), (target, offset) -> fill(target, offset, pattern), 0);
    }

    private static void fill(ByteBuffer target, long offset, int pattern) {
        for (long at = offset; target.hasRemaining(); at++) {
            target.put((byte) (pattern >>> (at % 4 * 8)));
        }
    }

    /** Returns the chunk that stands for a place on the disk. */
    private synchronized Chunk chunkAt(long diskOffset) throws IOException {
        if (diskOffset < current.diskOffset() || isFarBehind(diskOffset)) {
            int at = Arrays.binarySearch(diskOffsets, 0, marks, diskOffset);
            int mark = at >= 0 ? at : -at - 2;
            current = chunk(mark * chunksPerMark, fileOffsets[mark], diskOffsets[mark]);
        }
        while (diskOffset >= current.diskOffset() + current.length()) {
            long next = current.number() + 1;
            current = chunk(next, current.fileOffset() + current.fileLength(), current.diskOffset() + current.length());
            if (next == marks * chunksPerMark) {
                mark(current);
            }
        }
        return current;
    }

    /** Tells whether a chunk that is marked lies between the current one and a place. */
    private boolean isFarBehind(long diskOffset) {
        long nextMark = current.number() / chunksPerMark + 1;
        return nextMark < marks && diskOffsets[(int) nextMark] <= diskOffset;
    }

    private void mark(Chunk chunk) {
        if (marks == MAX_MARKS) {
            for (int i = 0; i < marks / 2; i++) {
                diskOffsets[i] = diskOffsets[2 * i];
                fileOffsets[i] = fileOffsets[2 * i];
            }
            marks /= 2;
            chunksPerMark *= 2;
        }
        if (marks == diskOffsets.length) {
            diskOffsets = Arrays.copyOf(diskOffsets, 2 * marks);
            fileOffsets = Arrays.copyOf(fileOffsets, 2 * marks);
        }
        diskOffsets[marks] = chunk.diskOffset();
        fileOffsets[marks] = chunk.fileOffset();
        marks++;
    }

    /** Reads the header of a chunk and checks that the chunk is inside the file and inside the disk. */
    private Chunk chunk(long number, long fileOffset, long diskOffset) throws IOException {
        if (number >= chunks) {
            if (diskOffset == diskSize) {
                return new Chunk(number, fileOffset, diskOffset, 0, 0, Layout.CHUNK_DONT_CARE);
            }
            throw new CorruptImageException(
                    file.name(), fileOffset, "the last chunk ends at " + diskOffset + " of " + diskSize + " bytes");
        }
        int type = headers.readI32(fileOffset) & 0xFFFF;
        long length = headers.readU32(fileOffset + 4) * blockSize;
        long fileLength = headers.readU32(fileOffset + 8);
        long expected = chunkHeaderLength + payloadLength(type, length, fileOffset);
        if (fileLength != expected || fileLength > file.size() - fileOffset) {
            throw new CorruptImageException(
                    file.name(),
                    fileOffset + 8,
                    "chunk of " + fileLength + " bytes, expected " + expected + " of the file's " + file.size());
        }
        if (length > diskSize - diskOffset || (type == Layout.CHUNK_CRC32 && length != 0)) {
            throw new CorruptImageException(
                    file.name(),
                    fileOffset + 4,
                    "chunk for " + length + " bytes from " + diskOffset + " on, the disk has " + diskSize);
        }
        return new Chunk(number, fileOffset, diskOffset, length, fileLength, type);
    }

    private long payloadLength(int type, long length, long fileOffset) throws CorruptImageException {
        return switch (type) {
            case Layout.CHUNK_RAW -> length;
            case Layout.CHUNK_FILL, Layout.CHUNK_CRC32 -> Integer.BYTES;
            case Layout.CHUNK_DONT_CARE -> 0;
            default ->
                throw new CorruptImageException(
                        file.name(), fileOffset, "chunk type " + Integer.toHexString(type) + ", expected cac1 to cac4");
        };
    }
}

package io.platter.filesystem.f2fs;

import io.platter.bytes.SeededCrc;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** An image of F2FS in memory, to be changed in ways for which there is no program here. */
final class F2fsImage {
    private static final int BLOCK = 4096;
    private static final int FLAGS = 132;
    private static final int FIRST_CHECKPOINT = 512 * BLOCK;
    private static final int SECOND_CHECKPOINT = 1024 * BLOCK;
    private static final int SUPERBLOCK = 1024;

    final byte[] bytes;
    private final ByteBuffer buffer;

    private F2fsImage(byte[] bytes) {
        this.bytes = bytes;
        buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static F2fsImage read(Path image) throws IOException {
        return new F2fsImage(Files.readAllBytes(image));
    }

    F2fsImage copy() {
        return new F2fsImage(bytes.clone());
    }

    void write(Path image) throws IOException {
        Files.write(image, bytes);
    }

    /** Changes the features in both superblocks. */
    void setFeatures(int features) {
        buffer.putInt(SUPERBLOCK + 2180, features);
        buffer.putInt(BLOCK + SUPERBLOCK + 2180, features);
    }

    /** Changes the flags of the first checkpoint, which is the one that counts. */
    void changeFlags(int clear, int set) {
        buffer.putInt(FIRST_CHECKPOINT + FLAGS, (buffer.getInt(FIRST_CHECKPOINT + FLAGS) & ~clear) | set);
        seal(FIRST_CHECKPOINT);
    }

    /** Moves the segment table to its second copy and leaves garbage in the first. */
    void useSecondTable() {
        int table = buffer.getInt(SUPERBLOCK + 80) * BLOCK;
        int size = buffer.getInt(SUPERBLOCK + 56) / 2 * 512 * BLOCK;
        System.arraycopy(bytes, table, bytes, table + size, size);
        Arrays.fill(bytes, table, table + size, (byte) 0x5A);
        Arrays.fill(bytes, FIRST_CHECKPOINT + 192, FIRST_CHECKPOINT + 192 + size / BLOCK / 8, (byte) 0xFF);
        seal(FIRST_CHECKPOINT);
    }

    /** Makes the second checkpoint the younger one; the first one stays valid, but says that it is not clean. */
    void moveToSecondCheckpoint() {
        System.arraycopy(bytes, FIRST_CHECKPOINT, bytes, SECOND_CHECKPOINT, SECOND_CHECKPOINT - FIRST_CHECKPOINT);
        buffer.putLong(SECOND_CHECKPOINT, buffer.getLong(FIRST_CHECKPOINT) + 1);
        seal(SECOND_CHECKPOINT);
        changeFlags(1, 0);
    }

    /** Makes the block that is written to next look like a node that was written after the checkpoint. */
    void addNodeToRecover() {
        long segment = buffer.getInt(FIRST_CHECKPOINT + 40);
        long block = buffer.getInt(SUPERBLOCK + 92) + segment * 512 + buffer.getShort(FIRST_CHECKPOINT + 70);
        buffer.putLong((int) (block * BLOCK) + BLOCK - 12, buffer.getLong(FIRST_CHECKPOINT));
    }

    /** Computes the checksums of both checkpoints anew, as far as they say where they are. */
    void sealAll() {
        seal(FIRST_CHECKPOINT);
        seal(SECOND_CHECKPOINT);
    }

    /** Computes the checksum of a checkpoint anew and writes its last block. */
    private void seal(int checkpoint) {
        int offset = buffer.getInt(checkpoint + 164);
        int blocks = buffer.getInt(checkpoint + 136);
        if (offset < 192 || offset > BLOCK - 4 || blocks < 3 || blocks > 512) {
            return;
        }
        byte[] head = Arrays.copyOfRange(bytes, checkpoint, checkpoint + BLOCK);
        SeededCrc crc = SeededCrc.crc32(Superblock.MAGIC).update(ByteBuffer.wrap(head, 0, offset));
        if (offset < BLOCK - 4) {
            crc.update(ByteBuffer.wrap(head, offset + 4, BLOCK - 4 - offset));
        }
        buffer.putInt(checkpoint + offset, crc.value());
        System.arraycopy(bytes, checkpoint, bytes, checkpoint + (blocks - 1) * BLOCK, BLOCK);
    }
}

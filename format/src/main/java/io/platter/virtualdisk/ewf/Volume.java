package io.platter.virtualdisk.ewf;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import java.io.IOException;
import java.util.UUID;

/**
 * What the volume section of an EWF file tells of the disk.
 *
 * @param offset where it stands, in bytes from the start of the file
 * @param original whether it is that of the first specification, as in SMART's files, where tables have no checksum
 * @param diskSize in bytes
 * @param sectorSize in bytes
 * @param chunkSize in bytes
 * @param setId the identifier that all segment files of an image share; zero if there is none
 */
record Volume(long offset, boolean original, long diskSize, int sectorSize, int chunkSize, UUID setId) {
    /** The largest chunk that is read, in bytes, so that a few fit into memory. */
    static final int MAX_CHUNK_SIZE = 1 << 25;

    static final UUID NO_ID = new UUID(0, 0);

    private static final int LENGTH = 1052;
    private static final int ORIGINAL_LENGTH = 94;
    private static final int SET_ID_OFFSET = 64;
    private static final int CHECKSUM_LENGTH = 4;
    private static final int MEDIA_LOGICAL = 0x0E;
    private static final int MAX_SECTOR_SIZE = 1 << 16;

    /** Reads a section of the type volume or disk. */
    static Volume read(Section section) throws IOException {
        boolean original = section.length() < LENGTH;
        int length = original ? ORIGINAL_LENGTH : LENGTH;
        ByteReader volume = section.read(length);
        Section.check(volume, length - CHECKSUM_LENGTH, "volume");
        if (volume.seek(0).readU8() == MEDIA_LOGICAL) {
            throw new UnsupportedImageException(volume.resource(), "logical evidence (L01)");
        }
        volume.skip(7);
        long sectorsInChunk = volume.readU32();
        long sectorSize = volume.readU32();
        long sectors = original ? volume.readU32() : volume.readU63("sectors");
        if (sectorSize == 0 || sectorSize > MAX_SECTOR_SIZE || sectorsInChunk == 0) {
            throw volume.corrupt(8, "chunks of " + sectorsInChunk + " sectors of " + sectorSize + " bytes");
        }
        if (sectorsInChunk > MAX_CHUNK_SIZE / sectorSize) {
            throw new UnsupportedImageException(
                    volume.resource(),
                    "chunks of " + sectorsInChunk + " sectors of " + sectorSize + " bytes, at most " + MAX_CHUNK_SIZE
                            + " bytes are read");
        }
        if (sectors > Long.MAX_VALUE / sectorSize - MAX_CHUNK_SIZE) {
            throw volume.corrupt(16, sectors + " sectors of " + sectorSize + " bytes");
        }
        return new Volume(
                section.offset(),
                original,
                sectors * sectorSize,
                (int) sectorSize,
                (int) (sectorsInChunk * sectorSize),
                original ? NO_ID : readSetId(volume));
    }

    /** Makes sure that a data section, which repeats the volume section in other segments, is of the same image. */
    void checkRepeated(Section section) throws IOException {
        if (section.length() < LENGTH) {
            return;
        }
        ByteReader data = section.read(LENGTH);
        // Old recorders of Logicube leave the checksum out.
        if (data.seek(LENGTH - CHECKSUM_LENGTH).readI32() != 0) {
            Section.check(data, LENGTH - CHECKSUM_LENGTH, "data section");
        }
        UUID id = readSetId(data);
        if (!id.equals(setId) && !id.equals(NO_ID) && !setId.equals(NO_ID)) {
            throw data.corrupt(SET_ID_OFFSET, "segment of the set " + id + ", expected " + setId);
        }
    }

    private static UUID readSetId(ByteReader volume) throws CorruptImageException {
        volume.seek(SET_ID_OFFSET);
        return new UUID(volume.readI64(), volume.readI64());
    }

    /** Returns how many chunks the disk has. */
    long chunks() {
        return diskSize / chunkSize + (diskSize % chunkSize == 0 ? 0 : 1);
    }

    /** Returns the sector size if a device may have it, else 512. */
    int logicalSectorSize() {
        return sectorSize >= 512 && sectorSize <= 4096 && Integer.bitCount(sectorSize) == 1 ? sectorSize : 512;
    }
}

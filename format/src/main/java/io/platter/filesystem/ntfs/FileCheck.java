package io.platter.filesystem.ntfs;

import io.platter.allocation.Reason;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentSet;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;

/**
 * Goes through all records of the MFT to show that {@code $Bitmap} holds all clusters of all files, since it has neither
 * a checksum nor a copy; and to find the file in which Windows lays itself to sleep.
 *
 * <p>Reads the MFT once, in order. Not thread-safe: one thread at a time.
 */
final class FileCheck {
    private static final long ROOT_DIRECTORY = 5;
    private static final String HIBERNATION_FILE = "hiberfil.sys";
    private static final int MAGIC_LENGTH = 4;
    /** What the hibernation file starts with when nobody sleeps in it. */
    private static final Set<String> AWAKE = Set.of("", "\0\0\0\0", "wake", "WAKE");

    private static final long REFERENCE = 0xFFFF_FFFF_FFFFL;
    private static final int CHUNK = 1 << 20;

    private final Volume volume;
    private final ExtentSet used;
    private long clustersSeen;
    private long hibernationFile = -1;

    FileCheck(Volume volume, ExtentSet used) {
        this.volume = volume;
        this.used = used;
    }

    /**
     * Checks all files.
     *
     * @throws UnprovenException if the system of this volume sleeps
     * @throws CorruptImageException if a cluster of a file counts as unused, or a record is damaged
     */
    void check() throws IOException, UnprovenException {
        int recordSize = volume.boot.recordSize;
        long end = volume.mft.initializedSize() / recordSize * recordSize;
        for (long at = 0; at < end; at += CHUNK) {
            ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK, end - at));
            volume.mft.read(chunk, at);
            chunk.flip();
            for (long record = at / recordSize; chunk.hasRemaining(); record++) {
                byte[] bytes = new byte[recordSize];
                chunk.get(bytes);
                checkRecord(record, bytes);
            }
        }
        if (hibernationFile >= 0) {
            checkAwake();
        }
    }

    private void checkRecord(long number, byte[] bytes) throws CorruptImageException {
        if (FileRecord.isBlank(bytes)) {
            return;
        }
        String resource = volume.device.name() + " $MFT";
        FileRecord record = new FileRecord(number, bytes, resource, number * volume.boot.recordSize);
        for (Attribute attribute : record.attributes) {
            attribute.visitRuns(volume.boot.clusters, (lcn, clusters) -> checkRun(number, lcn, clusters));
            if (attribute.type == Attribute.FILE_NAME && isHibernationFile(attribute.value)) {
                hibernationFile = record.base == 0 ? number : record.base;
            }
        }
    }

    private void checkRun(long record, long lcn, long clusters) throws CorruptImageException {
        if (lcn < 0) {
            return;
        }
        clustersSeen += clusters;
        int clusterSize = volume.boot.clusterSize;
        if (clustersSeen > volume.boot.clusters) {
            throw new CorruptImageException(volume.device.name(), lcn * clusterSize, "files share clusters");
        }
        if (!used.contains(lcn * clusterSize, clusters * clusterSize)) {
            throw new CorruptImageException(
                    volume.device.name(),
                    lcn * clusterSize,
                    "clusters of MFT record " + record + " are not in $Bitmap: " + clusters + " at " + lcn);
        }
    }

    /** Source: libfsntfs documentation, section "The file name attribute". */
    private static boolean isHibernationFile(byte[] fileName) {
        int nameOffset = 66;
        int length = 2 * HIBERNATION_FILE.length();
        if (fileName.length != nameOffset + length) {
            return false;
        }
        long parent = ByteBuffer.wrap(fileName).order(ByteOrder.LITTLE_ENDIAN).getLong(0) & REFERENCE;
        String name = new String(fileName, nameOffset, length, StandardCharsets.UTF_16LE);
        return parent == ROOT_DIRECTORY && name.toLowerCase(Locale.ROOT).equals(HIBERNATION_FILE);
    }

    private void checkAwake() throws IOException, UnprovenException {
        byte[] start = volume.start(volume.record(hibernationFile), MAGIC_LENGTH);
        String magic = new String(start, StandardCharsets.ISO_8859_1);
        if (!AWAKE.contains(magic)) {
            throw new UnprovenException(
                    Reason.HIBERNATED,
                    HIBERNATION_FILE + " starts with " + HexFormat.of().formatHex(start));
        }
    }
}

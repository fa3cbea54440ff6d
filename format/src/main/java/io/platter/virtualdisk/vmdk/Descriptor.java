package io.platter.virtualdisk.vmdk;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The text that describes a disk: its content's identifier, its parent, and the extents that it is made of.
 *
 * @param offset where it stands in its file, in bytes
 * @param contentId the identifier of the disk's content, which a child knows: {@code CID}
 * @param parentId the parent's content identifier as the child knows it, or {@link Layout#NO_PARENT}
 * @param parentName the parent's name; empty if there is none
 * @param parentNameOffset where that stands in the file
 * @param extents what the disk is made of, in order
 */
record Descriptor(
        long offset,
        long contentId,
        long parentId,
        String parentName,
        long parentNameOffset,
        List<FileExtent> extents) {
    /** VirtualBox knows these ways to write the first line too. */
    private static final Pattern FIRST_LINE = Pattern.compile("# ?Disk Descriptor ?File\\s*");

    /** Tells whether a file is a descriptor. */
    static boolean isThere(BlockDevice file) throws IOException {
        ByteBuffer start = ByteBuffer.allocate((int) Math.min(64, file.size()));
        file.read(start, 0);
        String text = StandardCharsets.ISO_8859_1.decode(start.flip()).toString();
        return FIRST_LINE.matcher(text).lookingAt();
    }

    /** Reads the descriptor of a disk's file: the file itself, or what a sparse extent embeds. */
    static Descriptor of(BlockDevice file) throws IOException {
        if (Header.isThere(file)) {
            return embedded(file, Header.read(file));
        }
        if (!isThere(file)) {
            throw new CorruptImageException(file.name(), 0, "neither a sparse extent nor a descriptor");
        }
        return read(file, 0, file.size());
    }

    /**
     * Reads the descriptor that a sparse extent embeds.
     *
     * @throws UnsupportedImageException if there is none: then the file is a part of a disk, and another one says of what
     */
    static Descriptor embedded(BlockDevice file, Header header) throws IOException {
        if (header.descriptorLength() == 0) {
            throw new UnsupportedImageException(
                    file.name(), "the descriptor of its disk: this is an extent, a part of a disk");
        }
        return read(file, header.descriptor(), header.descriptorLength());
    }

    private static Descriptor read(BlockDevice file, long offset, long length) throws IOException {
        if (length > Layout.MAX_DESCRIPTOR_LENGTH) {
            throw new CorruptImageException(
                    file.name(),
                    offset,
                    "a descriptor of " + length + " bytes, expected at most " + Layout.MAX_DESCRIPTOR_LENGTH);
        }
        ByteReader text = ByteReader.read(file, offset, (int) length, ByteOrder.LITTLE_ENDIAN);
        return DescriptorParser.parse(file.name(), offset, text.readBytes((int) length));
    }

    /** Tells whether the disk stands on another one. */
    boolean hasParent() {
        return parentId != Layout.NO_PARENT || !parentName.isEmpty();
    }

    /**
     * Returns the descriptor of a new stream-optimized disk.
     *
     * @param diskSize in bytes, a multiple of a sector
     * @param id becomes the long content identifier, whose end is the content identifier
     */
    static String encode(long diskSize, UUID id) {
        long sectors = diskSize / Layout.SECTOR;
        String longId = String.format(
                Locale.ROOT,
                "%016x%08x%08x",
                id.getMostSignificantBits(),
                id.getLeastSignificantBits() >>> 32,
                contentId(id));
        Geometry geometry = Geometry.of(sectors);
        return String.format(
                Locale.ROOT,
                """
                # Disk DescriptorFile
                version=1
                encoding="UTF-8"
                CID=%08x
                parentCID=ffffffff
                createType="streamOptimized"

                # Extent description
                RW %d SPARSE "disk.vmdk"

                # The Disk Data Base
                #DDB

                ddb.adapterType = "lsilogic"
                ddb.geometry.cylinders = "%d"
                ddb.geometry.heads = "%d"
                ddb.geometry.sectors = "%d"
                ddb.longContentID = "%s"
                ddb.virtualHWVersion = "4"
                """,
                contentId(id),
                sectors,
                geometry.cylinders(),
                geometry.heads(),
                geometry.sectors(),
                longId);
    }

    /** The two highest numbers mean "no parent" and "see the long one". */
    private static int contentId(UUID id) {
        int low = (int) id.getLeastSignificantBits();
        return low >>> 1 == Integer.MAX_VALUE ? low & Integer.MAX_VALUE : low;
    }

    /** The BIOS's translation for a disk on a SCSI adapter. Source: Linux, {@code drivers/scsi/BusLogic.c}. */
    private record Geometry(long cylinders, int heads, int sectors) {
        private static final long GIBIBYTE = (1L << 30) / Layout.SECTOR;
        private static final int MAX_CYLINDERS = 65_535;

        static Geometry of(long diskSectors) {
            int heads = diskSectors < GIBIBYTE ? 64 : diskSectors < 2 * GIBIBYTE ? 128 : 255;
            int sectors = heads == 255 ? 63 : 32;
            long cylinders = diskSectors / ((long) heads * sectors);
            return new Geometry(Math.max(1, Math.min(MAX_CYLINDERS, cylinders)), heads, sectors);
        }
    }
}

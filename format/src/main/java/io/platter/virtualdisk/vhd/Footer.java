package io.platter.virtualdisk.vhd;

import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.UnsupportedImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.UUID;

/**
 * The footer of a VHD file.
 *
 * @param fileOffset where it stands, which is where the bytes of a fixed disk end
 * @param dataOffset where the dynamic disk header stands; −1 in a fixed disk
 * @param diskSize in bytes
 * @param type one of {@link Layout}'s
 * @param id the disk's identifier
 */
public record Footer(long fileOffset, long dataOffset, long diskSize, int type, UUID id) {
    /** Tells whether a file ends, or starts, like one. */
    static boolean isThere(BlockDevice file) throws IOException {
        long size = file.size();
        return hasCookie(file, size - Layout.FOOTER_LENGTH)
                || hasCookie(file, 0)
                || hasCookie(file, size - Layout.OLD_FOOTER_LENGTH);
    }

    private static boolean hasCookie(BlockDevice file, long offset) throws IOException {
        if (offset < 0 || file.size() < Layout.OLD_FOOTER_LENGTH) {
            return false;
        }
        ByteBuffer cookie = ByteBuffer.allocate(Long.BYTES);
        file.read(cookie, offset);
        return cookie.getLong(0) == Layout.FOOTER_COOKIE;
    }

    /** Reads the footer from the end, or if it is damaged there, its copy at the start. */
    static Footer read(BlockDevice file) throws IOException {
        long size = file.size();
        Optional<Footer> footer = readAt(file, size - Layout.FOOTER_LENGTH, Layout.FOOTER_LENGTH);
        if (footer.isEmpty()) {
            footer = readAt(file, 0, Layout.FOOTER_LENGTH).filter(copy -> copy.type() != Layout.TYPE_FIXED);
        }
        if (footer.isEmpty()) {
            footer = readAt(file, size - Layout.OLD_FOOTER_LENGTH, Layout.OLD_FOOTER_LENGTH);
        }
        return footer.orElseThrow(() -> new CorruptImageException(
                file.name(),
                Math.max(0, size - Layout.FOOTER_LENGTH),
                "a footer with a valid checksum expected, and none found at the start either"));
    }

    private static Optional<Footer> readAt(BlockDevice file, long offset, int length) throws IOException {
        if (!hasCookie(file, offset) || offset > file.size() - length) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        file.read(bytes, offset);
        bytes.flip();
        int checksum = Layout.checksum(bytes, Layout.FOOTER_CHECKSUM_OFFSET);
        return bytes.getInt(Layout.FOOTER_CHECKSUM_OFFSET) == checksum
                ? Optional.of(parse(file, offset, ByteReader.of(bytes, ByteOrder.BIG_ENDIAN, file.name(), offset)))
                : Optional.empty();
    }

    private static Footer parse(BlockDevice file, long offset, ByteReader footer) throws IOException {
        long version = footer.seek(12).readU32();
        if (version >>> 16 != Layout.VERSION_1_0 >>> 16) {
            throw new UnsupportedImageException(file.name(), "VHD version " + Long.toHexString(version));
        }
        long dataOffset = footer.readI64();
        int creator = footer.skip(4).readI32();
        long currentSize = footer.seek(48).readU63("current size");
        int cylinders = footer.readU16();
        int heads = footer.readU8();
        int perTrack = footer.readU8();
        long type = footer.readU32();
        if (type < Layout.TYPE_FIXED || type > Layout.TYPE_DIFFERENCING) {
            throw new UnsupportedImageException(file.name(), "VHD type " + type);
        }
        long geometrySize = (long) cylinders * heads * perTrack * Layout.SECTOR;
        boolean geometryRules = creator == Layout.CREATOR_VIRTUAL_PC
                && cylinders < Layout.MAX_CYLINDERS
                && geometrySize > 0
                && geometrySize <= currentSize;
        long diskSize = geometryRules ? geometrySize : currentSize;
        if (diskSize % Layout.SECTOR != 0 || (type != Layout.TYPE_FIXED && diskSize > Layout.MAX_DISK_SIZE)) {
            throw footer.corrupt(48, "current size " + currentSize);
        }
        UUID id = new UUID(footer.seek(Layout.FOOTER_ID_OFFSET).readI64(), footer.readI64());
        return new Footer(offset, dataOffset, diskSize, (int) type, id);
    }

    /** Returns the footer of a new file. */
    public static ByteBuffer encode(int type, long diskSize, long dataOffset, UUID id) {
        ByteBuffer footer = ByteBuffer.allocate(Layout.FOOTER_LENGTH);
        footer.putLong(Layout.FOOTER_COOKIE).putInt(Layout.FEATURES).putInt(Layout.VERSION_1_0);
        footer.putLong(dataOffset).putInt(0);
        footer.putInt(Layout.CREATOR_WRITTEN).putInt(Layout.CREATOR_VERSION_WRITTEN);
        footer.putInt(Layout.CREATOR_HOST_WRITTEN);
        footer.putLong(diskSize)
                .putLong(diskSize)
                .putInt(Layout.geometry(diskSize))
                .putInt(type);
        footer.position(Layout.FOOTER_ID_OFFSET);
        footer.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
        int checksum = Layout.checksum(footer.clear(), Layout.FOOTER_CHECKSUM_OFFSET);
        return footer.putInt(Layout.FOOTER_CHECKSUM_OFFSET, checksum);
    }
}

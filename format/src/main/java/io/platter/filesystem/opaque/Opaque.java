package io.platter.filesystem.opaque;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.filesystem.kit.Filesystem;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What is recognised, but not looked into: encrypted volumes, members of arrays and pools, and filesystems whose
 * structures nobody has published. All of it is used.
 */
public final class Opaque implements Filesystem {
    /**
     * Bytes by which a kind is known.
     *
     * @param offset where they stand, in bytes from the start of the volume
     * @param bytes a character for each
     */
    private record Mark(String kind, long offset, String bytes) {
        static Mark ofHex(String kind, long offset, String digits) {
            byte[] bytes = HexFormat.of().parseHex(digits);
            return new Mark(kind, offset, new String(bytes, StandardCharsets.ISO_8859_1));
        }

        boolean isOn(BlockDevice volume) throws IOException {
            return new String(read(volume, offset, bytes.length()), StandardCharsets.ISO_8859_1).equals(bytes);
        }
    }

    private static final String BCACHE_UUID = "c68573f64e1a45ca8265f57f48ba6d81";
    private static final String BCACHEFS_UUID = "c68573f666ce90a9d96a60cf803df7ef";

    private static final List<Mark> MARKS = List.of(
            new Mark("luks", 0, "LUKS\u00BA\u00BE"),
            new Mark(BitLocker.NAME, BitLocker.SIGNATURE_OFFSET, BitLocker.SIGNATURE),
            new Mark("refs", 3, "ReFS\0\0\0\0"),
            new Mark("apfs", 32, "NXSB"),
            Mark.ofHex("bcache", 4096 + 24, BCACHE_UUID),
            Mark.ofHex("bcachefs", 4096 + 24, BCACHEFS_UUID),
            new Mark("storage-spaces", 0, "SPACEDB "),
            new Mark("storage-spaces", 4096, "SPACEDB "),
            new Mark("vmfs", 1 << 20, "\r\u00D0\u0001\u00C0"));

    private static final int MD_MAGIC = 0xA92B4EFC;
    private static final int MD_SUPER_OFFSET_AT = 144;
    private static final long ZFS_LABEL = 256 << 10;
    private static final int ZFS_RING = 128 << 10;
    private static final int ZFS_UBERBLOCK = 1 << 10;
    private static final long ZFS_MAGIC = 0x00BAB10CL;

    @Override
    public String name() {
        return "opaque";
    }

    @Override
    public long sizeOf(BlockDevice volume) throws IOException, UnprovenException {
        if (map(volume).isPresent()) {
            throw new UnprovenException(Reason.OPAQUE, "its structures refer to the volume's end");
        }
        return 0;
    }

    @Override
    public Optional<AllocationMap> map(BlockDevice volume) throws IOException {
        for (Mark mark : MARKS) {
            if (mark.isOn(volume)) {
                return Optional.of(whole(volume, mark.kind()));
            }
        }
        if (BitLocker.isToGo(volume)) {
            return Optional.of(whole(volume, BitLocker.NAME));
        }
        if (isArrayMember(volume)) {
            return Optional.of(whole(volume, "md"));
        }
        return isZfs(volume) ? Optional.of(whole(volume, "zfs")) : Optional.empty();
    }

    private static AllocationMap whole(BlockDevice volume, String kind) {
        return AllocationMap.whole(volume, kind, Reason.OPAQUE, "captured in full by design");
    }

    /**
     * Tells whether a volume is part of a Linux software array. Its superblock stands at the start, 4 KiB after it, or
     * near the end, where a filesystem at the start can't tell that it has a mirror.
     */
    private static boolean isArrayMember(BlockDevice volume) throws IOException {
        long size = volume.size();
        long oldest = (size & -(64L << 10)) - (64 << 10);
        long atEnd = (size - (8 << 10)) & -(4L << 10);
        return isArraySuperblock(volume, 0)
                || isArraySuperblock(volume, 4 << 10)
                || isArraySuperblock(volume, atEnd)
                || isOldArraySuperblock(volume, oldest);
    }

    /** Version 1 is lowest byte first, and knows where it stands, in sectors of 512 bytes. */
    private static boolean isArraySuperblock(BlockDevice volume, long offset) throws IOException {
        byte[] bytes = read(volume, offset, MD_SUPER_OFFSET_AT + Long.BYTES);
        if (bytes.length == 0) {
            return false;
        }
        ByteBuffer superblock = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        return superblock.getInt(0) == MD_MAGIC
                && superblock.getInt(4) == 1
                && superblock.getLong(MD_SUPER_OFFSET_AT) == offset / 512;
    }

    /** Version 0.90 has the byte order of the machine. */
    private static boolean isOldArraySuperblock(BlockDevice volume, long offset) throws IOException {
        byte[] bytes = read(volume, offset, 8);
        if (bytes.length == 0) {
            return false;
        }
        ByteBuffer superblock = ByteBuffer.wrap(bytes);
        int magic = superblock.getInt(0);
        return (magic == MD_MAGIC || magic == Integer.reverseBytes(MD_MAGIC)) && superblock.getInt(4) == 0;
    }

    /**
     * Tells whether one of the two labels at the start holds an uberblock. The two at the end are not asked: they outlive
     * the pool when a filesystem is made over it.
     */
    private static boolean isZfs(BlockDevice volume) throws IOException {
        for (int label = 0; label < 2; label++) {
            ByteBuffer ring = ByteBuffer.wrap(read(volume, label * ZFS_LABEL + ZFS_RING, ZFS_RING));
            for (int at = 0; at < ring.limit(); at += ZFS_UBERBLOCK) {
                long magic = ring.getLong(at);
                if (magic == ZFS_MAGIC || magic == Long.reverseBytes(ZFS_MAGIC)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Returns bytes of a volume, or none if they are not all inside it. */
    private static byte[] read(BlockDevice volume, long offset, int length) throws IOException {
        if (offset < 0 || offset > volume.size() - length) {
            return new byte[0];
        }
        ByteBuffer bytes = ByteBuffer.allocate(length);
        volume.read(bytes, offset);
        return bytes.array();
    }
}

package io.platter.virtualdisk;

import io.platter.block.BlockDevice;
import io.platter.block.ExtentKind;
import java.io.IOException;

/** The image of a partition that partclone, and so Clonezilla, writes: its used blocks. Only for reading. */
final class PartcloneFormat implements VirtualDiskFormat {
    private static final int SECTOR = 512;

    @Override
    public String name() {
        return "partclone";
    }

    @Override
    public boolean matches(BlockDevice file) throws IOException {
        return PartcloneHeader.isThere(file);
    }

    @Override
    public BlockDevice open(BlockDevice file, VirtualDiskOptions options) throws IOException {
        PartcloneHeader header = PartcloneHeader.read(file);
        PartcloneBitmap bitmap = PartcloneBitmap.read(file, header);
        PartcloneStrips strips = new PartcloneStrips(file, header, bitmap.end(), bitmap.used());
        return new MappedDisk(file, header.diskSize(), SECTOR, diskOffset -> runAt(header, bitmap, strips, diskOffset));
    }

    private static Run runAt(PartcloneHeader header, PartcloneBitmap bitmap, PartcloneStrips strips, long diskOffset)
            throws IOException {
        int blockSize = header.blockSize();
        long block = diskOffset / blockSize;
        if (block >= header.blocks()) {
            long blocksEnd = header.blocks() * blockSize;
            return Run.empty(blocksEnd, header.diskSize() - blocksEnd, ExtentKind.UNUSED);
        }
        PartcloneBitmap.Span span = bitmap.spanAt(block);
        long start = span.first() * blockSize;
        long length = span.count() * blockSize;
        return span.used()
                ? strips.run(start, length, span.usedBefore() * blockSize)
                : Run.empty(start, length, ExtentKind.UNUSED);
    }

    @Override
    public VirtualDiskInfo info(BlockDevice file) throws IOException {
        return VirtualDiskInfo.ofBlocks(PartcloneHeader.read(file).blockSize());
    }
}

package io.platter.virtualdisk.partclone;

import io.platter.block.BlockDevice;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskInfo;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.spi.MappedDisk;
import io.platter.virtualdisk.spi.Run;
import java.io.IOException;

/** The image of a partition that partclone, and so Clonezilla, writes: its used blocks. Only for reading. */
public final class PartcloneFormat implements VirtualDiskFormat {
    /** Creates the format, for the service loader. */
    public PartcloneFormat() {}

    private static final int SECTOR = 512;

    @Override
    public String name() {
        return "partclone";
    }

    @Override
    public boolean matches(BlockDevice file) throws IOException {
        return Header.isThere(file);
    }

    @Override
    public BlockDevice open(BlockDevice file, VirtualDiskOptions options) throws IOException {
        Header header = Header.read(file);
        Bitmap bitmap = Bitmap.read(file, header);
        Strips strips = new Strips(file, header, bitmap.end(), bitmap.used());
        return new MappedDisk(file, header.diskSize(), SECTOR, diskOffset -> runAt(header, bitmap, strips, diskOffset));
    }

    private static Run runAt(Header header, Bitmap bitmap, Strips strips, long diskOffset) throws IOException {
        int blockSize = header.blockSize();
        long block = diskOffset / blockSize;
        if (block >= header.blocks()) {
            long blocksEnd = header.blocks() * blockSize;
            return Run.empty(blocksEnd, header.diskSize() - blocksEnd, Run.Kind.HOLE);
        }
        Bitmap.Span span = bitmap.spanAt(block);
        long start = span.first() * blockSize;
        long length = span.count() * blockSize;
        return span.used()
                ? strips.run(start, length, span.usedBefore() * blockSize)
                : Run.empty(start, length, Run.Kind.HOLE);
    }

    @Override
    public VirtualDiskInfo info(BlockDevice file) throws IOException {
        return VirtualDiskInfo.ofBlocks(Header.read(file).blockSize());
    }
}

package org.example.backup;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentKind;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDiskWriter;
import io.platter.virtualdisk.spi.BlockCutter;
import io.platter.virtualdisk.spi.FileOutput;
import io.platter.virtualdisk.spi.MappedDisk;
import io.platter.virtualdisk.spi.OrderedWriter;
import io.platter.virtualdisk.spi.Run;
import io.platter.virtualdisk.spi.TableCache;
import io.platter.virtualdisk.spi.TableOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/** A header, a table with a number for each page of the disk, and the pages that have bytes. */
public final class PagedFormat implements VirtualDiskFormat {
    private static final long MAGIC = 0x5041474544303031L;
    private static final int HEADER = 4096;
    private static final int PAGE = 64 << 10;
    private static final long LARGEST = 16L << 40;
    private static final int UNUSED = 0;
    private static final int ZERO = 1;
    private static final int FIRST = 2;

    @Override
    public String name() {
        return "paged";
    }

    @Override
    public boolean matches(BlockDevice file) throws IOException {
        return file.size() >= HEADER && header(file).getLong(0) == MAGIC;
    }

    @Override
    public BlockDevice open(BlockDevice file, VirtualDiskOptions options) throws IOException {
        if (!matches(file)) {
            throw new CorruptImageException(file.name(), 0, "no header of a paged disk");
        }
        long size = header(file).getLong(8);
        if (size < 0 || size > LARGEST || firstPage(size) > file.size()) {
            throw new CorruptImageException(file.name(), 8, "a disk of " + size + " bytes in " + file.size());
        }
        TableCache table = new TableCache(file, ByteOrder.BIG_ENDIAN);
        return new MappedDisk(file, size, 512, diskOffset -> page(file, size, table, diskOffset / PAGE));
    }

    private static Run page(BlockDevice file, long size, TableCache table, long number) throws IOException {
        long entryOffset = HEADER + number * Integer.BYTES;
        long entry = table.readU32(entryOffset);
        if (entry < FIRST) {
            return Run.empty(number * PAGE, PAGE, entry == ZERO ? Run.Kind.ZERO : Run.Kind.HOLE);
        }
        long fileOffset = firstPage(size) + (entry - FIRST) * PAGE;
        if (fileOffset > file.size() - PAGE) {
            throw new CorruptImageException(file.name(), entryOffset, "page " + entry + " is not in the file");
        }
        return Run.stored(number * PAGE, PAGE, file, fileOffset);
    }

    private static long firstPage(long diskSize) {
        long pages = (diskSize + PAGE - 1) / PAGE;
        return (HEADER + pages * Integer.BYTES + PAGE - 1) / PAGE * PAGE;
    }

    private static ByteBuffer header(BlockDevice file) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        file.read(header, 0);
        return header;
    }

    @Override
    public boolean canCreate() {
        return true;
    }

    @Override
    public VirtualDiskWriter create(WritableByteChannel output, long diskSize, VirtualDiskOptions options)
            throws IOException {
        OrderedWriter.checkDiskSize(name(), diskSize, LARGEST);
        FileOutput file = FileOutput.seekable(output, name());
        file.appendZeros(firstPage(diskSize));
        TableOutput table = new TableOutput(file, HEADER, ByteOrder.BIG_ENDIAN);
        return BlockCutter.writer(diskSize, PAGE, new BlockCutter.Sink() {
            private int next = FIRST;

            @Override
            public void block(long index, ByteBuffer block) throws IOException {
                file.append(block);
                table.add(next++, 1);
            }

            @Override
            public void empty(long first, long count, ExtentKind kind) throws IOException {
                table.add(kind == ExtentKind.ZERO ? ZERO : UNUSED, count);
            }

            @Override
            public void finish() throws IOException {
                table.flush();
                file.complete();
                file.writeAt(0, ByteBuffer.allocate(HEADER).putLong(0, MAGIC).putLong(8, diskSize));
            }
        });
    }
}

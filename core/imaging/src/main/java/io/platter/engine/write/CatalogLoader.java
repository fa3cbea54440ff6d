package io.platter.engine.write;

import io.platter.block.CorruptImageException;
import io.platter.engine.line.ReusedBuffer;
import io.platter.engine.read.ImageFile;
import io.platter.image.Sha256;
import io.platter.image.codec.Catalog;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/** Fills what a writer knows of a file from the file's catalog. */
public final class CatalogLoader {
    private final ImageFile file;
    private final ToLongFunction<RecordLocation> frames;
    private final BlockIndex blocks;
    private final BlockIndex.Many many;
    private final Consumer<Catalog.ListedPage> pages;
    private final byte[] hash = new byte[Sha256.LENGTH];
    private long listed;

    /**
     * Creates a loader.
     *
     * @param frames gives frames their numbers; −1 for one that is not to be used
     * @param blocks takes the blocks
     * @param pages takes the pages
     */
    public CatalogLoader(
            ImageFile file,
            ToLongFunction<RecordLocation> frames,
            BlockIndex blocks,
            Consumer<Catalog.ListedPage> pages) {
        this.file = file;
        this.frames = frames;
        this.blocks = blocks;
        this.many = blocks.new Many();
        this.pages = pages;
    }

    /**
     * Takes note of all blocks and pages that are listed.
     *
     * @return whether the list is there, and sound: if not, what was taken note of is right, but not all
     */
    public boolean load() throws IOException {
        RecordLocation next = file.commit().contents().catalog();
        boolean isThere = next.isPresent();
        ReusedBuffer buffer = new ReusedBuffer(ByteBuffer::allocateDirect);
        try {
            while (next.isPresent()) {
                Catalog part = read(file, next, buffer);
                if (listed == 0) {
                    listed = part.allBlocks();
                    blocks.expect(listed);
                }
                load(part);
                next = part.previous();
            }
            return isThere;
        } catch (CorruptImageException e) {
            return false;
        } finally {
            many.flush();
        }
    }

    /** Returns how many blocks are listed. */
    long listed() {
        return listed;
    }

    /** Reads a part of the list. */
    public static Catalog read(ImageFile file, RecordLocation location, ReusedBuffer buffer) throws IOException {
        if (location.length() > Catalog.MAX_LENGTH) {
            throw new CorruptImageException(
                    file.name(),
                    location.packOffset(),
                    "catalog of " + location.length() + " bytes, expected at most " + Catalog.MAX_LENGTH);
        }
        var record = file.records().read(location, RecordType.CATALOG, buffer.forLength(location.length()));
        return Catalog.decode(record, file.records().packs());
    }

    private void load(Catalog part) {
        int block = 0;
        for (Catalog.ListedFrame frame : part.frames()) {
            long number = frames.applyAsLong(frame.location());
            if (number < 0) {
                block += frame.blocks();
                continue;
            }
            for (int slot = 0; slot < frame.blocks(); slot++) {
                part.hash(block++, hash);
                many.add(hash, 0, FrameDirectory.place(number, slot));
            }
        }
        part.pages().forEach(pages);
    }
}

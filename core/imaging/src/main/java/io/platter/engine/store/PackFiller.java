package io.platter.engine.store;

import io.platter.engine.pack.RecordOutput;
import io.platter.engine.read.PackNumbers;
import io.platter.engine.write.CatalogWriter;
import io.platter.image.FileId;
import io.platter.image.Sha256;
import io.platter.image.codec.Commit;
import io.platter.image.codec.Features;
import io.platter.image.codec.FileHeader;
import io.platter.image.codec.RecordLocation;
import io.platter.job.JobControl;
import io.platter.pack.PackStore;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Fills packs of a store: frames go to some, pages to others, so that an index is read in few pieces. What is in the packs is
 * listed for whoever writes next; a list comes after the packs of which it tells.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class PackFiller implements AutoCloseable {
    /** A list is given to the store when it is so long, in bytes. */
    private static final int LIST_SIZE = 16 << 20;

    private final PackStore store;
    private final PackNumbers numbers;
    private final int level;
    private final Uploads uploads;
    private final PackOutput frames;
    private final PackOutput pages;
    private final MemoryFile listFile;
    private Listing listing;
    private long listed;

    /** The list that is being made. */
    private record Listing(FileId id, RecordOutput records, CatalogWriter list) {}

    /**
     * Starts to fill packs.
     *
     * @param level the level of compression, for what is not compressed yet
     */
    public PackFiller(PackStore store, PackNumbers numbers, int level, JobControl control) throws IOException {
        this.store = store;
        this.numbers = numbers;
        this.level = level;
        this.uploads = new Uploads(store, control);
        this.frames = new PackOutput(store, numbers, uploads, Features.NONE, level);
        this.pages = new PackOutput(store, numbers, uploads, Features.foreignPacks(), level);
        this.listFile = new MemoryFile(store.name());
        this.listing = newListing();
    }

    private Listing newListing() throws IOException {
        listFile.clear();
        FileId id = store.newId();
        RecordOutput records = RecordOutput.create(listFile, level, new FileHeader(id, Features.foreignPacks()));
        return new Listing(id, records, CatalogWriter.ofPacks(records, numbers));
    }

    /**
     * Adds a frame.
     *
     * @param record the whole record, from 0 to limit
     * @param blocks how many blocks it has
     * @param table its table
     */
    public RecordLocation addFrame(ByteBuffer record, int blocks, ByteBuffer table) throws IOException {
        RecordLocation location = frames.addFrame(record, blocks, table);
        listing.list.addFrame(location, blocks, table);
        if (listing.records.position() > LIST_SIZE) {
            finish();
            listing = newListing();
        }
        return location;
    }

    /** Adds a page: the whole record, from 0 to limit. */
    public RecordLocation addPage(ByteBuffer record, Sha256 hash) throws IOException {
        RecordLocation location = pages.addPage(record, hash);
        listing.list.addPage(location, hash);
        return location;
    }

    /** Waits until all packs and their list are kept. */
    public void finish() throws IOException {
        RecordLocation catalog = listing.list.flush();
        frames.finish();
        pages.finish();
        uploads.await();
        if (catalog.isPresent()) {
            listing.records.commit(false, Commit.Contents.listed(catalog));
            listed += listing.records.position();
            store.putCatalog(listing.id, listFile.bytes());
        }
    }

    /** Returns how many bytes were written. */
    public long written() {
        return frames.written() + pages.written() + listed;
    }

    /** Ends the threads; packs that are not finished are dropped. */
    @Override
    public void close() {
        uploads.close();
    }
}

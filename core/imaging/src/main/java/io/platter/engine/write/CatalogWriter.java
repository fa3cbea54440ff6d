package io.platter.engine.write;

import io.platter.engine.pack.RecordOutput;
import io.platter.image.Sha256;
import io.platter.image.codec.Catalog;
import io.platter.image.codec.PackTable;
import io.platter.image.codec.RecordLocation;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Lists what is written, for whoever appends next. A file whose frames and pages are not all listed gets no list: it would
 * be taken for a whole one.
 *
 * <p>Writer thread only.
 */
public final class CatalogWriter {
    private final RecordOutput output;
    private final PackTable.Names names;
    private Catalog.Builder part;
    private RecordLocation newest;
    private boolean listsAll = true;

    /**
     * Goes on with a list.
     *
     * @param newest its newest part, or nothing
     */
    CatalogWriter(RecordOutput output, RecordLocation newest) {
        this(output, newest, PackTable.Names.NONE);
    }

    private CatalogWriter(RecordOutput output, RecordLocation newest, PackTable.Names names) {
        this.output = output;
        this.newest = newest;
        this.names = names;
        this.part = new Catalog.Builder(0, names);
    }

    /** Starts a list of what is in several packs. */
    public static CatalogWriter ofPacks(RecordOutput output, PackTable.Names names) {
        return new CatalogWriter(output, RecordLocation.NONE, names);
    }

    /** Starts a list of what is in a new file. */
    public static CatalogWriter of(RecordOutput output) {
        return new CatalogWriter(output, RecordLocation.NONE);
    }

    /** Takes note of how many blocks are listed already. */
    void listed(long blocks) {
        part = new Catalog.Builder(blocks, names);
    }

    /** Ends the list, since it lacks what the file has. */
    void giveUp() {
        listsAll = false;
        newest = RecordLocation.NONE;
    }

    /**
     * Lists a frame that was written.
     *
     * @param blocks how many blocks it has
     * @param table its table, from position to limit
     */
    public void addFrame(RecordLocation location, int blocks, ByteBuffer table) throws IOException {
        if (listsAll) {
            makeRoom(blocks);
            part.addFrame(location, table);
        }
    }

    /** Lists a page that was written. */
    public void addPage(RecordLocation location, Sha256 hash) throws IOException {
        if (listsAll) {
            makeRoom(0);
            part.addPage(location, hash);
        }
    }

    private void makeRoom(int blocks) throws IOException {
        if (!part.hasRoom(blocks)) {
            flush();
        }
    }

    /** Writes what was not written yet, and returns the newest part, or nothing. */
    public RecordLocation flush() throws IOException {
        if (!part.isEmpty()) {
            newest = output.append(part.encode(newest));
        }
        return newest;
    }
}

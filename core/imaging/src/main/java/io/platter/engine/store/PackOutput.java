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
import io.platter.pack.PackStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Appends records to one pack after the other.
 *
 * <p>Writer thread only.
 */
final class PackOutput {
    private final PackStore store;
    private final PackNumbers numbers;
    private final Uploads uploads;
    private final Features features;
    private final int level;
    private @Nullable Open open;
    private long finished;

    /** The pack that is being filled. */
    private record Open(FileId id, int number, MemoryFile buffer, RecordOutput records, CatalogWriter list) {}

    /**
     * Creates an output without a pack.
     *
     * @param features of the packs
     * @param level the compression's
     */
    PackOutput(PackStore store, PackNumbers numbers, Uploads uploads, Features features, int level) {
        this.store = store;
        this.numbers = numbers;
        this.uploads = uploads;
        this.features = features;
        this.level = level;
    }

    /** Appends a frame. */
    RecordLocation addFrame(ByteBuffer record, int blocks, ByteBuffer table) throws IOException {
        RecordLocation location = append(record);
        current().list.addFrame(inPack(location), blocks, table);
        return location;
    }

    /** Appends a page. */
    RecordLocation addPage(ByteBuffer record, Sha256 hash) throws IOException {
        RecordLocation location = append(record);
        current().list.addPage(inPack(location), hash);
        return location;
    }

    private static RecordLocation inPack(RecordLocation location) {
        return RecordLocation.of(location.packOffset(), location.length());
    }

    private Open current() {
        return Objects.requireNonNull(open);
    }

    private RecordLocation append(ByteBuffer record) throws IOException {
        Open pack = open;
        if (pack != null && pack.records.position() + record.remaining() > store.packSize()) {
            finish();
            pack = null;
        }
        if (pack == null) {
            FileId id = store.newId();
            MemoryFile buffer = uploads.take();
            RecordOutput records = RecordOutput.create(buffer, level, new FileHeader(id, features));
            pack = new Open(id, numbers.number(id), buffer, records, CatalogWriter.of(records));
            open = pack;
        }
        RecordLocation place = pack.records.append(record);
        return new RecordLocation(pack.number, place.packOffset(), place.length());
    }

    /** Ends the pack that is being filled, if there is one, and sends it on its way. */
    void finish() throws IOException {
        Open pack = open;
        if (pack != null) {
            open = null;
            pack.records.commit(false, Commit.Contents.listed(pack.list.flush()));
            finished += pack.records.position();
            uploads.start(pack.id, pack.buffer);
        }
    }

    /** Returns how many bytes were written. */
    long written() {
        Open pack = open;
        return finished + (pack == null ? 0 : pack.records.position());
    }
}

package io.platter.engine.store;

import io.platter.engine.pack.Pack;
import io.platter.engine.pack.RecordOutput;
import io.platter.engine.pack.Storage;
import io.platter.engine.read.PackNumbers;
import io.platter.engine.write.Destination;
import io.platter.image.Sha256;
import io.platter.image.codec.Commit;
import io.platter.image.codec.DirectoryPage;
import io.platter.image.codec.Features;
import io.platter.image.codec.FileHeader;
import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.PackTable;
import io.platter.image.codec.PackUsage;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordSeal;
import io.platter.image.codec.RecordType;
import io.platter.job.JobControl;
import io.platter.pack.PackStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Takes an image to a store: frames to packs, pages to other packs, so that an index is read in few pieces, and in the end the
 * manifest with the image. What is in the packs is listed for whoever writes next.
 *
 * <p>Writer thread only, but for what is said of {@link Pack}, before it starts and after it has ended.
 */
final class StoreDestination implements Destination, Pack {
    private static final ByteBuffer NO_TABLE = ByteBuffer.allocate(0);

    private final PackStore store;
    private final PackNumbers numbers;
    private final PackFiller packs;
    private final UsedCells used = new UsedCells();
    private final RecordSeal seal = new RecordSeal();
    private final MemoryFile manifestBuffer;
    private final RecordOutput manifest;
    private boolean committed;

    StoreDestination(PackStore store, PackNumbers numbers, int level, JobControl control) throws IOException {
        this.store = store;
        this.numbers = numbers;
        this.packs = new PackFiller(store, numbers, level, control);
        this.manifestBuffer = new MemoryFile(store.name());
        this.manifest =
                RecordOutput.create(manifestBuffer, level, new FileHeader(store.newId(), Features.foreignPacks()));
    }

    /** Returns what the image uses of packs. */
    UsedCells used() {
        return used;
    }

    @Override
    public RecordLocation addFrame(ByteBuffer record, int blocks, ByteBuffer table) throws IOException {
        return packs.addFrame(record, blocks, table);
    }

    @Override
    public RecordLocation addPage(ByteBuffer table, ByteBuffer map, Sha256 hash) throws IOException {
        return packs.addPage(seal.seal(RecordType.PAGE, table, map), hash);
    }

    @Override
    public RecordLocation addProperties(ByteBuffer plain) throws IOException {
        return manifest.append(RecordType.PROPERTIES, NO_TABLE, plain);
    }

    @Override
    public RecordLocation use(RecordLocation record) {
        used.add(record);
        return record;
    }

    @Override
    public PackTable.Names names() {
        return numbers;
    }

    @Override
    public int nextNumber() {
        return 1;
    }

    @Override
    public void commitPartial(ImageRoot root, boolean durably) {
        throw new IllegalStateException("an image in a store has no checkpoints");
    }

    @Override
    public void commit(ImageRoot root) throws IOException {
        packs.finish();
        RecordLocation place = manifest.append(root.encode(numbers));
        List<PackUsage> usage = used.list(numbers);
        for (int from = 0; from < usage.size(); from += PackUsage.MOST) {
            List<PackUsage> part = usage.subList(from, Math.min(from + PackUsage.MOST, usage.size()));
            manifest.append(RecordType.USAGE, NO_TABLE, PackUsage.encode(part));
        }
        DirectoryPage directory = new DirectoryPage(0, 1, 1, List.of(new DirectoryPage.Entry(root.id(), place)));
        RecordLocation directoryPlace = manifest.append(directory.encode());
        manifest.commit(
                false,
                new Commit.Contents(
                        1,
                        directoryPlace,
                        directory.hash(),
                        RecordLocation.NONE,
                        Sha256.NONE,
                        RecordLocation.NONE,
                        place,
                        root.id()));
        store.commit(manifestBuffer.bytes());
        committed = true;
    }

    @Override
    public long written() {
        return packs.written() + manifest.position();
    }

    // What an image session asks of a pack.

    @Override
    public Storage storage() {
        return manifestBuffer;
    }

    @Override
    public void publish() {
        packs.close();
    }

    @Override
    public void abandon(Commit lastCommit) throws IOException {
        close();
    }

    @Override
    public void close() throws IOException {
        packs.close();
        if (!committed) {
            store.abandon();
        }
    }
}

package io.platter.engine.write;

import io.platter.engine.pack.RecordOutput;
import io.platter.engine.read.ImageFile;
import io.platter.image.Limits;
import io.platter.image.Sha256;
import io.platter.image.codec.Commit;
import io.platter.image.codec.DirectoryPage;
import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.PackTable;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The end of an image file, with the list of what the file has and the directory of its images. */
final class FileDestination implements Destination {
    private final RecordOutput output;
    private final CatalogWriter catalog;
    private final DirectoryWriter directory;

    /**
     * Goes on at the end of a file.
     *
     * @param existing what the file holds, unless it is new
     */
    FileDestination(RecordOutput output, Optional<ImageFile> existing) throws IOException {
        this.output = output;
        this.catalog = new CatalogWriter(output, output.lastCommit().contents().catalog());
        this.directory =
                existing.isPresent() ? DirectoryWriter.of(output, existing.get()) : new DirectoryWriter(output);
    }

    /** Returns the list of what the file has. */
    CatalogWriter catalog() {
        return catalog;
    }

    @Override
    public RecordLocation addFrame(ByteBuffer record, int blocks, ByteBuffer table) throws IOException {
        RecordLocation location = output.append(record);
        catalog.addFrame(location, blocks, table);
        return location;
    }

    @Override
    public RecordLocation addPage(ByteBuffer table, ByteBuffer map, Sha256 hash) throws IOException {
        // Hashes, which are most of it, can't be compressed; the rest is not worth the time of all who read it.
        RecordLocation location = output.appendStored(RecordType.PAGE, table, map);
        catalog.addPage(location, hash);
        return location;
    }

    @Override
    public RecordLocation addProperties(ByteBuffer plain) throws IOException {
        return output.append(RecordType.PROPERTIES, ByteBuffer.allocate(0), plain);
    }

    @Override
    public RecordLocation use(RecordLocation record) {
        return record;
    }

    @Override
    public PackTable.Names names() {
        return PackTable.Names.NONE;
    }

    @Override
    public int nextNumber() {
        int images = output.lastCommit().contents().imageCount();
        if (images == Limits.MAX_IMAGES) {
            throw new IllegalStateException("the file has " + Limits.MAX_IMAGES + " images, the most that fit");
        }
        return images + 1;
    }

    @Override
    public void commitPartial(ImageRoot root, boolean durably) throws IOException {
        RecordLocation location = output.append(root.encode());
        output.commit(durably, contents(location, root.id()));
    }

    /** Makes an image of which all is there count as a partial one: a checkpoint takes the place of its root. */
    void commitAsPartial(RecordLocation complete, ImageRoot root) throws IOException {
        // Before anything else is written.
        output.replace(complete);
        commitPartial(root.asPartial(), true);
    }

    @Override
    public void commit(ImageRoot root) throws IOException {
        commit(root, output.append(root.encode()));
    }

    /** Makes a complete image count, whose root is written. */
    void commit(ImageRoot root, RecordLocation location) throws IOException {
        directory.add(new DirectoryPage.Entry(root.id(), location));
        output.commit(true, contents(RecordLocation.NONE, Sha256.NONE));
    }

    private Commit.Contents contents(RecordLocation partialImage, Sha256 partialId) throws IOException {
        return new Commit.Contents(
                directory.imageCount(),
                directory.top().location(),
                directory.top().hash(),
                partialImage,
                partialId,
                catalog.flush(),
                directory.lastImage().location(),
                directory.lastImage().hash());
    }

    @Override
    public long written() {
        return output.position();
    }
}

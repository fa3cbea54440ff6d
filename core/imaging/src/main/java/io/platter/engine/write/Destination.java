package io.platter.engine.write;

import io.platter.image.Sha256;
import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.PackTable;
import io.platter.image.codec.RecordLocation;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where the records of an image go: to the end of one file, or to the packs of a store. Buffers are taken from position to
 * limit, and are the caller's again afterwards.
 *
 * <p>Writer thread only.
 */
public interface Destination {
    /**
     * Takes a frame.
     *
     * @param record the whole record
     * @param blocks how many blocks it has
     * @param table its table
     */
    RecordLocation addFrame(ByteBuffer record, int blocks, ByteBuffer table) throws IOException;

    /** Takes a page. */
    RecordLocation addPage(ByteBuffer table, ByteBuffer map, Sha256 hash) throws IOException;

    /** Takes the properties of an image. */
    RecordLocation addProperties(ByteBuffer plain) throws IOException;

    /** Takes note that the image refers to a record, and returns its location. */
    RecordLocation use(RecordLocation record);

    /** Returns the ids of the packs that records may name. */
    PackTable.Names names();

    /** Returns the number that the image will have. */
    int nextNumber();

    /**
     * Makes an image count as far as it is written.
     *
     * @param durably whether to wait until all is on the medium
     */
    void commitPartial(ImageRoot root, boolean durably) throws IOException;

    /** Makes a complete image count. */
    void commit(ImageRoot root) throws IOException;

    /** Returns how many bytes were written. */
    long written();
}

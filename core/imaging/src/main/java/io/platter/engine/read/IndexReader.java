package io.platter.engine.read;

import io.platter.image.Sha256;
import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.IndexPage;
import io.platter.image.codec.InnerPage;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordReader;
import io.platter.image.codec.RecordType;
import io.platter.image.codec.StoredRecord;
import java.io.IOException;

/**
 * Reads pages of indexes, each as what refers to it says that it is.
 *
 * <p>Safe for use by several threads.
 */
final class IndexReader {
    private final RecordReader records;

    IndexReader(RecordReader records) {
        this.records = records;
    }

    /** Reads the topmost page of an image's index. */
    IndexPage root(ImageRoot root) throws IOException {
        return page(
                root.rootPage(), new InnerPage.Child(0, root.coveredLength(), root.rootHash(), root.rootPage()), -1);
    }

    /** Reads a page below an inner page. */
    IndexPage child(InnerPage parent, InnerPage.Child child) throws IOException {
        return page(child.location(), child, parent.level() - 1);
    }

    /**
     * Reads a page.
     *
     * @param level its level, or −1 for any
     */
    private IndexPage page(RecordLocation location, InnerPage.Child expected, int level) throws IOException {
        StoredRecord record = records.read(location, IndexPage.MAX_LENGTH, RecordType.PAGE);
        IndexPage page = IndexPage.decode(record, records.packs());
        Sha256 hash = page.hash();
        if (!hash.equals(expected.hash())) {
            throw record.corrupt("page hash " + hash + ", expected " + expected.hash());
        }
        if (page.diskOffset() != expected.diskOffset()
                || page.length() != expected.length()
                || (level >= 0 && page.level() != level)) {
            throw record.corrupt("page of level " + page.level() + " for " + page.length() + " bytes at disk offset "
                    + page.diskOffset() + ", expected " + (level >= 0 ? "level " + level + ", " : "")
                    + expected.length() + " at " + expected.diskOffset());
        }
        return page;
    }
}

package io.platter.pipeline;

import io.platter.block.CorruptImageException;
import io.platter.format.ImageRoot;
import io.platter.format.IndexPage;
import io.platter.format.InnerPage;
import io.platter.format.Limits;
import io.platter.format.RecordHeader;
import io.platter.format.RecordLocation;
import io.platter.format.RecordReader;
import io.platter.format.RecordType;
import io.platter.format.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads pages of indexes, each as what refers to it says that it is.
 *
 * <p>Safe for use by several threads.
 */
final class IndexReader {
    private static final int PAGE_RECORD = RecordHeader.LENGTH + Limits.MAX_PAGE;

    private final RecordReader records;

    IndexReader(RecordReader records) {
        this.records = records;
    }

    /** Reads the topmost page of an image's index. */
    IndexPage root(ImageRoot root) throws IOException {
        IndexPage page = page(root.rootPage(), root.rootHash());
        if (page.diskOffset() != 0 || page.length() != root.coveredLength()) {
            throw new CorruptImageException(
                    records.resource(),
                    root.rootPage().imageOffset(),
                    "index for " + page.length() + " bytes at disk offset " + page.diskOffset() + ", expected "
                            + root.coveredLength() + " at 0");
        }
        return page;
    }

    /** Reads a page below an inner page. */
    IndexPage child(InnerPage parent, InnerPage.Child child) throws IOException {
        IndexPage page = page(child.location(), child.hash());
        if (page.level() != parent.level() - 1
                || page.diskOffset() != child.diskOffset()
                || page.length() != child.length()) {
            throw new CorruptImageException(
                    records.resource(),
                    child.location().imageOffset(),
                    "page of level " + page.level() + " for "
                            + page.length() + " bytes at disk offset " + page.diskOffset() + ", expected level "
                            + (parent.level() - 1) + ", " + child.length() + " at " + child.diskOffset());
        }
        return page;
    }

    private IndexPage page(RecordLocation location, Sha256 expected) throws IOException {
        ByteBuffer plain = records.read(location, PAGE_RECORD, RecordType.PAGE).decodedPayload(Limits.MAX_PAGE);
        IndexPage page = IndexPage.decode(plain, records.resource(), location.imageOffset());
        if (!page.hash().equals(expected)) {
            throw new CorruptImageException(
                    records.resource(), location.imageOffset(), "page hash " + page.hash() + ", expected " + expected);
        }
        return page;
    }
}

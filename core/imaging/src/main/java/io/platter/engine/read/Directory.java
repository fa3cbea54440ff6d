package io.platter.engine.read;

import io.platter.block.CorruptImageException;
import io.platter.image.Sha256;
import io.platter.image.codec.Commit;
import io.platter.image.codec.DirectoryPage;
import io.platter.image.codec.DirectoryPage.Entry;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordReader;
import io.platter.image.codec.RecordType;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the images of a commit are. Keeps the pages on the way to the image that was asked for last.
 *
 * <p>Safe for use by several threads.
 */
public final class Directory {
    private final RecordReader records;
    private final Commit.Contents contents;
    private List<DirectoryPage> lastPath = List.of();

    Directory(RecordReader records, Commit.Contents contents) {
        this.records = records;
        this.contents = contents;
    }

    /**
     * Finds an image.
     *
     * @param number from 1 to the commit's number of images
     * @throws CorruptImageException if a page on the way is damaged
     */
    Entry find(int number) throws IOException {
        List<DirectoryPage> path = pathTo(number);
        DirectoryPage last = path.get(path.size() - 1);
        return last.entries().get(DirectoryPage.entryOf(number, 0));
    }

    /** Returns the pages on the way to an image, the topmost first; none if there is no image. */
    public synchronized List<DirectoryPage> pathTo(int number) throws IOException {
        List<DirectoryPage> path = new ArrayList<>();
        Entry next = new Entry(contents.directoryHash(), contents.directory());
        int top = DirectoryPage.topLevel(contents.imageCount());
        for (int level = contents.imageCount() == 0 ? -1 : top; level >= 0; level--) {
            int depth = top - level;
            boolean known = depth < lastPath.size()
                    && lastPath.get(depth).firstNumber() == DirectoryPage.firstNumberOf(number, level);
            DirectoryPage page = known ? lastPath.get(depth) : read(next, level, number);
            path.add(page);
            next = page.entries().get(DirectoryPage.entryOf(number, level));
        }
        lastPath = path;
        return path;
    }

    private DirectoryPage read(Entry expected, int level, int number) throws IOException {
        RecordLocation location = expected.location();
        var record = records.read(location, DirectoryPage.MAX_LENGTH, RecordType.DIRECTORY);
        DirectoryPage page = DirectoryPage.decode(record);
        Sha256 hash = page.hash();
        int first = DirectoryPage.firstNumberOf(number, level);
        int count = DirectoryPage.imageCountOf(number, level, contents.imageCount());
        if (!hash.equals(expected.hash())) {
            throw record.corrupt("directory page hash " + hash + ", expected " + expected.hash());
        }
        if (page.level() != level || page.firstNumber() != first || page.imageCount() != count) {
            throw record.corrupt("directory page of level " + page.level() + " for " + page.imageCount()
                    + " images from " + page.firstNumber() + " on, expected level " + level + ", " + count + " from "
                    + first);
        }
        return page;
    }
}

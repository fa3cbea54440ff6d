package io.platter.engine.write;

import io.platter.engine.pack.RecordOutput;
import io.platter.engine.read.ImageFile;
import io.platter.image.Sha256;
import io.platter.image.codec.Commit;
import io.platter.image.codec.DirectoryPage;
import io.platter.image.codec.DirectoryPage.Entry;
import io.platter.image.codec.RecordLocation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Adds images to the directory of a file: of each level, the page that leads to the newest image is written anew.
 *
 * <p>Writer thread only.
 */
final class DirectoryWriter {
    private final RecordOutput output;

    /** Of each level, what the page has that leads to the newest image. */
    private final List<List<Entry>> newest = new ArrayList<>();

    private int imageCount;
    private Entry top = new Entry(Sha256.NONE, RecordLocation.NONE);
    private Entry lastImage = top;

    /** Starts a directory. */
    DirectoryWriter(RecordOutput output) {
        this.output = output;
    }

    /** Goes on with the directory of an existing file. */
    static DirectoryWriter of(RecordOutput output, ImageFile existing) throws IOException {
        DirectoryWriter writer = new DirectoryWriter(output);
        Commit.Contents contents = existing.commit().contents();
        for (DirectoryPage page : existing.directory().pathTo(contents.imageCount())) {
            writer.newest.add(0, new ArrayList<>(page.entries()));
        }
        writer.imageCount = contents.imageCount();
        writer.top = new Entry(contents.directoryHash(), contents.directory());
        writer.lastImage = new Entry(contents.lastId(), contents.lastImage());
        return writer;
    }

    /** Returns how many images there are. */
    int imageCount() {
        return imageCount;
    }

    /** Returns the newest image. */
    Entry lastImage() {
        return lastImage;
    }

    /** Returns the topmost page. */
    Entry top() {
        return top;
    }

    /**
     * Adds the next image.
     *
     * @param image its id, and where its root is
     */
    void add(Entry image) throws IOException {
        int number = imageCount + 1;
        Entry entry = image;
        for (int level = 0; level <= DirectoryPage.topLevel(number); level++) {
            if (newest.size() == level) {
                newest.add(new ArrayList<>(level == 0 ? List.of() : List.of(top)));
            }
            List<Entry> entries = newest.get(level);
            int place = DirectoryPage.entryOf(number, level);
            if (place == 0) {
                entries.clear();
            } else if (place < entries.size()) {
                entries.remove(place);
            }
            entries.add(entry);
            DirectoryPage page = new DirectoryPage(
                    level,
                    DirectoryPage.firstNumberOf(number, level),
                    DirectoryPage.imageCountOf(number, level, number),
                    entries);
            entry = new Entry(page.hash(), output.append(page.encode()));
        }
        top = entry;
        lastImage = image;
        imageCount = number;
    }
}

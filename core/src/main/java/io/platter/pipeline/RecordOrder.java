package io.platter.pipeline;

import io.platter.block.CorruptImageException;
import io.platter.format.Commit;
import io.platter.format.ImageRoot;
import io.platter.format.RecordLocation;

/**
 * Checks that a file's images and commits follow each other as they must, for whoever sees all of them in order.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class RecordOrder {
    private final String resource;
    private Commit lastCommit = Commit.NONE;
    private RecordLocation lastImage = RecordLocation.NONE;
    private RecordLocation partialImage = RecordLocation.NONE;
    private int images;

    RecordOrder(String resource) {
        this.resource = resource;
    }

    /** Returns how many complete images there were. */
    int images() {
        return images;
    }

    /** Takes the next root, and refuses one that is not of the next image. */
    void take(ImageRoot root, RecordLocation location) throws CorruptImageException {
        if (root.number() != images + 1 || !root.previousImage().equals(lastImage)) {
            throw new CorruptImageException(
                    resource,
                    location.imageOffset(),
                    "root of image " + root.number() + " after one at offset "
                            + root.previousImage().imageOffset() + ", expected image " + (images + 1)
                            + " after the one at " + lastImage.imageOffset());
        }
        if (root.partial()) {
            partialImage = location;
        } else {
            images++;
            lastImage = location;
            partialImage = RecordLocation.NONE;
        }
    }

    /** Takes the next commit, and refuses one that does not say what was seen before it. */
    void take(Commit commit) throws CorruptImageException {
        if (commit.sequence() != lastCommit.sequence() + 1 || commit.previousCommit() != lastCommit.imageOffset()) {
            throw new CorruptImageException(
                    resource,
                    commit.imageOffset(),
                    "commit " + commit.sequence() + " after one at offset " + commit.previousCommit()
                            + ", expected commit " + (lastCommit.sequence() + 1) + " after the one at "
                            + lastCommit.imageOffset());
        }
        boolean samePartial = commit.partialImage().equals(partialImage)
                || !commit.partialImage().isPresent();
        if (commit.imageCount() != images || !commit.lastImage().equals(lastImage) || !samePartial) {
            throw new CorruptImageException(
                    resource,
                    commit.imageOffset(),
                    "commit of " + commit.imageCount() + " images, the newest at offset "
                            + commit.lastImage().imageOffset() + " and a partial one at "
                            + commit.partialImage().imageOffset() + ", expected " + images + ", "
                            + lastImage.imageOffset() + " and " + partialImage.imageOffset());
        }
        lastCommit = commit;
    }
}

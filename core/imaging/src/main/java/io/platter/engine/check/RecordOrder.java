package io.platter.engine.check;

import io.platter.block.CorruptImageException;
import io.platter.image.FileId;
import io.platter.image.Sha256;
import io.platter.image.codec.Commit;
import io.platter.image.codec.DirectoryPage;
import io.platter.image.codec.FileHeader;
import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.RecordHeader;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Checks that a file's header, images and commits follow each other as they must, for whoever sees all of them in order.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class RecordOrder {
    private final String resource;
    private Optional<FileHeader> header = Optional.empty();
    private Commit lastCommit = Commit.none(FileId.random());
    private final List<DirectoryPage.Entry> images = new ArrayList<>();
    private final Map<RecordLocation, DirectoryPage> directories = new HashMap<>();
    private RecordLocation partialImage = RecordLocation.NONE;
    private Sha256 partialId = Sha256.NONE;

    /** A commit of which the second copy must follow. */
    private Optional<Commit> firstCopy = Optional.empty();

    RecordOrder(String resource) {
        this.resource = resource;
    }

    /** Returns how many complete images there were. */
    int images() {
        return images.size();
    }

    /** Tells whether both copies of a commit have passed for all that has passed. */
    boolean isCommitted() {
        return firstCopy.isEmpty()
                && lastCommit.sequence() > 0
                && lastCommit.contents().imageCount() == images.size();
    }

    /** Checks that a record may stand where it does, by its header. */
    void check(RecordHeader record, long packOffset) throws CorruptImageException {
        boolean isStart = packOffset < FileHeader.END;
        if (isStart != record.is(RecordType.FILE)) {
            throw new CorruptImageException(
                    resource,
                    packOffset,
                    "record of type " + record.type()
                            + (isStart ? ", expected a file header" : ", expected anything but a file header"));
        }
        if (firstCopy.isPresent() && !record.is(RecordType.COMMIT)) {
            throw new CorruptImageException(
                    resource, packOffset, "record of type " + record.type() + ", expected a commit's second copy");
        }
    }

    /** Takes the next copy of the header. */
    void take(FileHeader copy, RecordLocation location) throws CorruptImageException {
        if (header.isPresent() && !header.get().equals(copy)) {
            throw new CorruptImageException(
                    resource, location.packOffset(), "second file header, which differs from the first");
        }
        header = Optional.of(copy);
        lastCommit = Commit.none(copy.fileId());
    }

    /** Takes the next root, and refuses one that is not of the next image. */
    void take(ImageRoot root, RecordLocation location) throws CorruptImageException {
        if (root.number() != images.size() + 1) {
            throw new CorruptImageException(
                    resource,
                    location.packOffset(),
                    "root of image " + root.number() + ", expected image " + (images.size() + 1));
        }
        if (root.partial()) {
            partialImage = location;
            partialId = root.id();
        } else {
            images.add(new DirectoryPage.Entry(root.id(), location));
            partialImage = RecordLocation.NONE;
            partialId = Sha256.NONE;
        }
    }

    /** Takes a page of the directory, and refuses one that does not lead to the images that have passed. */
    void take(DirectoryPage page, RecordLocation location) throws CorruptImageException {
        int next = page.firstNumber();
        for (DirectoryPage.Entry entry : page.entries()) {
            boolean isRight;
            if (page.level() == 0) {
                isRight = next <= images.size() && entry.equals(images.get(next - 1));
                next++;
            } else {
                DirectoryPage below = directories.get(entry.location());
                isRight = below != null
                        && below.level() == page.level() - 1
                        && below.firstNumber() == next
                        && below.hash().equals(entry.hash());
                next += below == null ? 0 : below.imageCount();
            }
            if (!isRight) {
                throw new CorruptImageException(
                        resource,
                        location.packOffset(),
                        "directory page that does not lead to the image " + next
                                + " that has passed, or not in its place");
            }
        }
        if (next != page.firstNumber() + page.imageCount()) {
            throw new CorruptImageException(
                    resource,
                    location.packOffset(),
                    "directory page of " + page.imageCount() + " images that leads to " + (next - page.firstNumber()));
        }
        directories.put(location, page);
    }

    /** Tells whether a commit's directory has passed, and leads to all images that have. */
    private boolean isComplete(Commit.Contents contents) {
        DirectoryPage top = directories.get(contents.directory());
        return top == null
                ? images.isEmpty()
                : top.hash().equals(contents.directoryHash())
                        && top.level() == DirectoryPage.topLevel(images.size())
                        && top.firstNumber() == 1
                        && top.imageCount() == images.size();
    }

    /** Takes the next copy of a commit, and refuses one that does not say what was seen before it. */
    void take(Commit commit, RecordLocation location) throws CorruptImageException {
        if (firstCopy.isPresent()) {
            if (!firstCopy.get().equals(commit) || location.packOffset() != commit.packOffset()) {
                throw new CorruptImageException(
                        resource,
                        location.packOffset(),
                        "commit " + commit.sequence() + ", expected the second copy of the one before it");
            }
            firstCopy = Optional.empty();
            lastCommit = commit;
            return;
        }
        check(commit, location);
        firstCopy = Optional.of(commit);
    }

    private void check(Commit commit, RecordLocation location) throws CorruptImageException {
        Commit.Contents contents = commit.contents();
        Commit expected = lastCommit.next(contents, location.end());
        if (!commit.equals(expected)) {
            throw new CorruptImageException(
                    resource,
                    location.packOffset(),
                    "commit " + commit.sequence() + " of the file " + commit.fileId() + " for offset "
                            + commit.packOffset() + " after one at offset " + commit.previousCommit() + " with hash "
                            + commit.previousHash() + ", expected commit " + expected.sequence() + " of "
                            + expected.fileId() + " for " + expected.packOffset() + " after the one at "
                            + expected.previousCommit() + " with " + expected.previousHash());
        }
        boolean samePartial = !contents.partialImage().isPresent()
                || (contents.partialImage().equals(partialImage)
                        && contents.partialId().equals(partialId));
        DirectoryPage.Entry last = images.isEmpty()
                ? new DirectoryPage.Entry(Sha256.NONE, RecordLocation.NONE)
                : images.get(images.size() - 1);
        boolean sameLast = last.equals(new DirectoryPage.Entry(contents.lastId(), contents.lastImage()));
        if (contents.imageCount() != images.size() || !sameLast || !samePartial || !isComplete(contents)) {
            throw new CorruptImageException(
                    resource,
                    location.packOffset(),
                    "commit of " + contents.imageCount() + " images with a directory at offset "
                            + contents.directory().packOffset() + ", the newest at offset "
                            + contents.lastImage().packOffset() + " and a partial one at "
                            + contents.partialImage().packOffset() + ", expected " + images.size()
                            + " in the directory, "
                            + last.location().packOffset() + " and " + partialImage.packOffset());
        }
    }
}

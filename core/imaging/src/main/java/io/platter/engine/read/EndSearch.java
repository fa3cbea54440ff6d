package io.platter.engine.read;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.ImageFormatException;
import io.platter.block.UnsupportedImageException;
import io.platter.image.FileEnd;
import io.platter.image.Limits;
import io.platter.image.codec.Commit;
import io.platter.image.codec.FileHeader;
import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.RecordHeader;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordReader;
import io.platter.image.codec.RecordSeal;
import io.platter.image.codec.RecordType;
import io.platter.image.codec.StoredRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the header and the last commit of a file, and tells an end that was torn while it was written from one that is
 * damaged.
 *
 * <p>The last commit is the first one that is met from the end of the file up, since nothing but a commit of the file has
 * the file's id at such a place. What follows it is being written, was torn, or is what is left of newer commits.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class EndSearch {
    private static final int CHUNK = 1 << 20;

    private final BlockDevice file;
    private final RecordReader records;
    private final FileHeader header;
    private final List<Repair> repairs = new ArrayList<>();

    /** What is wrong with one of two copies of something, of which the other is sound. */
    private @Nullable CorruptImageException damagedCopy;

    /** Where the second copy of a commit would start, of which neither is sound; the one nearest to the end. */
    private long lostCommit;

    private int lostCommits;

    /** The number of an image that follows the last commit and is damaged, or 0. */
    private int damagedImage;

    private EndSearch(BlockDevice file, RecordReader records) throws IOException {
        this.file = file;
        this.records = records;
        this.header = readHeader();
    }

    /**
     * A copy that is damaged or was not written, as it must be.
     *
     * @param packOffset where it goes
     * @param bytes all of it
     */
    public record Repair(long packOffset, ByteBuffer bytes) {}

    /**
     * A complete image whose commit is missing or damaged.
     *
     * @param location where its root is
     * @param root its root
     */
    record Uncommitted(RecordLocation location, ImageRoot root) {}

    /**
     * What was found.
     *
     * @param header the file's header
     * @param commit the newest commit that counts, or none
     * @param uncommitted a complete image that follows {@code commit}
     * @param end how the file ends
     * @param losesCommits whether commits follow of which both copies are damaged
     * @param hidesImages whether these may have been for images that can't be reached
     * @param repairs what has to be written again
     */
    record Found(
            FileHeader header,
            Commit commit,
            Optional<Uncommitted> uncommitted,
            FileEnd end,
            boolean losesCommits,
            boolean hidesImages,
            List<Repair> repairs) {
        /** Returns where what counts ends. */
        long countedEnd() {
            return uncommitted.map(image -> image.location.end()).orElse(commit.end());
        }
    }

    /**
     * Searches.
     *
     * @throws CorruptImageException if the file has no sound header, or no commit
     * @throws io.platter.block.UnsupportedImageException if it needs what this version lacks
     */
    static Found run(BlockDevice file, RecordReader records) throws IOException {
        return new EndSearch(file, records).search();
    }

    private FileHeader readHeader() throws IOException {
        Optional<FileHeader> first = Optional.empty();
        CorruptImageException damage = null;
        try {
            first = Optional.of(readHeader(0));
        } catch (CorruptImageException e) {
            damage = e;
        }
        try {
            FileHeader second = readHeader(FileHeader.LENGTH);
            if (first.isPresent() && !first.get().equals(second)) {
                throw new CorruptImageException(
                        file.name(), FileHeader.LENGTH, "second file header, which differs from the first");
            }
            if (damage != null) {
                noteDamage(0, damage, second.encode());
            }
            return second;
        } catch (CorruptImageException e) {
            if (damage != null) {
                checkVersion();
                throw damage;
            }
            noteDamage(FileHeader.LENGTH, e, first.orElseThrow().encode());
            return first.orElseThrow();
        }
    }

    private void checkVersion() throws IOException {
        ByteBuffer start =
                ByteBuffer.allocate((int) Math.min(file.size(), RecordSeal.TABLE_START + RecordHeader.LENGTH));
        file.read(start, 0);
        FileHeader.checkVersion(start.flip(), file.name());
    }

    private FileHeader readHeader(long packOffset) throws IOException {
        StoredRecord copy;
        try {
            copy = records.read(RecordLocation.of(packOffset, FileHeader.LENGTH), FileHeader.LENGTH, RecordType.FILE);
        } catch (UnsupportedImageException e) {
            // Another type of record stands here than must.
            throw new CorruptImageException(file.name(), packOffset, String.valueOf(e.getMessage()));
        }
        return FileHeader.decode(copy);
    }

    private void noteDamage(long packOffset, CorruptImageException damage, ByteBuffer bytes) {
        damagedCopy = damage;
        repairs.add(new Repair(packOffset, bytes));
    }

    /** Reads a commit, of whose copies at least one is sound. */
    static Commit readCommit(BlockDevice file, long packOffset) throws IOException {
        try {
            return readCopy(file, packOffset);
        } catch (CorruptImageException e) {
            return readCopy(file, packOffset - Commit.LENGTH);
        }
    }

    private static Commit readCopy(BlockDevice file, long copyOffset) throws IOException {
        return Commit.decode(readBytes(file, copyOffset), file.name(), copyOffset);
    }

    private static ByteBuffer readBytes(BlockDevice file, long copyOffset) throws IOException {
        if (copyOffset < 0 || copyOffset > file.size() - Commit.LENGTH) {
            throw new CorruptImageException(
                    file.name(), copyOffset, "commit of " + Commit.LENGTH + " bytes past the file's " + file.size());
        }
        ByteBuffer bytes = ByteBuffer.allocate(Commit.LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        file.read(bytes, copyOffset);
        return bytes.flip();
    }

    private Found search() throws IOException {
        Commit commit = findCommit().orElseThrow(this::noCommit);
        FileTail tail = new FileTail(file, records, commit);
        Optional<Uncommitted> image = tail.completeImage();
        damagedImage = tail.damagedImage();
        return new Found(
                header, commit, image, end(commit, image), lostCommits > 0, hides(image), List.copyOf(repairs));
    }

    private CorruptImageException noCommit() {
        CorruptImageException none = new CorruptImageException(
                file.name(), 0, lostCommits == 0 ? "no commit" : "no commit of which one of the two copies is sound");
        none.initCause(damagedCopy);
        return none;
    }

    private FileEnd end(Commit commit, Optional<Uncommitted> image) {
        long counted = image.map(complete -> complete.location.end()).orElse(commit.end());
        long rest = Math.max(0, file.size() - counted);
        String detail = (rest > 0 ? "the file ends with " + rest + " bytes of what was being written" : "")
                + image.map(complete -> (rest > 0 ? "; image " : "image ") + complete.root.number()
                                + " is complete, but for its commit")
                        .orElse(damagedImage == 0 ? "" : "; image " + damagedImage + " among them is damaged");
        CorruptImageException damage = damagedCopy;
        if (lostCommits > 0) {
            long at = lostCommit - Commit.LENGTH;
            String hidden = hides(image) ? "; images that it is for can't be reached" : "";
            return new FileEnd(
                    FileEnd.State.DAMAGED,
                    at,
                    rest,
                    "the file is damaged at offset " + at + ": both copies of a commit are" + hidden + "; " + detail);
        }
        if (damage != null) {
            return new FileEnd(
                    FileEnd.State.DAMAGED,
                    damage.offset(),
                    rest,
                    "the file is damaged at offset " + damage.offset() + ": " + damage.detail()
                            + "; what stands there stands twice, and nothing is lost"
                            + (detail.isEmpty() ? "" : "; " + detail));
        }
        if (file.size() < commit.end()) {
            return new FileEnd(
                    FileEnd.State.TORN,
                    commit.packOffset(),
                    0,
                    "the file ends inside the second copy of its last commit; the first is sound");
        }
        return detail.isEmpty()
                ? new FileEnd(FileEnd.State.CLEAN, file.size(), 0, "the file ends with a commit")
                : new FileEnd(FileEnd.State.TORN, counted, rest, detail);
    }

    private boolean hides(Optional<Uncommitted> image) {
        return lostCommits > (image.isPresent() ? 1 : 0);
    }

    /** Looks for the last commit from the end of the file up, and takes note of those that were. */
    private Optional<Commit> findCommit() throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK + 2 * Commit.LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        // The last place is often all that is looked at.
        int length = Limits.COMMIT_ALIGNMENT;
        long grid = file.size() - file.size() % Limits.COMMIT_ALIGNMENT;
        while (grid > FileHeader.END) {
            long low = Math.max(grid - length, FileHeader.END);
            long start = low + Limits.COMMIT_ALIGNMENT - Commit.LENGTH;
            long end = Math.min(grid + Commit.LENGTH, file.size());
            file.read(chunk.clear().limit((int) (end - start)), start);
            chunk.flip();
            for (long place = grid; place > low; place -= Limits.COMMIT_ALIGNMENT) {
                Optional<Commit> commit = commitAt(chunk, start, place);
                if (commit.isPresent()) {
                    return commit;
                }
            }
            grid = low;
            length = CHUNK;
        }
        return Optional.empty();
    }

    private Optional<Commit> commitAt(ByteBuffer chunk, long start, long place) {
        Copy first = new Copy(chunk, start, place - Commit.LENGTH, place);
        Copy second = new Copy(chunk, start, place, place);
        if (first.commit.isEmpty() && second.commit.isEmpty()) {
            if (first.wasOne && second.wasOne && (first.namesFile || second.namesFile)) {
                lostCommits++;
                lostCommit = place;
            }
            return Optional.empty();
        }
        Commit commit = first.commit.or(() -> second.commit).orElseThrow();
        if (first.commit.isPresent()
                && second.commit.isPresent()
                && !second.commit.get().equals(commit)) {
            noteDamage(
                    place,
                    new CorruptImageException(
                            file.name(), place, "second copy of a commit, which differs from the first"),
                    commit.encode());
        }
        if (first.commit.isEmpty()) {
            noteDamage(place - Commit.LENGTH, first.damage(), commit.encode());
        } else if (second.commit.isEmpty()) {
            if (place + Commit.LENGTH > file.size()) {
                repairs.add(new Repair(place, commit.encode()));
            } else {
                noteDamage(place, second.damage(), commit.encode());
            }
        }
        return Optional.of(commit);
    }

    /** One of the two places of a commit, and what stands there. */
    private final class Copy {
        private Optional<Commit> commit = Optional.empty();
        private @Nullable CorruptImageException damage;
        private final boolean wasOne;
        private final boolean namesFile;
        private final long copyOffset;

        Copy(ByteBuffer chunk, long start, long copyOffset, long place) {
            this.copyOffset = copyOffset;
            int index = (int) (copyOffset - start);
            if (index + Commit.LENGTH > chunk.limit()) {
                this.wasOne = false;
                this.namesFile = false;
                return;
            }
            ByteBuffer bytes = chunk.slice(index, Commit.LENGTH).order(ByteOrder.LITTLE_ENDIAN);
            this.wasOne = Commit.wasOne(bytes, header.fileId(), place);
            this.namesFile = Commit.namesFile(bytes, header.fileId());
            if (!wasOne) {
                return;
            }
            try {
                Commit found = Commit.decode(bytes, file.name(), copyOffset);
                if (found.packOffset() == place && found.fileId().equals(header.fileId())) {
                    commit = Optional.of(found);
                } else {
                    damage = new CorruptImageException(file.name(), copyOffset, "commit of another file or place");
                }
            } catch (CorruptImageException e) {
                damage = e;
            } catch (ImageFormatException e) {
                damage = new CorruptImageException(file.name(), copyOffset, String.valueOf(e.getMessage()));
            }
        }

        CorruptImageException damage() {
            CorruptImageException found = damage;
            return found != null
                    ? found
                    : new CorruptImageException(file.name(), copyOffset, "no copy of the commit, expected one");
        }
    }
}

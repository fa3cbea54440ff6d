package io.platter.pipeline;

import io.platter.FileEnd;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.block.ImageFormatException;
import io.platter.format.Commit;
import io.platter.format.FileHeader;
import io.platter.format.ImageRoot;
import io.platter.format.Limits;
import io.platter.format.RecordHeader;
import io.platter.format.RecordLocation;
import io.platter.format.RecordReader;
import io.platter.format.RecordType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the last commit of a file, and tells an end that was torn while it was written from one that is damaged.
 *
 * <p>A sound file ends with a commit. In any other the records are walked from the first on. Where a record's header is
 * sound and the record is cut off by the end of the file, the end is torn: nothing but that record follows. Where a header or
 * a commit is damaged, something that counts may follow: a commit whose predecessors lead to those before the damage, or
 * an image. Only what is found by walking, or by such a chain, is ever believed: a captured disk can hold image files.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class EndSearch {
    private static final int CHUNK = 1 << 20;
    private static final FileEnd CLEAN = new FileEnd(FileEnd.State.CLEAN, 0, 0, "the file ends with a commit");

    private final BlockDevice file;
    private final RecordReader records;
    private final IndexReader index;

    /** The newest commit that counts, as far as the search has come. */
    private Commit last = Commit.NONE;

    /** A complete image that follows {@link #last}, whose own commit did not come yet. */
    private Optional<Uncommitted> uncommitted = Optional.empty();

    private long position = FileHeader.LENGTH;

    /** The first damage, and the last commit before it. */
    private @Nullable CorruptImageException damage;

    private long damagedAt;
    private Commit beforeDamage = Commit.NONE;

    private EndSearch(BlockDevice file, RecordReader records, IndexReader index) {
        this.file = file;
        this.records = records;
        this.index = index;
    }

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
     * @param commit the newest commit that counts
     * @param sound the last commit before any damage
     * @param uncommitted a complete image that follows {@code commit}
     * @param end how the file ends
     * @param hidesImages whether something that counts follows the damage and can't be reached
     */
    record Found(Commit commit, Commit sound, Optional<Uncommitted> uncommitted, FileEnd end, boolean hidesImages) {
        private Found endingAs(FileEnd newEnd) {
            return new Found(commit, sound, uncommitted, newEnd, hidesImages);
        }

        /** Returns where what counts ends. */
        long countedEnd() {
            return uncommitted
                    .map(image -> image.location.imageOffset() + image.location.length())
                    .orElse(commit.end());
        }

        /** Returns where what counts ends before any damage: what is kept when a damaged end is discarded. */
        long keptEnd() {
            return sound.equals(commit) ? countedEnd() : sound.sequence() == 0 ? 0 : sound.end();
        }

        Found withoutUncommitted() {
            return new Found(commit, sound, Optional.empty(), end, hidesImages);
        }

        /** Returns what there is when everything from the damage on is discarded. */
        Found withoutDamage() {
            return sound.equals(commit)
                    ? new Found(commit, sound, uncommitted, CLEAN, false)
                    : new Found(sound, sound, Optional.empty(), CLEAN, false);
        }
    }

    /**
     * Searches.
     *
     * @throws CorruptImageException if there is no commit that counts
     */
    static Found run(BlockDevice file, RecordReader records, IndexReader index) throws IOException {
        if (file.size() % Limits.COMMIT_ALIGNMENT == 0) {
            try {
                Commit commit = readCommit(file, file.size() - Commit.LENGTH);
                return new Found(commit, commit, Optional.empty(), CLEAN, false)
                        .endingAs(new FileEnd(FileEnd.State.CLEAN, file.size(), 0, CLEAN.detail()));
            } catch (CorruptImageException e) {
                // The walk finds out why.
            }
        }
        return new EndSearch(file, records, index).search();
    }

    /** Reads a commit. */
    static Commit readCommit(BlockDevice file, long imageOffset) throws IOException {
        if (imageOffset < 0 || imageOffset > file.size() - Commit.LENGTH) {
            throw new CorruptImageException(
                    file.name(), imageOffset, "commit of " + Commit.LENGTH + " bytes past the file's " + file.size());
        }
        ByteBuffer bytes = ByteBuffer.allocate(Commit.LENGTH);
        file.read(bytes, imageOffset);
        return Commit.decode(bytes.flip(), file.name(), imageOffset);
    }

    private Found search() throws IOException {
        boolean hidden = false;
        while (true) {
            Optional<CorruptImageException> stop = walk();
            if (stop.isEmpty()) {
                break;
            }
            CommitScan scan = new CommitScan();
            Optional<Commit> next = scan.newest();
            hidden = next.isEmpty() && (scan.sawAnother || imageFollows());
            if (next.isEmpty() && !hidden && uncommitted.isEmpty()) {
                break; // Nothing that counts follows.
            }
            if (damage == null) {
                damage = stop.get();
                damagedAt = position;
                beforeDamage = last;
            }
            if (next.isEmpty()) {
                break;
            }
            last = next.get();
            position = last.end();
            uncommitted = Optional.empty();
        }
        return found(hidden);
    }

    private Found found(boolean hidden) throws CorruptImageException {
        CorruptImageException damaged = damage;
        Commit sound = damaged == null ? last : beforeDamage;
        if (last.sequence() == 0) {
            CorruptImageException none = new CorruptImageException(
                    file.name(), 0, damaged == null ? "no commit" : "no commit before the damage");
            none.initCause(damaged);
            throw none;
        }
        String rest = uncommitted
                .map(image -> "; image " + image.root.number() + " is complete, but for its commit")
                .orElse("");
        Found all = new Found(last, sound, uncommitted, CLEAN, hidden);
        long bytes = file.size() - all.keptEnd();
        FileEnd end = damaged == null
                ? new FileEnd(
                        FileEnd.State.TORN,
                        position,
                        bytes,
                        "the file ends with " + bytes + " bytes of what was being written" + rest)
                : new FileEnd(
                        FileEnd.State.DAMAGED,
                        damagedAt,
                        bytes,
                        "the file is damaged at offset " + damagedAt + ": " + damaged.detail() + rest
                                + (hidden ? "; what follows can't be reached" : ""));
        return all.endingAs(end);
    }

    /** Goes from record to record, to the end of the file or to the first damage, which is returned. */
    private Optional<CorruptImageException> walk() throws IOException {
        while (position <= file.size() - RecordHeader.LENGTH) {
            try {
                RecordHeader header = RecordHeader.decode(
                        ByteReader.read(file, position, RecordHeader.LENGTH, ByteOrder.LITTLE_ENDIAN));
                RecordType.check(header.type(), file.name(), position);
                if (header.recordLength() > file.size() - position) {
                    return Optional.empty();
                }
                if (header.is(RecordType.COMMIT)) {
                    last = readCommit(file, position);
                    uncommitted = Optional.empty();
                } else if (header.is(RecordType.IMAGE)) {
                    noteImage(new RecordLocation(position, (int) header.recordLength()));
                }
                position += header.recordLength();
            } catch (CorruptImageException e) {
                return Optional.of(e);
            }
        }
        return Optional.empty();
    }

    private void noteImage(RecordLocation location) throws IOException {
        Optional<ImageRoot> root = completeImage(location);
        if (root.isPresent()
                && root.get().number() == last.imageCount() + 1
                && root.get().previousImage().equals(last.lastImage())) {
            uncommitted = Optional.of(new Uncommitted(location, root.get()));
        }
    }

    /** Returns the root at a place, if there is one, of a complete image, with the index that it names. */
    private Optional<ImageRoot> completeImage(RecordLocation location) throws IOException {
        try {
            ImageRoot root = ImageFile.root(records, location);
            if (!root.partial()) {
                index.root(root);
                return Optional.of(root);
            }
        } catch (ImageFormatException e) {
            // Not one that vouches for anything.
        }
        return Optional.empty();
    }

    /** Looks for commits past a damage, from the end of the file up. They stand so that they end on a grid. */
    private final class CommitScan {
        private final Set<Long> strangers = new HashSet<>();
        private boolean sawAnother;

        /** Returns the newest commit whose predecessors lead to the last one before the damage. */
        Optional<Commit> newest() throws IOException {
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
            for (long end = file.size() - file.size() % Limits.COMMIT_ALIGNMENT; end > position; end -= CHUNK) {
                long start = Math.max(0, end - CHUNK);
                file.read(chunk.clear().limit((int) (end - start)), start);
                for (long at = end; at > start && at - Commit.LENGTH > position; at -= Limits.COMMIT_ALIGNMENT) {
                    if (chunk.getInt((int) (at - Commit.LENGTH - start)) == RecordHeader.MAGIC) {
                        Optional<Commit> commit = commitAt(at - Commit.LENGTH);
                        if (commit.isPresent() && leadsBack(commit.get())) {
                            return commit;
                        }
                    }
                }
            }
            return Optional.empty();
        }

        private Optional<Commit> commitAt(long imageOffset) throws IOException {
            try {
                return Optional.of(readCommit(file, imageOffset));
            } catch (CorruptImageException e) {
                return Optional.empty();
            }
        }

        /** Follows the commits before one; remembers those in vain, so that many of them are not followed many times. */
        private boolean leadsBack(Commit commit) throws IOException {
            sawAnother = true;
            Optional<Commit> current = Optional.of(commit);
            while (current.isPresent() && strangers.add(current.get().imageOffset())) {
                Commit here = current.get();
                boolean followsLast =
                        here.previousCommit() == last.imageOffset() && here.sequence() == last.sequence() + 1;
                // The damage may be the commit in between.
                boolean followsDamage = here.previousCommit() == position && here.sequence() == last.sequence() + 2;
                if (followsLast || followsDamage) {
                    return true;
                }
                current = here.previousCommit() <= position
                        ? Optional.empty()
                        : commitAt(here.previousCommit()).filter(before -> before.sequence() == here.sequence() - 1);
            }
            return false;
        }
    }

    /** Tells whether a complete image follows the damage, wherever its root starts. */
    private boolean imageFollows() throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        for (long start = position + 1;
                start < file.size() - RecordHeader.LENGTH;
                start += CHUNK - RecordHeader.LENGTH) {
            file.read(chunk.clear().limit((int) Math.min(CHUNK, file.size() - start)), start);
            for (int at = 0; at <= chunk.limit() - RecordHeader.LENGTH; at++) {
                if (chunk.get(at + 4) == RecordType.IMAGE.code()
                        && chunk.getInt(at) == RecordHeader.MAGIC
                        && imageAt(start + at)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean imageAt(long imageOffset) throws IOException {
        try {
            RecordHeader header = records.readHeader(imageOffset);
            return header.is(RecordType.IMAGE)
                    && completeImage(new RecordLocation(imageOffset, (int) header.recordLength()))
                            .isPresent();
        } catch (CorruptImageException e) {
            return false;
        }
    }
}

package io.platter.repository;

import io.platter.ImageReader;
import io.platter.ReadOptions;
import io.platter.block.ImageFormatException;
import io.platter.engine.read.FrameSource;
import io.platter.engine.read.ImageFile;
import io.platter.image.FileId;
import io.platter.image.codec.ImageRoot;
import io.platter.image.codec.IndexPage;
import io.platter.image.codec.InnerPage;
import io.platter.image.codec.LeafPage;
import io.platter.image.codec.PackUsage;
import io.platter.image.codec.RecordLocation;
import io.platter.image.codec.RecordType;
import io.platter.image.codec.StoredRecord;
import io.platter.job.JobControl;
import io.platter.repository.store.BlobStore.Blob;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** One check of a repository. */
final class CheckRun {
    /** What is kept of decoded frames, in bytes. */
    private static final long CACHE = 64 << 20;

    private final Blobs blobs;
    private final PackDevices packs;
    private final boolean full;
    private final JobControl control;
    private final List<String> problems = new ArrayList<>();

    /** Pages that are sound with all that is below them. */
    private final Set<RecordLocation> soundPages = new HashSet<>();

    private int images;
    private long blocks;

    CheckRun(Blobs blobs, PackDevices packs, boolean full, JobControl control) {
        this.blobs = blobs;
        this.packs = packs;
        this.full = full;
        this.control = control;
    }

    /** Checks, once. */
    CheckReport run() throws IOException {
        Sessions sessions = Sessions.list(blobs);
        packs.moves().load(sessions);
        Map<FileId, Blob> there = blobs.list(Keys.PACKS).stream()
                .filter(blob -> Keys.id(blob.key()).isPresent())
                .collect(Collectors.toMap(blob -> Keys.id(blob.key()).orElseThrow(), Function.identity()));
        for (Sessions.Session session : sessions.all()) {
            if (session.hasImage()) {
                control.cancellation().throwIfCancelled();
                images++;
                try {
                    check(session, there);
                } catch (ImageFormatException e) {
                    problems.add(name(session) + ": " + e.getMessage());
                }
            }
        }
        return new CheckReport(images, blocks, problems);
    }

    private static String name(Sessions.Session session) {
        return Keys.nameOf(session.base()) + " of "
                + Keys.timeOf(session.base()).orElseThrow();
    }

    private void check(Sessions.Session session, Map<FileId, Blob> there) throws IOException {
        BlobFile manifest = BlobFile.read(blobs, session.end().orElseThrow(), packs.numbers());
        ImageFile file = manifest.file();
        for (StoredRecord record : manifest.records(RecordType.USAGE)) {
            for (PackUsage usage : PackUsage.decode(record)) {
                if (!there.containsKey(usage.pack()) && !packs.moves().isGivenUp(usage.pack())) {
                    problems.add(name(session) + ": pack " + usage.pack() + " is not there");
                }
            }
        }
        try (ImageReader reader = ImageReader.open(manifest.bytes(), packs, ReadOptions.defaults())) {
            reader.newestImage().info();
        }
        if (full) {
            try (FrameSource frames = new FrameSource(CACHE)) {
                ImageRoot root = file.root(1);
                check(session, file, frames, file.rootPage(root), root.rootPage());
            }
        }
    }

    /** Checks a page and what is below; what is damaged there is a problem, and does not end the check. */
    private boolean check(
            Sessions.Session session, ImageFile file, FrameSource frames, IndexPage page, RecordLocation location)
            throws IOException {
        boolean sound = true;
        if (page instanceof InnerPage inner) {
            for (InnerPage.Child child : inner.children()) {
                if (!soundPages.contains(child.location())) {
                    try {
                        IndexPage below = file.childPage(inner, child);
                        sound &= check(session, file, frames, below, child.location());
                    } catch (ImageFormatException e) {
                        sound = false;
                        problems.add(name(session) + ": disk offset " + child.diskOffset() + " to " + child.end() + ": "
                                + e.getMessage());
                    }
                }
            }
        } else {
            sound = checkBlocks(session, file, frames, (LeafPage) page);
        }
        if (sound) {
            soundPages.add(location);
        }
        return sound;
    }

    private boolean checkBlocks(Sessions.Session session, ImageFile file, FrameSource frames, LeafPage leaf)
            throws IOException {
        boolean sound = true;
        ByteBuffer nothing = ByteBuffer.allocate(0);
        for (int block = 0; block < leaf.blockCount(); block++) {
            control.cancellation().throwIfCancelled();
            try {
                frames.read(file.records(), leaf, block, 0, 0, nothing);
                blocks++;
            } catch (ImageFormatException e) {
                sound = false;
                long start = leaf.blockOffset(block);
                problems.add(name(session) + ": disk offset " + start + " to " + (start + leaf.blockLength(block))
                        + ": " + e.getMessage());
            }
        }
        return sound;
    }
}

package io.platter.engine.capture;

import io.platter.block.ExtentSet;
import io.platter.engine.read.Leaves;
import io.platter.engine.write.ImageSession;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import io.platter.image.codec.LeafPage;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the leaves of an earlier image that hold for the disk as it is now: nothing that they cover was changed, they leave out
 * just what is left out now, and a capture that reads all of the disk would cut the same blocks there.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class UnchangedLeaves {
    private final ImageSession.Base base;
    private final ExtentSet changed;
    private final CapturePlan plan;
    private final long diskSize;
    private final Leaves leaves;
    private ExtentSet.Builder zeros = ExtentSet.builder();
    private @Nullable LeafPage ahead;
    private boolean aheadHolds;

    /**
     * Starts at the first leaf.
     *
     * @param changed where the disk may differ from the image
     * @param plan what is captured of the disk
     */
    UnchangedLeaves(ImageSession.Base base, ExtentSet changed, CapturePlan plan, long diskSize) throws IOException {
        this.base = base;
        this.changed = changed;
        this.plan = plan;
        this.diskSize = diskSize;
        this.leaves = base.image().leaves();
        advance();
    }

    private void advance() throws IOException {
        LeafPage next = leaves.next().orElse(null);
        ahead = next;
        aheadHolds = next != null && holds(next);
    }

    /** Returns the next one, or nothing after the last. */
    Optional<LeafPage> next() throws IOException {
        while (ahead != null) {
            LeafPage leaf = ahead;
            boolean holds = aheadHolds;
            advance();
            if (holds && endsAsBefore(leaf)) {
                return Optional.of(leaf);
            }
            passOver(leaf);
        }
        return Optional.empty();
    }

    /** Takes note of what is still known of a leaf that has to be read. */
    void passOver(LeafPage leaf) {
        for (int i = 0; i < leaf.extentCount(); i++) {
            ImageExtent then = leaf.extent(i);
            if (then.kind() == ImageExtentKind.ZERO) {
                zeros.addAll(changed.complement(then.offset(), then.end()), 0);
            }
        }
    }

    /** Returns the unchanged zeros of the leaves that were passed over since this was asked last. */
    ExtentSet takeZeros() {
        ExtentSet taken = zeros.build();
        zeros = ExtentSet.builder();
        return taken;
    }

    private boolean holds(LeafPage leaf) throws IOException {
        long start = leaf.diskOffset();
        if (leaf.end() > diskSize || leaf.end() == start || changed.intersects(start, leaf.end() - start)) {
            return false;
        }
        for (int frame = 0; frame < leaf.frameCount(); frame++) {
            if (!base.mayUse().test(leaf.frame(frame))) {
                return false;
            }
        }
        return leavesOutTheSame(leaf);
    }

    private boolean leavesOutTheSame(LeafPage leaf) throws IOException {
        for (int i = 0; i < leaf.extentCount(); i++) {
            ImageExtent then = leaf.extent(i);
            if (then.kind() == ImageExtentKind.UNREADABLE) {
                return false; // It may be readable today.
            }
            for (long position = then.offset(); position < then.end(); ) {
                ImageExtent now = plan.extentAt(position);
                if ((now.kind() == ImageExtentKind.UNUSED) != (then.kind() == ImageExtentKind.UNUSED)) {
                    return false;
                }
                position = now.end();
            }
        }
        return true;
    }

    /** A block that ended because something else than data came next goes on if data comes there now. */
    private boolean endsAsBefore(LeafPage leaf) {
        if (leaf.extent(leaf.extentCount() - 1).kind() != ImageExtentKind.DATA) {
            return true;
        }
        return ahead == null
                ? leaf.end() == diskSize
                : aheadHolds || ahead.extent(0).kind() == ImageExtentKind.DATA;
    }
}

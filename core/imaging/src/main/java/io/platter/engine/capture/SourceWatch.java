package io.platter.engine.capture;

import io.platter.block.BlockDevice;
import java.io.IOException;

/**
 * Sees by a source's {@linkplain BlockDevice#state state} whether it stays the same while it is captured.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class SourceWatch {
    private final BlockDevice source;
    private final String first;

    private SourceWatch(BlockDevice source, String first) {
        this.source = source;
        this.first = first;
    }

    /** Takes note of the state that a source has now. */
    public static SourceWatch begin(BlockDevice source) {
        return new SourceWatch(source, ask(source));
    }

    /** Returns the state in which the source was at first; empty if it does not tell. */
    public String state() {
        return first;
    }

    /** Returns how the source differs from what it was at first; empty if it does not, or did not tell. */
    public String change() {
        return first.isEmpty() ? "" : difference(first, ask(source));
    }

    /** Returns what is compared, in words. */
    public String describe(boolean isResumed) {
        String atEnds = first.isEmpty()
                ? "nothing at the start and the end: the source does not tell its state"
                : "the source's state at the start and the end, at first " + first;
        return isResumed ? "on resume the geometry, the state and samples of the content; " + atEnds : atEnds;
    }

    /** Returns how two states differ, in words; empty if they do not. */
    public static String difference(String then, String now) {
        if (then.equals(now)) {
            return "";
        }
        return "it was \"" + then + "\", " + (now.isEmpty() ? "and can't be told now" : "it is \"" + now + "\"");
    }

    /** Returns the state, empty if it can't be told. */
    private static String ask(BlockDevice source) {
        try {
            return source.state().orElse("");
        } catch (IOException e) {
            return "";
        }
    }
}

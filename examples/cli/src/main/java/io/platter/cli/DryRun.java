package io.platter.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Tells what a command would do: as lines for people, or as one JSON object.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class DryRun {
    static final String DESCRIPTION =
            "say what would be done, and write nothing; exit code 3 if there may not be room for it";

    private final Map<String, Object> facts = new LinkedHashMap<>();
    private final boolean json;
    private final Output output;
    private int exitCode = Main.SUCCESS;

    DryRun(String command, boolean json, Output output) {
        this.json = json;
        this.output = output;
        fact("type", "dryRun");
        fact("command", command);
    }

    /** Adds what is said in JSON only. */
    void fact(String key, Object value) {
        facts.put(key, value);
    }

    /** Adds what is said to people only. */
    void line(String text) throws OutputException {
        if (!json) {
            output.line(text);
        }
    }

    /** Says where it would go. */
    void target(Path target, String place) throws OutputException {
        fact("target", target.toString());
        line("to " + target + ", " + place);
    }

    /**
     * Says how much is free, and what comes of it if that is less than what may be needed.
     *
     * @param consequence what comes of too little room
     */
    void room(long free, long needed, String consequence) throws OutputException {
        fact("freeBytes", free);
        fact("neededBytes", needed);
        fact("fits", free >= needed);
        line(Sizes.human(free) + " are free there");
        if (free < needed) {
            exitCode = Main.IO_FAILURE;
            line("that is less than " + Sizes.human(needed) + ": " + consequence);
        }
    }

    /** Ends, and returns the exit code. */
    int end() throws OutputException {
        line("nothing was written");
        if (json) {
            output.json(Json.of(facts));
        }
        return exitCode;
    }
}

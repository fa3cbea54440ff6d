package io.platter.cli;

import java.io.IOException;
import java.util.List;
import org.apache.commons.cli.Option;

/**
 * One thing that the program does: how it is called, and the doing. Only the command that is called is loaded, so what a
 * command says of itself costs the others nothing. Implementations are immutable.
 */
interface Command {
    /** Returns what the program is called with: a word, or two. */
    String name();

    /** Returns one sentence for the help. */
    String description();

    /** Returns the options, in the order of the help. */
    List<Option> options();

    /** Returns the parameters, in the order of the call. */
    List<Parameter> parameters();

    /** Returns what the help says at its end; made only then, so it may cost something. */
    default String footer() {
        return "";
    }

    /** Does it, and returns the exit code. */
    int run(Arguments given, Session session) throws IOException;

    /** Returns how the command is called. */
    default String synopsis() {
        StringBuilder text = new StringBuilder("platter ").append(name());
        if (!options().isEmpty()) {
            text.append(" [OPTION]...");
        }
        for (Parameter parameter : parameters()) {
            text.append(' ').append(parameter.isRepeated() ? "[" + parameter.label() + "]..." : parameter.label());
        }
        return text.toString();
    }

    /** Returns an option that is there or not. */
    static Option flag(String name, String description) {
        return Option.builder().longOpt(name).desc(description).get();
    }

    /** Returns an option with a value. */
    static Option value(String name, String label, String description) {
        return Option.builder()
                .longOpt(name)
                .hasArg()
                .argName(label)
                .desc(description)
                .get();
    }

    /** Returns an option with a value {@code K=V}, which may be repeated. */
    static Option pair(String name, String description) {
        return Option.builder()
                .longOpt(name)
                .hasArg()
                .valueSeparator('=')
                .argName("K=V")
                .desc(description)
                .get();
    }
}

package io.platter.cli;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.MissingArgumentException;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;
import org.apache.commons.cli.UnrecognizedOptionException;

/**
 * The words after a command's name: its options and parameters, read as what the command takes them for. What does not fit
 * is a {@link UsageException} that says how the command is called. Immutable.
 */
final class Arguments {
    private static final Option HELP =
            Option.builder("h").longOpt("help").desc("tell this").get();
    /** Asks for no progress and no report. */
    static final Option QUIET = Option.builder("q")
            .longOpt("quiet")
            .desc("show no progress and no report for people")
            .get();
    /** Asks for developers' details; read before anything else is. */
    private static final Option DEBUG = Command.flag("debug", "tell where a failure comes from, for developers");

    private static final Pattern ADDRESS = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://.*");

    /** What every command takes. */
    static final List<Option> COMMON = List.of(HELP, QUIET, DEBUG);

    private final Command command;
    private final CommandLine line;

    private Arguments(Command command, CommandLine line) {
        this.command = command;
        this.line = line;
    }

    /** Reads the words that follow a command's name. */
    static Arguments of(Command command, String... words) {
        Options options = new Options();
        command.options().forEach(options::addOption);
        COMMON.forEach(options::addOption);
        for (int i = 0; i < words.length && !words[i].equals("--"); i++) {
            if (isShort(words[i]) && !(i > 0 && takesValue(options, words[i - 1]))) {
                throw wrong(command, unknown(options, words[i]));
            }
        }
        DefaultParser parser = DefaultParser.builder()
                .setAllowPartialMatching(false)
                .setStripLeadingAndTrailingQuotes(false)
                .get();
        try {
            Arguments given = new Arguments(command, parser.parse(options, words));
            if (!given.askForHelp()) {
                given.check();
            }
            return given;
        } catch (ParseException e) {
            throw wrong(command, reason(options, e));
        }
    }

    /** The parser would take {@code -all} for {@code --all}, and {@code -level2} for {@code --level=2}. */
    private static boolean isShort(String word) {
        return word.startsWith("-")
                && !word.startsWith("--")
                && !word.equals("-")
                && !word.equals("-h")
                && !word.equals("-q");
    }

    private static boolean takesValue(Options options, String word) {
        return word.startsWith("--")
                && options.hasLongOption(word)
                && options.getOption(word).hasArg();
    }

    private static String reason(Options options, ParseException failure) {
        if (failure instanceof UnrecognizedOptionException unknown) {
            return unknown(options, unknown.getOption());
        }
        return failure instanceof MissingArgumentException missing
                ? label(missing.getOption()) + " has no value"
                : String.valueOf(failure.getMessage());
    }

    private static String unknown(Options options, String word) {
        int value = word.indexOf('=');
        return "unknown option " + word
                + Suggestion.of(
                        value < 0 ? word : word.substring(0, value),
                        options.getOptions().stream().map(Arguments::label).toList());
    }

    private void check() {
        Set<String> seen = new HashSet<>();
        for (Option option : line.getOptions()) {
            if (!seen.add(option.getLongOpt()) && !option.hasValueSeparator()) {
                throw wrong(command, label(option) + " is there twice");
            }
        }
        List<Parameter> parameters = command.parameters();
        for (int i = 0; i < parameters.size(); i++) {
            if (parameters.get(i).isRepeated()) {
                return;
            }
            if (i >= line.getArgList().size()) {
                throw wrong(command, parameters.get(i).label() + " is missing");
            }
        }
        if (line.getArgList().size() > parameters.size()) {
            throw wrong(command, line.getArgList().get(parameters.size()) + " is one argument too many");
        }
    }

    /** Tells whether help is wanted; then nothing else is checked. */
    boolean askForHelp() {
        return has(HELP);
    }

    /** Tells whether an option is there. */
    boolean has(Option option) {
        return line.hasOption(option);
    }

    /** Returns the value of an option that may be there. */
    Optional<String> text(Option option) {
        return Optional.ofNullable(line.getOptionValue(option)).map(text -> checked(label(option), text));
    }

    /** Returns the value of an option that may be there, as a path. */
    Optional<Path> path(Option option) {
        return Optional.ofNullable(line.getOptionValue(option)).map(RawArguments::path);
    }

    /** Returns the value of an option that may be there, as a number of 32 bits. */
    Optional<Integer> integer(Option option) {
        return has(option)
                ? Optional.of((int) number(label(option), line.getOptionValue(option), Integer.MAX_VALUE))
                : Optional.empty();
    }

    /** Returns the value of an option that may be there, as a size in bytes. */
    Optional<Long> size(Option option) {
        return has(option) ? Optional.of(size(label(option), line.getOptionValue(option))) : Optional.empty();
    }

    /** Returns the value of an option that may be there: one of these, in upper or lower case. */
    <E extends Enum<E>> Optional<E> choice(Option option, E[] choices) {
        if (!has(option)) {
            return Optional.empty();
        }
        String text = line.getOptionValue(option);
        for (E choice : choices) {
            if (choice.name().equalsIgnoreCase(text)) {
                return Optional.of(choice);
            }
        }
        List<String> names = new ArrayList<>();
        for (E choice : choices) {
            names.add(choice.name().toLowerCase(Locale.ROOT));
        }
        throw wrong(
                command,
                label(option) + " takes one of " + String.join(", ", names) + ", not " + text
                        + Suggestion.of(text, names));
    }

    /** Returns the values of an option that may be repeated, in the order of the call. */
    Map<String, String> pairs(Option option) {
        Map<String, String> pairs = new LinkedHashMap<>();
        if (has(option)) {
            for (String text : line.getOptionValues(option)) {
                checked(label(option), text);
                int end = text.indexOf('=');
                if (end < 1) {
                    throw wrong(command, label(option) + " takes " + option.getArgName() + ", not " + text);
                }
                pairs.put(text.substring(0, end), text.substring(end + 1));
            }
        }
        return pairs;
    }

    /** Returns a parameter as a path. */
    Path path(Parameter parameter) {
        return RawArguments.path(word(parameter));
    }

    /** Tells whether a parameter stands for standard input or standard output. */
    boolean isStandard(Parameter parameter) {
        return word(parameter).equals("-");
    }

    /** Returns a parameter as an address, if it has the form of one, such as {@code s3://images/some/where}. */
    Optional<URI> address(Parameter parameter) {
        return address(parameter.label(), word(parameter));
    }

    /** Returns a word as an address, if it has the form of one. */
    Optional<URI> address(String label, String word) {
        if (!ADDRESS.matcher(word).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new URI(checked(label, word)));
        } catch (URISyntaxException e) {
            throw wrong(command, label + " " + word + " is no address: " + e.getReason());
        }
    }

    /** Returns a parameter as it stands. */
    String text(Parameter parameter) {
        return checked(parameter.label(), word(parameter));
    }

    /** Returns a parameter as a size, or an offset, in bytes. */
    long size(Parameter parameter) {
        return size(parameter.label(), word(parameter));
    }

    /** Returns all of a parameter that is repeated. */
    List<String> all(Parameter parameter) {
        int first = command.parameters().indexOf(parameter);
        return line.getArgList()
                .subList(
                        Math.min(first, line.getArgList().size()),
                        line.getArgList().size());
    }

    String word(Parameter parameter) {
        return line.getArgList().get(command.parameters().indexOf(parameter));
    }

    /** Refuses what Java could not read as it was typed: it must not go on as something else. */
    private String checked(String what, String text) {
        if (!RawArguments.isText(text)) {
            throw wrong(command, what + " " + text + " " + RawArguments.NOT_OF_THE_LOCALE);
        }
        return text;
    }

    /** Returns a size in bytes that is part of an argument. */
    long size(String what, String text) {
        return Sizes.parse(text)
                .orElseThrow(() -> wrong(
                        command, what + " takes a number of bytes such as 4096, 0x1000, 4K or 1.5GiB, not " + text));
    }

    private long number(String what, String text, long most) {
        try {
            long number = Long.parseLong(text);
            if (number >= -most - 1 && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw wrong(command, what + " takes a whole number of at most " + most + ", not " + text);
    }

    private static String label(Option option) {
        return "--" + option.getLongOpt();
    }

    private static UsageException wrong(Command command, String reason) {
        return new UsageException(
                reason, "usage: " + command.synopsis(), "platter help " + command.name() + " tells more");
    }
}

package io.platter.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.Option;

/** Tells how the program is called. Loaded when that is asked for, and not otherwise. */
final class Help {
    private static final int WIDTH = 100;
    private static final int WIDEST_TERM = 28;

    static final String PROGRAM = "Captures disks into images, and puts images back on disks.";
    static final String SIZES = "A size or an offset is a number of bytes: 4096, 0x1000, 4K or 4KiB; 4kB is 4000.";
    static final String EXIT_CODES =
            "0 success; 1 a bad or damaged image or repository, or a difference; 2 wrong usage, such as "
                    + "a name that no image has, something there already, or a disk in use; 3 a failure to read or write, such as a "
                    + "missing file, a server that can't be reached or refuses, or a lack of memory or the like; 130 stopped by Ctrl-C, "
                    + "143 by SIGTERM, 129 by SIGHUP. serve nbd ends with 0 when it is stopped.";

    private final List<String> lines = new ArrayList<>();

    private Help() {}

    /** Returns what follows the word help asks for. */
    static String answer(List<String> words) {
        boolean manual = words.contains("--man");
        String name = String.join(
                " ", words.stream().filter(word -> !word.equals("--man")).toList());
        if (manual) {
            return Manual.of(name.isEmpty() ? Optional.empty() : Optional.of(name));
        }
        return name.isEmpty() ? ofProgram() : of(name);
    }

    /** Returns what the program can do. */
    static String ofProgram() {
        Help help = new Help();
        help.lines.add("usage: platter COMMAND");
        help.lines.add(PROGRAM);
        for (String name : Commands.NAMES) {
            help.add(name, Commands.named(name).description());
        }
        help.add("help [COMMAND]", "Tells this, or the options of a command; help --man [COMMAND] as a manual page.");
        help.add("version", "Tells which version this is.");
        help.lines.addAll(wrapped(SIZES, WIDTH));
        help.lines.addAll(wrapped("Exit codes: " + EXIT_CODES, WIDTH));
        return help.text();
    }

    /** Returns what is to be known of the command of a name, or of all whose names begin with that word. */
    static String of(String name) {
        Help help = new Help();
        for (String each : Commands.NAMES) {
            if (each.startsWith(name + " ")) {
                help.add(Commands.named(each));
            }
        }
        if (help.lines.isEmpty()) {
            help.add(Commands.named(name));
        }
        return help.text();
    }

    private void add(Command command) {
        lines.add("usage: " + command.synopsis());
        lines.add(command.description());
        for (Parameter parameter : command.parameters()) {
            add(parameter.label(), parameter.description());
        }
        for (Option option : command.options()) {
            add(term(option), option.getDescription());
        }
        for (Option option : Arguments.COMMON) {
            add(term(option), option.getDescription());
        }
        if (!command.footer().isEmpty()) {
            lines.addAll(wrapped(command.footer(), WIDTH));
        }
    }

    /** Returns how an option is called. */
    static String term(Option option) {
        String name = (option.getOpt() == null ? "" : "-" + option.getOpt() + ", ") + "--" + option.getLongOpt();
        return option.hasArg() ? name + " " + option.getArgName() : name;
    }

    /** A term stands in a column of its own, and on a line of its own if it is too long for that. */
    private void add(String term, String description) {
        String begin = "  " + term;
        if (term.length() > WIDEST_TERM) {
            lines.add(begin);
            begin = "";
        }
        int column = WIDEST_TERM + 4;
        for (String line : wrapped(description, WIDTH - column)) {
            lines.add(begin + " ".repeat(column - begin.length()) + line);
            begin = "";
        }
    }

    private static List<String> wrapped(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    private String text() {
        return String.join(System.lineSeparator(), lines);
    }
}

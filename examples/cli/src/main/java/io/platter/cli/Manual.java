package io.platter.cli;

import java.util.Locale;
import java.util.Optional;
import org.apache.commons.cli.Option;

/** Tells how the program is called as a manual page, in roff with the man macros. */
final class Manual {
    private final StringBuilder text = new StringBuilder();

    private Manual() {}

    /**
     * Returns the page of the program, or of one command.
     *
     * @throws UsageException if there is no such command
     */
    static String of(Optional<String> command) {
        Manual manual = new Manual();
        if (command.isPresent()) {
            manual.page(Commands.named(command.get()));
        } else {
            manual.page();
        }
        return manual.text.toString();
    }

    private void page() {
        title("platter");
        section("NAME");
        text.append("platter \\- captures disks into images, and puts images back on disks\n");
        section("SYNOPSIS");
        text.append(".B platter\n.I COMMAND\n[\\fIOPTION\\fR]... [\\fIARGUMENT\\fR]...\n");
        section("COMMANDS");
        for (String name : Commands.NAMES) {
            text.append(".SS ").append(escaped(name)).append('\n');
            describe(Commands.named(name));
        }
        section("OPTIONS OF ALL COMMANDS");
        Arguments.COMMON.forEach(this::describe);
        ending();
    }

    private void page(Command command) {
        String name = "platter-" + command.name().replace(' ', '-');
        title(name);
        section("NAME");
        text.append(name.replace("-", "\\-")).append(" \\- ");
        text.append(escaped(command.description())).append('\n');
        section("SYNOPSIS");
        text.append(".B ").append(escaped(command.synopsis())).append('\n');
        section("OPTIONS");
        command.parameters().forEach(this::describe);
        command.options().forEach(this::describe);
        Arguments.COMMON.forEach(this::describe);
        paragraph(command.footer());
        ending();
    }

    private void title(String name) {
        text.append(".TH ").append(name.toUpperCase(Locale.ROOT).replace("-", "\\-"));
        text.append(" 1 \"\" \"platter ").append(escaped(Version.number())).append("\" \"Platter\"\n");
    }

    private void section(String title) {
        text.append(".SH ").append(title).append('\n');
    }

    private void describe(Command command) {
        text.append(".B ").append(escaped(command.synopsis())).append("\n.PP\n");
        text.append(escaped(command.description())).append('\n');
        command.parameters().forEach(this::describe);
        command.options().forEach(this::describe);
        paragraph(command.footer());
    }

    private void describe(Parameter parameter) {
        text.append(".TP\n.I ").append(escaped(parameter.label())).append('\n');
        text.append(escaped(parameter.description())).append('\n');
    }

    private void describe(Option option) {
        text.append(".TP\n.B ").append(escaped(Help.term(option))).append('\n');
        text.append(escaped(option.getDescription())).append('\n');
    }

    private void paragraph(String sentence) {
        if (!sentence.isEmpty()) {
            text.append(".PP\n").append(escaped(sentence)).append('\n');
        }
    }

    private void ending() {
        section("SIZES");
        text.append(escaped(Help.SIZES)).append('\n');
        section("EXIT STATUS");
        text.append(escaped(Help.EXIT_CODES)).append('\n');
        section("ENVIRONMENT");
        text.append(".TP\n.B PLATTER_DEBUG\nif it is set, as \\-\\-debug\n");
    }

    /** A hyphen of an option is not one that joins words, and a line that begins with a dot is no macro. */
    private static String escaped(String line) {
        String plain = line.replace("\\", "\\e").replace("-", "\\-");
        return plain.startsWith(".") || plain.startsWith("'") ? "\\&" + plain : plain;
    }
}

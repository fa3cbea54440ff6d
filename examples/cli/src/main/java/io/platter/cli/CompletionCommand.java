package io.platter.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.commons.cli.Option;

/** Writes what makes a shell complete the program's words, from the same source as the help. */
final class CompletionCommand implements Command {
    private static final Parameter SHELL = Parameter.of("SHELL", "bash, zsh or fish");

    @Override
    public String name() {
        return "completion";
    }

    @Override
    public String description() {
        return "Writes a script that completes the program's words in a shell.";
    }

    @Override
    public List<Option> options() {
        return List.of();
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(SHELL);
    }

    @Override
    public String footer() {
        return "In ~/.bashrc: eval \"$(platter completion bash)\"; for zsh, as _platter in a directory of fpath; for fish, "
                + "as ~/.config/fish/completions/platter.fish.";
    }

    @Override
    public int run(Arguments given, Session session) throws OutputException {
        String shell = given.text(SHELL);
        String script =
                switch (shell) {
                    case "bash" -> bash();
                    case "zsh" -> zsh();
                    case "fish" -> fish();
                    default -> throw new UsageException("no completion for " + shell + ", expected bash, zsh or fish");
                };
        session.output().lines(script);
        return Main.SUCCESS;
    }

    private static List<Option> options(String command) {
        List<Option> options = new ArrayList<>(Commands.named(command).options());
        options.addAll(Arguments.COMMON);
        return options;
    }

    /** Returns the words that an option takes, if it says so: {@code retry|skip|abort}, but not {@code SIZE}. */
    private static List<String> choices(Option option) {
        return option.hasArg() && option.getArgName().indexOf('|') > 0
                ? Arrays.stream(option.getArgName().split("\\|"))
                        .filter(word -> word.equals(word.toLowerCase(Locale.ROOT)))
                        .toList()
                : List.of();
    }

    /** Returns what may stand first on the line. */
    private static Set<String> firstWords() {
        Set<String> words = new LinkedHashSet<>();
        Commands.NAMES.forEach(name -> words.add(name.split(" ", -1)[0]));
        words.addAll(List.of("help", "version"));
        return words;
    }

    /** Returns what may stand second after a first word: the rest of a command's name of two words. */
    private static List<String> secondWords(String first) {
        return Commands.NAMES.stream()
                .filter(name -> name.startsWith(first + " "))
                .map(name -> name.substring(first.length() + 1))
                .toList();
    }

    /** Returns a line for each command of two words, by its first word and those that may follow. */
    private static String ofTwoWords(String line) {
        StringBuilder lines = new StringBuilder();
        for (String first : firstWords()) {
            List<String> second = secondWords(first);
            if (!second.isEmpty()) {
                lines.append(line.formatted(first, String.join(" ", second)));
            }
        }
        return lines.toString();
    }

    private static String bash() {
        StringBuilder values = new StringBuilder();
        StringBuilder names = new StringBuilder();
        for (String command : Commands.NAMES) {
            List<Option> options = options(command);
            names.append("            '%s') words='%s' ;;%n"
                    .formatted(
                            command,
                            String.join(
                                    " ",
                                    options.stream()
                                            .map(option -> "--" + option.getLongOpt())
                                            .toList())));
            for (Option option : options) {
                if (option.hasArg()) {
                    values.append("        '%s --%s') words='%s'; isValue=1 ;;%n"
                            .formatted(command, option.getLongOpt(), String.join(" ", choices(option))));
                }
            }
        }
        String twoWords = ofTwoWords(
                "        %s) if [ $COMP_CWORD = 2 ]; then words='%s'; else command+=\" ${COMP_WORDS[2]}\"; fi ;;%n");
        return """
                _platter() {
                    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words= isValue=
                    local command=${COMP_WORDS[1]}
                    COMPREPLY=()
                    if [ $COMP_CWORD = 1 ] || [ "$COMP_CWORD $command" = '2 help' ]; then
                        words='%s'
                    else
                        case $command in
                        completion) words='bash zsh fish' ;;
                %s        esac
                        case "$command $before" in
                %s        esac
                        if [[ -z $isValue && $current == -* ]]; then
                            case $command in
                %s            esac
                        fi
                    fi
                    [ -z "$words" ] || COMPREPLY=($(compgen -W "$words" -- "$current"))
                }
                complete -o default -F _platter platter
                """.formatted(String.join(" ", firstWords()), twoWords, values, names);
    }

    private static String zsh() {
        StringBuilder first = new StringBuilder();
        firstWords().forEach(word -> first.append("        ")
                .append(quoted(word + ":" + summary(word)))
                .append('\n'));
        StringBuilder arguments = new StringBuilder();
        for (String name : Commands.NAMES) {
            arguments.append("    '").append(name).append("') _arguments");
            options(name).forEach(option -> arguments.append(" \\\n        ").append(quoted(zsh(option))));
            arguments.append(" \\\n        '*:file:_files' ;;\n");
        }
        String twoWords = ofTwoWords("""
                    %s) if (( CURRENT == 3 )); then _values command %s; return; fi
                        command+=" $words[3]"; shift words; (( CURRENT-- )) ;;
                """);
        return """
                #compdef platter
                _platter() {
                    local -a commands
                    commands=(
                %s    )
                    if (( CURRENT == 2 )) || [[ "$CURRENT $words[2]" == '3 help' ]]; then
                        _describe command commands
                        return
                    fi
                    local command=$words[2]
                    case $command in
                    completion) _values shell bash zsh fish; return ;;
                %s    esac
                    shift words; (( CURRENT-- ))
                    case $command in
                %s    esac
                }
                compdef _platter platter
                """.formatted(first, twoWords, arguments);
    }

    private static String zsh(Option option) {
        String text = "--" + option.getLongOpt() + (option.hasArg() ? "=" : "") + "["
                + option.getDescription().replace("[", "(").replace("]", ")").replace(":", "\\:") + "]";
        List<String> choices = choices(option);
        if (!option.hasArg()) {
            return text;
        }
        String label = option.getArgName().replace(":", "\\:");
        return text + ":" + label + ":"
                + (choices.isEmpty() ? isFile(option) ? "_files" : " " : "(" + String.join(" ", choices) + ")");
    }

    private static boolean isFile(Option option) {
        return option.getArgName().equals("DIR") || option.getArgName().equals("DISK");
    }

    private static String fish() {
        StringBuilder script = new StringBuilder();
        for (String first : firstWords()) {
            script.append("complete -c platter -n __fish_use_subcommand -x -a ").append(first);
            script.append(" -d ").append(quoted(summary(first))).append('\n');
        }
        script.append("complete -c platter -n '__fish_seen_subcommand_from completion' -x -a 'bash zsh fish'\n");
        for (String name : Commands.NAMES) {
            String[] words = name.split(" ", -1);
            String when = "__fish_seen_subcommand_from " + words[0];
            if (words.length == 2) {
                script.append("complete -c platter -n '")
                        .append(when)
                        .append("' -a ")
                        .append(words[1])
                        .append('\n');
                when += "; and __fish_seen_subcommand_from " + words[1];
            }
            for (Option option : options(name)) {
                script.append("complete -c platter -n '")
                        .append(when)
                        .append("' -l ")
                        .append(option.getLongOpt());
                List<String> choices = choices(option);
                if (!choices.isEmpty()) {
                    script.append(" -x -a '").append(String.join(" ", choices)).append('\'');
                } else if (option.hasArg()) {
                    script.append(" -r");
                }
                script.append(" -d ").append(quoted(option.getDescription())).append('\n');
            }
        }
        return script.toString();
    }

    private static String summary(String first) {
        return switch (first) {
            case "help" -> "Tells how the program is called.";
            case "version" -> "Tells which version this is.";
            default ->
                secondWords(first).isEmpty()
                        ? Commands.named(first).description()
                        : String.join(", ", secondWords(first));
        };
    }

    /** Quotes for all three shells: outside of single quotes, each takes a quote after a backslash. */
    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}

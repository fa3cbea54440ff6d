package io.platter.examples;

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
        Commands.NAMES.forEach(name -> words.add(name.split(" ")[0]));
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

    private static String bash() {
        StringBuilder script = new StringBuilder("_platter() {\n");
        script.append("    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=\n");
        script.append("    local command=${COMP_WORDS[1]}\n");
        script.append("    COMPREPLY=()\n");
        script.append(
                "    if [ \"$COMP_CWORD\" = 1 ] || { [ \"$COMP_CWORD\" = 2 ] && [ \"$command\" = help ]; }; then\n");
        script.append("        COMPREPLY=($(compgen -W '").append(String.join(" ", firstWords()));
        script.append("' -- \"$current\"))\n        return\n    fi\n");
        script.append("    case $command in\n");
        script.append("    completion) words='bash zsh fish' ;;\n");
        for (String first : firstWords()) {
            List<String> second = secondWords(first);
            if (!second.isEmpty()) {
                script.append("    ").append(first).append(")\n        if [ \"$COMP_CWORD\" = 2 ]; then\n");
                script.append("            COMPREPLY=($(compgen -W '").append(String.join(" ", second));
                script.append("' -- \"$current\"))\n            return\n        fi\n");
                script.append("        command=\"$command ${COMP_WORDS[2]}\" ;;\n");
            }
        }
        script.append("    esac\n    case $command\\ $before in\n");
        for (String name : Commands.NAMES) {
            for (Option option : options(name)) {
                if (option.hasArg()) {
                    script.append("    '")
                            .append(name)
                            .append(" --")
                            .append(option.getLongOpt())
                            .append("') COMPREPLY=(");
                    List<String> choices = choices(option);
                    script.append(
                            choices.isEmpty()
                                    ? ""
                                    : "$(compgen -W '" + String.join(" ", choices) + "' -- \"$current\")");
                    script.append("); return ;;\n");
                }
            }
        }
        script.append("    esac\n    if [[ $current == -* ]]; then\n        case $command in\n");
        for (String name : Commands.NAMES) {
            script.append("        '").append(name).append("') words='");
            script.append(String.join(
                    " ",
                    options(name).stream().map(each -> "--" + each.getLongOpt()).toList()));
            script.append("' ;;\n");
        }
        script.append("        esac\n    fi\n");
        script.append("    [ -z \"$words\" ] || COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n}\n");
        return script.append("complete -o default -F _platter platter\n").toString();
    }

    private static String zsh() {
        StringBuilder script =
                new StringBuilder("#compdef platter\n_platter() {\n    local -a commands\n    commands=(\n");
        for (String first : firstWords()) {
            script.append("        ")
                    .append(quoted(first + ":" + summary(first)))
                    .append('\n');
        }
        script.append(
                "    )\n    if (( CURRENT == 2 )); then\n        _describe command commands\n        return\n    fi\n");
        script.append("    local command=$words[2]\n    case $command in\n");
        script.append("    help) (( CURRENT == 3 )) && _describe command commands; return ;;\n");
        script.append("    completion) _values shell bash zsh fish; return ;;\n");
        for (String first : firstWords()) {
            List<String> second = secondWords(first);
            if (!second.isEmpty()) {
                script.append("    ").append(first).append(")\n        if (( CURRENT == 3 )); then\n");
                script.append("            _values command ").append(String.join(" ", second));
                script.append("\n            return\n        fi\n");
                script.append("        command=\"$command $words[3]\"\n        shift words; (( CURRENT-- )) ;;\n");
            }
        }
        script.append("    esac\n    shift words; (( CURRENT-- ))\n    case $command in\n");
        for (String name : Commands.NAMES) {
            script.append("    '").append(name).append("') _arguments");
            for (Option option : options(name)) {
                script.append(" \\\n        ").append(quoted(zsh(option)));
            }
            script.append(" \\\n        '*:file:_files' ;;\n");
        }
        return script.append("    esac\n}\ncompdef _platter platter\n").toString();
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
            String[] words = name.split(" ");
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

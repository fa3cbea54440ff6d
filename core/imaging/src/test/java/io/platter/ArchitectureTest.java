package io.platter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which package uses which: one way only, and as docs/architecture.md says. */
class ArchitectureTest {
    private static final List<Path> SOURCES = List.of(
            Path.of("../../format/src/main/java"),
            Path.of("src/main/java"),
            Path.of("../repository/src/main/java"),
            Path.of("../s3/src/main/java"),
            Path.of("../../native-io/src/main/java"));
    private static final Pattern PACKAGE = Pattern.compile("(?m)^package ([\\w.]+);");
    private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/");
    private static final Pattern USE = Pattern.compile("\\b(io\\.platter(?:\\.[a-z]\\w*)*)\\.[A-Z]");

    private static SortedMap<String, Set<String>> graph() throws IOException {
        SortedMap<String, Set<String>> graph = new TreeMap<>();
        for (Path root : SOURCES) {
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .filter(file -> !file.endsWith("package-info.java") && !file.endsWith("module-info.java"))
                        .forEach(file -> addUses(file, graph));
            }
        }
        return graph;
    }

    private static void addUses(Path file, SortedMap<String, Set<String>> graph) {
        String text;
        try {
            text = COMMENT.matcher(Files.readString(file)).replaceAll("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Matcher own = PACKAGE.matcher(text);
        assertThat(own.find()).as(file.toString()).isTrue();
        Set<String> uses = graph.computeIfAbsent(own.group(1), unknown -> new TreeSet<>());
        Matcher use = USE.matcher(text);
        while (use.find()) {
            uses.add(use.group(1));
        }
        uses.remove(own.group(1));
    }

    private static Set<String> reachable(SortedMap<String, Set<String>> graph, String from) {
        Set<String> found = new TreeSet<>();
        List<String> next = List.copyOf(graph.get(from));
        while (!next.isEmpty()) {
            next = next.stream()
                    .filter(found::add)
                    .flatMap(name -> graph.getOrDefault(name, Set.of()).stream())
                    .toList();
        }
        return found;
    }

    @Test
    void noPackageUsesItselfThroughOthers() throws IOException {
        SortedMap<String, Set<String>> graph = graph();
        assertThat(graph).hasSizeGreaterThan(10);
        assertThat(graph.keySet())
                .allSatisfy(name -> assertThat(reachable(graph, name)).doesNotContain(name));
    }

    @Test
    void theDocumentShowsTheGraph() throws IOException {
        String shown = graph().entrySet().stream()
                .map(entry -> entry.getKey().replace("io.platter", "")
                        + " -> "
                        + entry.getValue().stream()
                                .map(name -> name.equals("io.platter") ? ".(root)" : name.replace("io.platter", ""))
                                .collect(Collectors.joining(" ")))
                .map(line -> (line.startsWith(" ") ? "(root)" + line : line.substring(1)).strip())
                .map(line -> line.replace(" .", " "))
                .collect(Collectors.joining("\n"));
        assertThat(Files.readString(Path.of("../../docs/architecture.md"))).contains("```text\n" + shown + "\n```");
    }

    @Test
    void noClassIsTooLongToBeReadAtOnce() throws IOException {
        for (Path root : SOURCES) {
            try (Stream<Path> files = Files.walk(root)) {
                assertThat(files.filter(file -> file.toString().endsWith(".java")))
                        .isNotEmpty()
                        .allSatisfy(file -> assertThat(Files.readAllLines(file)).hasSizeLessThanOrEqualTo(400));
            }
        }
    }

    @Test
    void noPackageBelowTheEngineOrAFamilyHasTooManyTypes() throws IOException {
        // Two packages of the public model are larger than 30: io.platter.block and io.platter.partition.
        assertThat(typesOfPackages()).hasSizeGreaterThan(40).allSatisfy((name, types) -> assertThat(types)
                .as(name)
                .isLessThanOrEqualTo(
                        Set.of("io.platter.block", "io.platter.partition").contains(name) ? 35 : 30));
    }

    private static SortedMap<String, Integer> typesOfPackages() throws IOException {
        SortedMap<String, Integer> types = new TreeMap<>();
        for (Path root : SOURCES) {
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .filter(file -> !file.endsWith("package-info.java") && !file.endsWith("module-info.java"))
                        .map(file ->
                                root.relativize(file.getParent()).toString().replace('/', '.'))
                        .forEach(name -> types.merge(name, 1, Integer::sum));
            }
        }
        return types;
    }
}

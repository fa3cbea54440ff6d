package io.platter.nativeio;

import io.platter.test.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a C compiler says of numbers in its headers. */
public final class CProgram {
    private CProgram() {}

    /**
     * Compiles and runs a program that prints the value of each expression.
     *
     * @param compiler the program that compiles
     * @param runner the command that runs what it made, which is put after it
     * @param expressions expressions of C, of whole numbers of up to 64 bits
     */
    public static Map<String, Long> values(
            Path directory, String compiler, List<String> runner, List<String> includes, List<String> expressions)
            throws IOException {
        StringBuilder source = new StringBuilder("#define _GNU_SOURCE\n#include <stdio.h>\n#include <stddef.h>\n");
        includes.forEach(include -> source.append("#include <").append(include).append(">\n"));
        source.append("int main(void) {\n");
        expressions.forEach(expression -> source.append("  printf(\"%lld %s\\n\", (long long) (")
                .append(expression)
                .append("), \"")
                .append(expression)
                .append("\");\n"));
        Path file = Files.writeString(
                directory.resolve("values.c"), source.append("  return 0;\n}\n").toString());
        Path program = directory.resolve("values.exe");
        Oracle.of(compiler).run("-o", program, file);
        Map<String, Long> values = new TreeMap<>();
        List<String> command = new ArrayList<>(runner);
        command.add(program.toString());
        String output = Oracle.of("env").run(command.toArray());
        output.lines().map(line -> line.strip().split(" ", 2)).forEach(words -> {
            if (words.length == 2 && expressions.contains(words[1])) {
                values.put(words[1], Long.parseLong(words[0]));
            }
        });
        if (values.size() != expressions.size()) {
            throw new AssertionError("expected values of " + expressions + ", got " + Arrays.asList(output));
        }
        return values;
    }
}

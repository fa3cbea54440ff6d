package io.platter.modulepath;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.OpenMode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The modules as an application has them that names its modules. Not in a package of ours, which a module owns. */
class ModulePathTest {
    @TempDir
    Path directory;

    @Test
    void nativeAccessForJnaIsAllThatANamedApplicationGrants() throws Exception {
        Path file = Files.write(directory.resolve("zeros"), new byte[1 << 20]);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=com.sun.jna",
                "--module-path",
                classPath(
                        "native-io.target.classes|platter-native-io|format.target.classes|platter-format(?!.*tests)|jna|zstd"),
                "--add-modules",
                "io.platter.nativeio",
                "-cp",
                classPath("test-classes"),
                Opening.class.getName(),
                file.toString()));
        if (Runtime.version().feature() >= 24) {
            command.add(1, "--illegal-native-access=deny");
        }
        Process java = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(java.waitFor()).as(output).isZero();
        assertThat(output.lines()).hasSize(1).first().asString().endsWith("in module io.platter.nativeio");
    }

    /** Makes the library load JNA, in a Java machine of its own. */
    static final class Opening {
        private Opening() {}

        public static void main(String[] arguments) throws IOException {
            try (BlockDevice device = BlockDevices.open(Path.of(arguments[0]), OpenMode.WRITE)) {
                device.zero(0, device.size());
                System.out.println(
                        device.extentAt(0) + " in " + device.getClass().getModule());
            }
        }
    }

    /** Returns the entries of our class path whose paths hold a match of a pattern. */
    private static String classPath(String pattern) {
        return Stream.of(System.getProperty("java.class.path").split(System.getProperty("path.separator"), -1))
                .filter(entry -> Pattern.compile(pattern).matcher(entry).find())
                .collect(Collectors.joining(System.getProperty("path.separator")));
    }
}

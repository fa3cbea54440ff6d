package io.platter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.cli.Option;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the program takes its words, and what it says when they make no sense. */
@Timeout(60)
class MainTest {
    static final List<String> COMMANDS = Commands.NAMES;

    @TempDir
    Path directory;

    private String disk = "";
    private String image = "";

    @BeforeEach
    void writeDisk() throws IOException {
        disk = Files.write(directory.resolve("disk.img"), new byte[100_000]).toString();
        image = directory.resolve("disk.platter").toString();
    }

    private static void assertRefused(String message, String... words) {
        ProgramResult result = ProgramResult.of((Object[]) words);
        assertThat(result.errors()).startsWith("platter: ").contains(message);
        assertThat(result.text()).isEmpty();
        assertThat(result.exitCode()).isEqualTo(Main.WRONG_USAGE);
    }

    private static String succeed(String... words) {
        ProgramResult result = ProgramResult.of((Object[]) words);
        assertThat(result.errors()).isEmpty();
        assertThat(result.exitCode()).isZero();
        return result.text();
    }

    @Nested
    class Words {
        @Test
        void anUnknownCommandIsRefused() {
            assertRefused("no command captrue; did you mean capture?\n", "captrue", disk, image);
            assertRefused("no command partitoin; did you mean partitions?\n", "partitoin", disk);
            assertRefused("no command partition-table, expected one of capture, restore,", "partition-table");
            assertRefused("no command partition-table wipe", "partition-table", "wipe", disk);
            assertRefused("no command --json, expected", "--json");
            assertRefused("no command , expected", "");
        }

        @Test
        void anUnknownOptionIsRefused() {
            assertRefused("unknown option --leve; did you mean --level?\n", "capture", "--leve", "3", disk, image);
            assertRefused("unknown option --leve=3; did you mean --level?\n", "capture", "--leve=3", disk, image);
            assertRefused("unknown option --zzz\n", "capture", "--zzz", disk, image);
            assertRefused("unknown option --json=1", "info", "--json=1", disk);
            assertRefused("unknown option -x", "info", "-x", disk);
            assertRefused("unknown option -json", "info", "-json", disk);
            assertRefused("unknown option -level2", "capture", disk, "-level2", image);
            assertRefused("unknown option -1", "read", image, "-1", "1");
            assertRefused(
                    "usage: platter capture [OPTION]... SOURCE IMAGE", "capture", "--level=3", "--x", disk, image);
            assertThat(Path.of(image)).doesNotExist();
        }

        @Test
        void aMissingArgumentIsRefused() {
            assertRefused("SOURCE is missing\n", "capture");
            assertRefused("IMAGE is missing\n", "capture", "--all", disk);
            assertRefused("LENGTH is missing\n", "read", image, "0");
            assertRefused("DISK is missing\n", "partition-table", "write", "--force");
        }

        @Test
        void aSurplusArgumentIsRefused() {
            assertRefused("more is one argument too many\n", "capture", disk, image, "more");
            assertRefused(disk + " is one argument too many\n", "disks", disk);
            assertThat(Path.of(image)).doesNotExist();
        }

        @Test
        void anOptionWithoutItsValueIsRefused() {
            assertRefused("--level has no value\n", "capture", disk, image, "--level");
            assertRefused("--level has no value\n", "capture", "--level", "--all", disk, image);
        }

        @Test
        void anOptionIsThereOnce() {
            assertRefused("--level is there twice\n", "capture", "--level", "1", "--level=2", disk, image);
            assertRefused("--all is there twice\n", "capture", "--all", disk, image, "--all");
        }

        @Test
        void whatFollowsTwoHyphensIsNoOption() {
            assertRefused("--all is one argument too many\n", "capture", disk, image, "--", "--all");
        }
    }

    @Nested
    class Values {
        @ParameterizedTest
        @ValueSource(strings = {"x", "", "1.5", "0x10", "1e3", "2147483648", "-2147483649", "99999999999999999999"})
        void whatIsNoNumberIsRefused(String text) {
            assertRefused(
                    "--level takes a whole number of at most 2147483647, not " + text + "\n",
                    "capture",
                    "--level",
                    text,
                    disk,
                    image);
            assertRefused("--threads takes a whole number", "convert", "--from=raw", "--threads", text, disk, image);
            assertThat(Path.of(image)).doesNotExist();
        }

        @ParameterizedTest
        @ValueSource(strings = {"x", "", "1.5", "0x10", "-1"})
        void whatNamesNoImageIsRefused(String text) {
            String message = "--image takes the number of an image or the start of its id, not " + text;
            assertRefused(message, "verify", "--image", text, image);
            assertRefused(message, "restore", "--image", text, image, disk);
        }

        @Test
        void aNumberOutOfRangeIsRefused() {
            assertRefused("level 99", "capture", "--level", "99", disk, image);
            assertRefused("level -1", "capture", "--level", "-1", disk, image);
            String size = " takes a number of bytes such as 4096, 0x1000, 4K or 1.5GiB, not ";
            assertRefused("OFFSET" + size + "x\n", "read", image, "x", "1");
            assertRefused("--checkpoint" + size + "4Q\n", "capture", "--checkpoint", "4Q", disk, image);
            assertRefused("--cut" + size + "contents\n", "capture", "--cut", "contents", disk, image);
        }

        @Test
        void aChoiceIsTakenInAnyCase() {
            succeed("capture", "--on-error", "SKIP", disk, image);
            succeed("capture", "--append", "--on-error=Abort", disk, image);
            assertRefused(
                    "--on-error takes one of abort, retry, skip, not no", "capture", "--on-error", "no", disk, image);
        }

        @Test
        void propertiesAreRepeated() {
            succeed("capture", "--property", "a=1", disk, "--property=b=2=3", image, "--property", "c=");
            assertThat(succeed("info", image))
                    .contains("  a = 1\n")
                    .contains("  b = 2=3\n")
                    .contains("  c = \n");
            assertRefused("--property takes K=V, not a\n", "capture", "--append", "--property", "a", disk, image);
        }

        @Test
        void quotesAreKept() {
            succeed("capture", "--property", "\"a=1\"", disk, image);
            assertThat(succeed("info", image)).contains("  \"a = 1\"\n");
        }
    }

    @Nested
    class Usage {
        @Test
        void noWordsAreWrongUsage() {
            ProgramResult result = ProgramResult.of();
            assertThat(result.errors()).startsWith("usage: platter COMMAND");
            assertThat(result.text()).isEmpty();
            assertThat(result.exitCode()).isEqualTo(Main.WRONG_USAGE);
        }

        @Test
        void helpListsAllCommands() {
            String text = succeed("help");
            for (String name : COMMANDS) {
                assertThat(text).contains("\n  " + name + " ");
            }
            assertThat(succeed("--help")).isEqualTo(text);
            assertThat(succeed("-h")).isEqualTo(text);
        }

        @ParameterizedTest
        @FieldSource("io.platter.cli.MainTest#COMMANDS")
        void helpOfACommandListsItsOptionsAndParameters(String name) {
            Command command = Commands.named(name);
            String text = succeed(Stream.concat(Stream.of("help"), Stream.of(name.split(" ", -1)))
                    .toArray(String[]::new));
            assertThat(command.name()).isEqualTo(name);
            assertThat(text).startsWith("usage: " + command.synopsis() + "\n" + command.description());
            for (Option option : command.options()) {
                assertThat(text).contains("\n  --" + option.getLongOpt());
            }
            for (Parameter parameter : command.parameters()) {
                assertThat(text).contains("\n  " + parameter.label());
            }
            assertThat(text)
                    .contains("\n  -q, --quiet ")
                    .contains("\n  -h, --help ")
                    .contains("\n  --debug ");
            assertThat(text.lines()).allMatch(line -> line.length() <= 100);
            assertThat(succeed((name + " --help").split(" ", -1))).isEqualTo(text);
            assertThat(succeed((name + " -h").split(" ", -1))).isEqualTo(text);
        }

        @Test
        void helpGoesBeforeWhatIsMissing() {
            assertThat(succeed("capture", "--all", "--help")).startsWith("usage: platter capture");
            assertThat(succeed("help", "convert")).contains("Formats: platter, raw, qcow2");
        }

        @Test
        void helpOfTheFirstWordIsThatOfAll() {
            String text = succeed("help", "partition-table");
            assertThat(text).contains("platter partition-table repair [OPTION]... DISK");
            assertThat(text).contains("platter partition-table write [OPTION]... DISK [TYPE,SIZE[,NAME]]...");
            assertThat(succeed("partition-table", "--help")).isEqualTo(text);
        }

        @Test
        void helpOfAnUnknownCommandIsRefused() {
            assertRefused("no command captrue", "help", "captrue");
            assertRefused("no command captrue", "captrue", "--help");
        }

        @Test
        void aFileMayBeNamedHelp() {
            ProgramResult result = ProgramResult.of("info", "help");
            assertThat(result.errors()).isEqualTo("platter: help: can't be opened: it does not exist\n");
            assertThat(result.exitCode()).isEqualTo(Main.IO_FAILURE);
        }
    }
}

package io.platter.filesystem.f2fs;

import io.platter.block.ExtentSet;
import io.platter.filesystem.kit.GrubMount;
import io.platter.test.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code dump.f2fs} says about an image. */
final class F2fsDump {
    private static final int BLOCK = 4096;
    private static final int BLOCKS_PER_SEGMENT = 512;
    private static final Pattern SEGMENT =
            Pattern.compile("segno:\\s+(\\d+)\\s+vblocks:\\s*\\d+.*\\n((?:[0-9a-f ]|\\n)*)");

    private final Path image;

    F2fsDump(Path image) {
        this.image = image;
    }

    /** Returns the metadata areas, the used blocks of all segments, and what is after the last segment. */
    ExtentSet used() throws IOException {
        long main = superblockField("main_blkaddr");
        long segments = superblockField("segment_count_main");
        ExtentSet.Builder result = ExtentSet.builder().add(0, main * BLOCK);
        Path directory = image.resolveSibling("");
        Oracle.of("sh").run("-c", "cd " + directory + " && dump.f2fs -s 0~-1 " + image);
        Matcher segment = SEGMENT.matcher(Files.readString(directory.resolve("dump_sit")));
        int count = 0;
        while (segment.find()) {
            count++;
            long first = main + Long.parseLong(segment.group(1)) * BLOCKS_PER_SEGMENT;
            byte[] bitmap = HexFormat.of().parseHex(segment.group(2).replaceAll("\\s", ""));
            for (int block = 0; block < 8 * bitmap.length; block++) {
                if (((bitmap[block / 8] >> (7 - block % 8)) & 1) == 1) {
                    result.add((first + block) * BLOCK, BLOCK);
                }
            }
        }
        if (count != segments) {
            throw new AssertionError(count + " segments in the dump, the superblock says " + segments);
        }
        long end = (main + segments * BLOCKS_PER_SEGMENT) * BLOCK;
        return result.add(end, Files.size(image) - end).build();
    }

    /** Returns the digests of the contents of all regular files, by their names, which are different ones. */
    SortedMap<String, String> files() throws IOException {
        Path target = Files.createTempDirectory(image.resolveSibling(""), "dump");
        String dump = "for number in $(seq 4 60); do echo y | dump.f2fs -i 0x$(printf %x $number) ";
        Oracle.of("sh").run("-c", "cd " + target + " && " + dump + image + "; done");
        return contents(target);
    }

    /** Returns the digests of the contents of all regular files below a directory, by their names. */
    static SortedMap<String, String> contents(Path root) throws IOException {
        SortedMap<String, String> result = new TreeMap<>();
        GrubMount.contents(root).forEach((path, content) -> {
            if (!content.equals("directory")) {
                result.put(Path.of(path).getFileName().toString(), content);
            }
        });
        return result;
    }

    private long superblockField(String name) {
        MatchResult field = Pattern.compile(name + "\\s.*: (\\d+)]")
                .matcher(Oracle.of("dump.f2fs").run("-d", "1", image))
                .results()
                .findFirst()
                .orElseThrow();
        return Long.parseLong(field.group(1));
    }
}

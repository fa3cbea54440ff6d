package io.platter.filesystem.ext;

import io.platter.block.ExtentSet;
import io.platter.test.Oracle;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code dumpe2fs} says about an image. */
final class Dumpe2fs {
    private static final Pattern RANGE = Pattern.compile("(\\d+)(?:-(\\d+))?");

    private final String output;

    Dumpe2fs(Path image) {
        output = Oracle.of("dumpe2fs").run(image);
    }

    /** Returns the value of a line such as {@code Block size: 4096}. */
    String header(String name) {
        Matcher matcher = Pattern.compile("^" + Pattern.quote(name) + ":\\s+(.*)$", Pattern.MULTILINE)
                .matcher(output);
        return matcher.find() ? matcher.group(1) : "";
    }

    /** Returns the bytes of the blocks that are free; of a cluster it prints only the first block. */
    ExtentSet free() {
        long blockSize = Long.parseLong(header("Block size"));
        String cluster = header("Cluster size");
        long unit = cluster.isEmpty() ? blockSize : Long.parseLong(cluster);
        long size = Long.parseLong(header("Block count")) * blockSize;
        ExtentSet.Builder free = ExtentSet.builder();
        Matcher lines =
                Pattern.compile("^  Free blocks: (.*)$", Pattern.MULTILINE).matcher(output);
        while (lines.find()) {
            Matcher range = RANGE.matcher(lines.group(1));
            while (range.find()) {
                long first = Long.parseLong(range.group(1)) * blockSize;
                long last = range.group(2) == null ? first : Long.parseLong(range.group(2)) * blockSize;
                free.add(first, Math.min(last + unit, size) - first);
            }
        }
        return free.build();
    }
}

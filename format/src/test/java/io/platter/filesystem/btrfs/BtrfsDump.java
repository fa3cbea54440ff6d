package io.platter.filesystem.btrfs;

import io.platter.block.ExtentSet;
import io.platter.test.Oracle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** What {@code btrfs inspect-internal} says about an image. */
final class BtrfsDump {
    private static final Pattern CHUNK = Pattern.compile(
            "CHUNK_ITEM (\\d+)\\) itemoff.*\\s+length (\\d+) .*\\s+.*\\s+num_stripes.*((\\s+stripe.*\\s+dev_uuid.*)+)");
    private static final Pattern STRIPE = Pattern.compile("stripe \\d+ devid 1 offset (\\d+)");
    private static final Pattern EXTENT = Pattern.compile("\\((\\d+) (EXTENT_ITEM|METADATA_ITEM) (\\d+)\\) itemoff");
    private static final Pattern NODE_SIZE = Pattern.compile("nodesize\\s+(\\d+)");

    private final Path image;

    BtrfsDump(Path image) {
        this.image = image;
    }

    /** A run of logical addresses. */
    record Run(long address, long length) {}

    /** Returns all extents of data and all nodes. */
    List<Run> extents() {
        long nodeSize =
                Long.parseLong(matches(NODE_SIZE, Oracle.of("btrfs").run("inspect-internal", "dump-super", image))
                        .get(0)
                        .group(1));
        List<Run> result = new ArrayList<>();
        for (MatchResult extent : matches(EXTENT, tree("extent"))) {
            long length = extent.group(2).equals("METADATA_ITEM") ? nodeSize : Long.parseLong(extent.group(3));
            result.add(new Run(Long.parseLong(extent.group(1)), length));
        }
        return result;
    }

    /** Returns where all copies of all extents stand on the device. */
    ExtentSet physical() {
        ExtentSet.Builder result = ExtentSet.builder();
        List<Run> extents = extents();
        for (MatchResult chunk : matches(CHUNK, tree("chunk"))) {
            long address = Long.parseLong(chunk.group(1));
            long length = Long.parseLong(chunk.group(2));
            for (MatchResult stripe : matches(STRIPE, chunk.group(3))) {
                long shift = Long.parseLong(stripe.group(1)) - address;
                extents.stream()
                        .filter(run -> run.address() >= address && run.address() < address + length)
                        .forEach(run -> result.add(run.address() + shift, run.length()));
            }
        }
        return result.build();
    }

    private String tree(String name) {
        return Oracle.of("btrfs").run("inspect-internal", "dump-tree", "-t", name, image);
    }

    private static List<MatchResult> matches(Pattern pattern, String text) {
        return pattern.matcher(text).results().toList();
    }
}

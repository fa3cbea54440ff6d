package io.platter.cli;

import io.platter.block.Extent;
import io.platter.block.UnreadableRange;
import io.platter.image.ImageInfo;
import io.platter.image.ImageStatistics;
import io.platter.image.PartitionSummary;
import io.platter.job.CaptureReport;
import io.platter.job.ConvertReport;
import io.platter.job.RestoreReport;
import io.platter.job.VerifyReport;
import io.platter.partition.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Prints what jobs did: a line or two for people, or one JSON object. */
final class Reports {
    private final Output output;
    private final boolean json;
    private final boolean quiet;

    private Reports(Output output, boolean json, boolean quiet) {
        this.output = output;
        this.json = json;
        this.quiet = quiet;
    }

    /** Returns what prints on standard output. */
    static Reports of(Session session, boolean json) {
        return new Reports(session.output(), json, session.quiet());
    }

    /** Returns what prints on standard error, since standard output has something else. */
    static Reports besides(Session session) {
        return new Reports(session.errors(), false, session.quiet());
    }

    private static Map<String, Object> start() {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("type", "report");
        return line;
    }

    private void line(String text) throws OutputException {
        if (!quiet) {
            output.line(text);
        }
    }

    void print(CaptureReport report) throws OutputException {
        ImageInfo image = report.image();
        if (json) {
            Map<String, Object> line = start();
            line.putAll(describe(image));
            line.put("bytesRead", report.bytesRead());
            line.put("bytesWritten", report.fileSize());
            line.put("unreadable", unreadable(report.unreadable()));
            line.put("skippedBytes", report.skippedBytes());
            line.put("sourceCheck", report.sourceCheck());
            line.put("sourceChange", report.sourceChange().orElse(""));
            line.put("inFullBecause", report.inFullBecause().orElse(""));
            line.put("seconds", seconds(report.elapsed()));
            output.json(Json.of(line));
            return;
        }
        ImageStatistics statistics = image.statistics();
        line("captured image " + image.number() + ", id "
                + image.id().toString().substring(0, 12) + ", of "
                + Sizes.exact(image.disk().size()) + ": "
                + Sizes.human(statistics.dataBytes()) + " data (" + Sizes.human(statistics.newBytes()) + " new), "
                + Sizes.human(statistics.zeroBytes()) + " zero, " + Sizes.human(statistics.unusedBytes()) + " unused, "
                + Sizes.human(statistics.unreadableBytes()) + " unreadable; file of "
                + Sizes.exact(report.fileSize()) + ", " + tenths(report.elapsed()) + " s");
        if (report.inFullBecause().isPresent()) {
            line("captured in full, since " + report.inFullBecause().get());
        }
        if (report.sourceChange().isPresent()) {
            line("the source changed while it was captured: "
                    + report.sourceChange().get());
        }
        printUnreadable(report.unreadable());
        if (report.skippedBytes() > 0) {
            line("of that, " + Sizes.exact(report.skippedBytes()) + " were skipped in bad areas and not tried");
        }
    }

    void print(RestoreReport report) throws OutputException {
        if (json) {
            Map<String, Object> line = start();
            line.put("diskSize", report.diskSize());
            line.put("bytesRead", report.bytesRead());
            line.put("bytesWritten", report.bytesWritten());
            line.put("unreadable", unreadable(report.unreadable()));
            line.put("findings", findings(report.findings()));
            line.put("seconds", seconds(report.elapsed()));
            output.json(Json.of(line));
            return;
        }
        line("restored " + Sizes.exact(report.diskSize()) + ": " + Sizes.human(report.bytesWritten())
                + " of data written, " + tenths(report.elapsed()) + " s");
        printUnreadable(report.unreadable());
        printFindings(report.findings());
    }

    void print(ConvertReport report) throws OutputException {
        print("converted", report);
    }

    /** Prints what a restore to standard output did, which is a conversion. */
    void printRestored(ConvertReport report) throws OutputException {
        print("restored", report);
    }

    private void print(String done, ConvertReport report) throws OutputException {
        if (json) {
            Map<String, Object> line = start();
            line.put("diskSize", report.diskSize());
            line.put("bytesRead", report.bytesRead());
            line.put("bytesWritten", report.bytesWritten());
            line.put("zeroBytes", report.zeroBytes());
            line.put("unusedBytes", report.unusedBytes());
            line.put("unreadable", unreadable(report.unreadable()));
            line.put("verified", report.verified());
            line.put("differences", ranges(report.differences()));
            line.put("findings", findings(report.findings()));
            line.put("seconds", seconds(report.elapsed()));
            output.json(Json.of(line));
            return;
        }
        line(done + " " + Sizes.exact(report.diskSize()) + (report.verified() ? " and verified them" : "") + ": "
                + Sizes.human(report.bytesRead()) + " read, " + Sizes.human(report.bytesWritten()) + " written, "
                + Sizes.human(report.zeroBytes()) + " zero, " + Sizes.human(report.unusedBytes()) + " unused, "
                + tenths(report.elapsed()) + " s");
        printUnreadable(report.unreadable());
        printDifferences(report.differences());
        printFindings(report.findings());
    }

    private void printFindings(List<Finding> findings) throws OutputException {
        for (Finding finding : findings) {
            line(finding.severity().code() + ": " + finding.message() + " (disk offset " + finding.diskOffset() + ")");
        }
    }

    private static List<Map<String, Object>> findings(List<Finding> findings) {
        List<Map<String, Object>> list = new ArrayList<>();
        for (Finding finding : findings) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("severity", finding.severity().code());
            line.put("diskOffset", finding.diskOffset());
            line.put("message", finding.message());
            list.add(line);
        }
        return list;
    }

    void print(VerifyReport report) throws OutputException {
        if (json) {
            Map<String, Object> line = start();
            line.put("images", report.images());
            line.put("records", report.records());
            line.put("blocks", report.blocks().orElse(0));
            line.put("bytesRead", report.bytesRead());
            line.put("tornBytes", report.tornBytes());
            line.put("end", report.end().detail());
            line.put("seconds", seconds(report.elapsed()));
            output.json(Json.of(line));
            return;
        }
        line("verified " + (report.images() == 1 ? "1 image" : report.images() + " images") + ": " + report.records()
                + " records, "
                + report.blocks().orElse(0) + " blocks, " + Sizes.exact(report.bytesRead()) + ", "
                + tenths(report.elapsed()) + " s");
    }

    /** Prints how a disk compares with an image. */
    void printComparison(String disk, int image, List<Extent> differences) throws OutputException {
        if (json) {
            Map<String, Object> line = start();
            line.put("image", image);
            line.put("differences", ranges(differences));
            output.json(Json.of(line));
            return;
        }
        printDifferences(differences);
        if (differences.isEmpty()) {
            line(disk + " is equal to image " + image + " in all that the image holds");
        }
    }

    private void printDifferences(List<Extent> differences) throws OutputException {
        for (Extent difference : differences) {
            line("differs: " + difference.length() + " bytes at disk offset " + difference.offset());
        }
    }

    private void printUnreadable(List<UnreadableRange> unreadable) throws OutputException {
        for (UnreadableRange range : unreadable) {
            line("unreadable: " + range.length() + " bytes at disk offset " + range.offset());
        }
    }

    static Map<String, Object> describe(ImageInfo image) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("image", image.number());
        line.put("id", image.id());
        line.put("content", image.rootHash());
        line.put("diskSize", image.disk().size());
        line.put("logicalSectorSize", image.disk().logicalSectorSize());
        line.put("physicalSectorSize", image.disk().physicalSectorSize());
        line.put("contentSectorSize", image.contentSectorSize());
        line.put("cut", image.cut());
        line.put("dataBytes", image.statistics().dataBytes());
        line.put("newBytes", image.statistics().newBytes());
        line.put("zeroBytes", image.statistics().zeroBytes());
        line.put("unusedBytes", image.statistics().unusedBytes());
        line.put("unreadableBytes", image.statistics().unreadableBytes());
        line.put("properties", image.properties());
        List<Map<String, Object>> partitions = new ArrayList<>();
        for (PartitionSummary partition : image.partitions()) {
            Map<String, Object> part = new LinkedHashMap<>();
            part.put("index", partition.index());
            part.put("diskOffset", partition.diskOffset());
            part.put("length", partition.length());
            part.putAll(partition.attributes());
            partitions.add(part);
        }
        line.put("partitions", partitions);
        return line;
    }

    private static List<List<Long>> ranges(List<Extent> extents) {
        return extents.stream()
                .map(extent -> List.of(extent.offset(), extent.length()))
                .toList();
    }

    private static List<List<Long>> unreadable(List<UnreadableRange> ranges) {
        return ranges.stream()
                .map(range -> List.of(range.offset(), range.length()))
                .toList();
    }

    /** Returns seconds to one place, without a formatter, which would load the data of locales first. */
    private static String tenths(Duration elapsed) {
        long tenths = (elapsed.toMillis() + 50) / 100;
        return tenths / 10 + "." + tenths % 10;
    }

    private static double seconds(Duration elapsed) {
        return elapsed.toMillis() / 1000.0;
    }
}

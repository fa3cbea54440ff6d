package io.platter.examples;

import io.platter.CaptureReport;
import io.platter.ConvertReport;
import io.platter.ImageInfo;
import io.platter.RestoreReport;
import io.platter.VerifyReport;
import io.platter.block.Extent;
import io.platter.format.ImageRoot.Statistics;
import io.platter.format.PartitionSummary;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Prints what jobs did: a line or two for people, or one JSON object. */
final class Reports {
    private Reports() {}

    static void print(CaptureReport report, boolean json, PrintStream output) {
        Statistics statistics = report.image().statistics();
        if (json) {
            Map<String, Object> line = describe(report.image());
            line.put("bytesRead", report.bytesRead());
            line.put("bytesWritten", report.bytesWritten());
            line.put("unreadable", ranges(report.unreadable()));
            line.put("seconds", seconds(report.elapsed()));
            output.println(Json.of(line));
            return;
        }
        output.println("captured image " + report.image().number() + " of "
                + report.image().disk().size() + " bytes: " + statistics.dataBytes() + " data (" + statistics.newBytes()
                + " new), " + statistics.zeroBytes() + " zero, " + statistics.unusedBytes() + " unused, "
                + statistics.unreadableBytes() + " unreadable; file of " + report.bytesWritten() + " bytes, "
                + tenths(report.elapsed()) + " s");
        printUnreadable(report.unreadable(), output);
    }

    static void print(RestoreReport report, boolean json, PrintStream output) {
        if (json) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("diskSize", report.diskSize());
            line.put("bytesRead", report.bytesRead());
            line.put("bytesWritten", report.bytesWritten());
            line.put("unreadable", ranges(report.unreadable()));
            line.put("seconds", seconds(report.elapsed()));
            output.println(Json.of(line));
            return;
        }
        output.println("restored " + report.diskSize() + " bytes: " + report.bytesWritten() + " bytes of data written, "
                + tenths(report.elapsed()) + " s");
        printUnreadable(report.unreadable(), output);
    }

    static void print(ConvertReport report, boolean json, PrintStream output) {
        if (json) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("diskSize", report.diskSize());
            line.put("bytesRead", report.bytesRead());
            line.put("bytesWritten", report.bytesWritten());
            line.put("zeroBytes", report.zeroBytes());
            line.put("unusedBytes", report.unusedBytes());
            line.put("unreadable", ranges(report.unreadable()));
            line.put("verified", report.verified());
            line.put("differences", ranges(report.differences()));
            line.put("seconds", seconds(report.elapsed()));
            output.println(Json.of(line));
            return;
        }
        output.println(
                "converted " + report.diskSize() + " bytes" + (report.verified() ? " and verified them" : "") + ": "
                        + report.bytesRead() + " read, " + report.bytesWritten() + " written, " + report.zeroBytes()
                        + " zero, " + report.unusedBytes() + " unused, " + tenths(report.elapsed()) + " s");
        printUnreadable(report.unreadable(), output);
        printDifferences(report.differences(), output);
    }

    static void printDifferences(List<Extent> differences, PrintStream output) {
        for (Extent difference : differences) {
            output.println("differs: " + difference.length() + " bytes at disk offset " + difference.offset());
        }
    }

    static void print(VerifyReport report, PrintStream output) {
        output.println("verified " + report.images() + " images: " + report.records() + " records, " + report.blocks()
                + " blocks, " + report.bytesRead() + " bytes, " + tenths(report.elapsed()) + " s");
    }

    private static void printUnreadable(List<Extent> unreadable, PrintStream output) {
        for (Extent extent : unreadable) {
            output.println("unreadable: " + extent.length() + " bytes at disk offset " + extent.offset());
        }
    }

    static Map<String, Object> describe(ImageInfo image) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("image", image.number());
        line.put("id", image.id());
        line.put("diskSize", image.disk().size());
        line.put("logicalSectorSize", image.disk().logicalSectorSize());
        line.put("physicalSectorSize", image.disk().physicalSectorSize());
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

    static List<List<Long>> ranges(List<Extent> extents) {
        List<List<Long>> ranges = new ArrayList<>();
        for (Extent extent : extents) {
            ranges.add(List.of(extent.offset(), extent.length()));
        }
        return ranges;
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

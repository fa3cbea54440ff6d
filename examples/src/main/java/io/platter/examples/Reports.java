package io.platter.examples;

import io.platter.CaptureReport;
import io.platter.ConvertReport;
import io.platter.ImageInfo;
import io.platter.RestoreReport;
import io.platter.VerifyReport;
import io.platter.block.Extent;
import io.platter.format.ImageRoot.Statistics;
import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
        output.printf(
                Locale.ROOT,
                "captured image %d of %d bytes: %d data (%d new), %d zero, %d unused, %d unreadable; file of %d bytes, %.1f s%n",
                report.image().number(),
                report.image().disk().size(),
                statistics.dataBytes(),
                statistics.newBytes(),
                statistics.zeroBytes(),
                statistics.unusedBytes(),
                statistics.unreadableBytes(),
                report.bytesWritten(),
                seconds(report.elapsed()));
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
        output.printf(
                Locale.ROOT,
                "restored %d bytes: %d bytes of data written, %.1f s%n",
                report.diskSize(),
                report.bytesWritten(),
                seconds(report.elapsed()));
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
        output.printf(
                Locale.ROOT,
                "converted %d bytes%s: %d read, %d written, %d zero, %d unused, %.1f s%n",
                report.diskSize(),
                report.verified() ? " and verified them" : "",
                report.bytesRead(),
                report.bytesWritten(),
                report.zeroBytes(),
                report.unusedBytes(),
                seconds(report.elapsed()));
        printUnreadable(report.unreadable(), output);
        printDifferences(report.differences(), output);
    }

    static void printDifferences(List<Extent> differences, PrintStream output) {
        for (Extent difference : differences) {
            output.printf("differs: %d bytes at disk offset %d%n", difference.length(), difference.offset());
        }
    }

    static void print(VerifyReport report, PrintStream output) {
        output.printf(
                Locale.ROOT,
                "verified %d images: %d records, %d blocks, %d bytes, %.1f s%n",
                report.images(),
                report.records(),
                report.blocks(),
                report.bytesRead(),
                seconds(report.elapsed()));
    }

    private static void printUnreadable(List<Extent> unreadable, PrintStream output) {
        for (Extent extent : unreadable) {
            output.printf("unreadable: %d bytes at disk offset %d%n", extent.length(), extent.offset());
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
        line.put(
                "partitions",
                image.partitions().stream()
                        .map(partition -> {
                            Map<String, Object> part = new LinkedHashMap<>();
                            part.put("index", partition.index());
                            part.put("diskOffset", partition.diskOffset());
                            part.put("length", partition.length());
                            part.putAll(partition.attributes());
                            return part;
                        })
                        .toList());
        return line;
    }

    static List<List<Long>> ranges(List<Extent> extents) {
        return extents.stream()
                .map(extent -> List.of(extent.offset(), extent.length()))
                .toList();
    }

    private static double seconds(Duration elapsed) {
        return elapsed.toMillis() / 1000.0;
    }
}

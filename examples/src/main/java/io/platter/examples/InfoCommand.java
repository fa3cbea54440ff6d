package io.platter.examples;

import io.platter.Image;
import io.platter.ImageInfo;
import io.platter.ImageReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells what an image file holds. */
@Command(name = "info", description = "Tells what an image file holds.")
final class InfoCommand implements Callable<Integer> {
    @Option(names = "--json", description = "as one JSON object")
    private boolean json;

    @Parameters(paramLabel = "IMAGE", description = "the image file")
    private Path file = Path.of("");

    @Override
    public Integer call() throws IOException {
        try (ImageReader reader = ImageReader.open(file)) {
            Optional<Image> unfinished = reader.unfinishedImage();
            if (json) {
                Map<String, Object> all = new LinkedHashMap<>();
                all.put("fileSize", Files.size(file));
                all.put(
                        "images",
                        reader.images().stream()
                                .map(image -> Reports.describe(image.info()))
                                .toList());
                unfinished.ifPresent(image -> all.put("unfinishedUpTo", image.size()));
                System.out.println(Json.of(all));
                return Main.SUCCESS;
            }
            System.out.printf(
                    "%s: %d bytes, %d images%n",
                    file, Files.size(file), reader.images().size());
            reader.images().forEach(image -> print(image.info()));
            unfinished.ifPresent(
                    image -> System.out.printf("an unfinished image, captured up to disk offset %d%n", image.size()));
            return Main.SUCCESS;
        }
    }

    private static void print(ImageInfo image) {
        System.out.printf(
                "image %d: disk of %d bytes, sectors of %d%n",
                image.number(), image.disk().size(), image.disk().logicalSectorSize());
        System.out.printf("  id          %s%n", image.id());
        System.out.printf("  data        %d%n", image.statistics().dataBytes());
        System.out.printf("  new         %d%n", image.statistics().newBytes());
        System.out.printf("  zero        %d%n", image.statistics().zeroBytes());
        System.out.printf("  unused      %d%n", image.statistics().unusedBytes());
        System.out.printf("  unreadable  %d%n", image.statistics().unreadableBytes());
        image.properties().forEach((key, value) -> System.out.printf("  %s = %s%n", key, value));
        image.partitions()
                .forEach(partition -> System.out.printf(
                        "  partition %d: %d bytes at disk offset %d %s%n",
                        partition.index(), partition.length(), partition.diskOffset(), partition.attributes()));
    }
}

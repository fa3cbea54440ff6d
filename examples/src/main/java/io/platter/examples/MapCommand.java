package io.platter.examples;

import io.platter.Image;
import io.platter.ImageReader;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the extents of an image. */
@Command(name = "map", description = "Lists the extents of an image.")
final class MapCommand implements Callable<Integer> {
    @Option(names = "--json", description = "as one JSON array")
    private boolean json;

    @Option(names = "--image", paramLabel = "N", description = "which image of the file; default: the newest")
    private Optional<Integer> number = Optional.empty();

    @Parameters(paramLabel = "IMAGE", description = "the image file")
    private Path file = Path.of("");

    @Override
    public Integer call() throws IOException {
        try (ImageReader reader = ImageReader.open(file)) {
            Image image = number.isPresent() ? reader.image(number.get()) : reader.newestImage();
            String separator = "[";
            for (Iterator<Extent> extents = image.extents().iterator(); extents.hasNext(); ) {
                Extent extent = extents.next();
                if (json) {
                    System.out.print(separator + Json.of(describe(extent)));
                    separator = ",\n";
                } else {
                    System.out.printf("%d %d %s%s%n", extent.offset(), extent.length(), kind(extent), detail(extent));
                }
            }
            if (json) {
                System.out.println(image.size() == 0 ? "[]" : "]");
            }
            return Main.SUCCESS;
        }
    }

    private static String kind(Extent extent) {
        return extent.kind().name().toLowerCase(Locale.ROOT);
    }

    private static String detail(Extent extent) {
        return extent.kind() == ExtentKind.FILL
                ? String.format(" %016x", Long.reverseBytes(extent.detail()))
                : extent.kind() == ExtentKind.UNREADABLE ? " error " + extent.detail() : "";
    }

    private static Map<String, Object> describe(Extent extent) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("diskOffset", extent.offset());
        line.put("length", extent.length());
        line.put("kind", kind(extent));
        if (extent.kind() == ExtentKind.FILL) {
            line.put("pattern", String.format("%016x", Long.reverseBytes(extent.detail())));
        } else if (extent.kind() == ExtentKind.UNREADABLE) {
            line.put("error", extent.detail());
        }
        return line;
    }
}

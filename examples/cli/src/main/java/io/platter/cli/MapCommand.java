package io.platter.cli;

import io.platter.Image;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.cli.Option;

/** Lists the extents of an image. */
final class MapCommand implements Command {
    private static final Option JSON = Command.flag("json", "as one JSON array");

    private static final Parameter IMAGE = Parameter.of("IMAGE", OpenImages.PLACES);

    @Override
    public String name() {
        return "map";
    }

    @Override
    public String description() {
        return "Lists the extents of an image.";
    }

    @Override
    public List<Option> options() {
        return Repositories.options(JSON, Images.NUMBER);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(IMAGE);
    }

    @Override
    public int run(Arguments given, Session session) throws IOException {
        boolean json = given.has(JSON);
        try (OpenImages images = OpenImages.open(given, IMAGE, Images.NUMBER, session)) {
            Image image = images.image();
            Output output = session.output();
            String separator = "[";
            for (Iterator<ImageExtent> extents = image.extents().iterator(); extents.hasNext(); ) {
                ImageExtent extent = extents.next();
                if (json) {
                    output.json(separator + Json.of(describe(extent)) + (extents.hasNext() ? "," : "]"));
                    separator = "";
                } else {
                    output.line(extent.offset() + " " + extent.length() + " " + kind(extent) + detail(extent));
                }
            }
            if (json && image.size() == 0) {
                output.json("[]");
            }
            return Main.SUCCESS;
        }
    }

    private static String kind(ImageExtent extent) {
        return extent.kind().name().toLowerCase(Locale.ROOT);
    }

    private static String detail(ImageExtent extent) {
        return extent.kind() == ImageExtentKind.FILL
                ? String.format(" %016x", Long.reverseBytes(extent.detail()))
                : extent.kind() == ImageExtentKind.UNREADABLE ? " error " + extent.detail() : "";
    }

    private static Map<String, Object> describe(ImageExtent extent) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("diskOffset", extent.offset());
        line.put("length", extent.length());
        line.put("kind", kind(extent));
        if (extent.kind() == ImageExtentKind.FILL) {
            line.put("pattern", String.format("%016x", Long.reverseBytes(extent.detail())));
        } else if (extent.kind() == ImageExtentKind.UNREADABLE) {
            line.put("error", extent.detail());
        }
        return line;
    }
}

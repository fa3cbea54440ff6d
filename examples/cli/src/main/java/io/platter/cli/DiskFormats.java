package io.platter.cli;

import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDisks;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The forms in which a disk can be in a file, by their names: third-party ones, and Platter's own. */
final class DiskFormats {
    static final String PLATTER = "platter";
    static final String RAW = "raw";

    /** The endings of file names that are plain enough to tell a format. */
    private static final Map<String, String> BY_ENDING =
            Map.of("platter", PLATTER, "plt", PLATTER, "raw", RAW, "img", RAW, "simg", "android-sparse");

    private DiskFormats() {}

    /** Returns for the help what can be read. */
    static String readable() {
        return String.join(", ", names(format -> true).toList());
    }

    /** Returns for the help what can be written. */
    static String writable() {
        return String.join(", ", names(VirtualDiskFormat::canCreate).toList());
    }

    private static Stream<String> names(Predicate<VirtualDiskFormat> wanted) {
        Stream<String> foreign = VirtualDisks.formats().stream().filter(wanted).map(VirtualDiskFormat::name);
        return Stream.concat(Stream.of(PLATTER), foreign);
    }

    /** Returns the format of a name, which is not Platter's own. */
    static VirtualDiskFormat foreign(String name) {
        return VirtualDisks.named(name)
                .orElseThrow(() -> new UsageException("format " + name + ", expected one of " + readable()
                        + Suggestion.of(name, names(format -> true).toList())));
    }

    /** Returns the format that can be written and has a name. */
    static VirtualDiskFormat writable(String name) {
        VirtualDiskFormat format = foreign(name);
        if (!format.canCreate()) {
            throw new UsageException("format " + name + " can't be written, expected one of " + writable());
        }
        return format;
    }

    /** Returns the format that a new file of this name is expected to have. */
    static String ofNewFile(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        String ending = name.substring(name.lastIndexOf('.') + 1);
        return names(VirtualDiskFormat::canCreate)
                .filter(ending::equals)
                .findFirst()
                .or(() -> Optional.ofNullable(BY_ENDING.get(ending)))
                .orElseThrow(() -> new UsageException("the name " + file + " does not tell its format; --to does"));
    }
}

package io.platter.filesystem.kit;

import io.platter.block.ExtentSet;
import io.platter.test.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What partclone takes for used. */
public final class Partclone {
    private static final Pattern COPIED = Pattern.compile("(?m)^(0x\\w+)\\s+(0x\\w+)\\s+\\+$");

    private Partclone() {}

    /**
     * Returns the bytes that partclone would copy.
     *
     * @param program such as {@code partclone.ntfs}
     */
    public static ExtentSet used(String program, Path image) throws IOException {
        Path log = image.resolveSibling(image.getFileName() + ".domain");
        try {
            Oracle.of(program).run("-D", "-q", "-F", "-L", "/dev/null", "-s", image, "-o", log);
            ExtentSet.Builder used = ExtentSet.builder();
            Matcher copied = COPIED.matcher(Files.readString(log));
            while (copied.find()) {
                used.add(Long.decode(copied.group(1)), Long.decode(copied.group(2)));
            }
            return used.build();
        } finally {
            Files.deleteIfExists(log);
        }
    }
}

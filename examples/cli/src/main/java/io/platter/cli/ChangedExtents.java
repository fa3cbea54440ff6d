package io.platter.cli;

import io.platter.block.ExtentSet;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what of a disk was changed: a run in each line, its offset and its length in bytes; lines with # are for people. */
final class ChangedExtents {
    private static final Pattern LINE = Pattern.compile("\\s*([0-9]{1,18})\\s+([0-9]{1,18})\\s*");

    private ChangedExtents() {}

    static ExtentSet read(Path file) throws IOException {
        ExtentSet.Builder changed = ExtentSet.builder();
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                Matcher run = LINE.matcher(line);
                if (!run.matches()) {
                    throw new UsageException("line " + number + " of " + file + " is " + line
                            + ", expected an offset and a length in bytes");
                }
                long length = Long.parseLong(run.group(2));
                if (length > 0) {
                    changed.add(Long.parseLong(run.group(1)), length);
                }
            }
        }
        return changed.build();
    }
}

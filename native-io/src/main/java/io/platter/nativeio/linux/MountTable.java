package io.platter.nativeio.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The mounted filesystems and the swap spaces. Source: proc_pid_mountinfo(5), proc_swaps(5). */
final class MountTable {
    private MountTable() {}

    /**
     * A mounted filesystem.
     *
     * @param number the device, as {@code major:minor}; of no real device for some filesystems, such as btrfs
     * @param mountPoint where it is mounted
     * @param source what was mounted; a device node as a rule
     */
    record Mount(String number, Path mountPoint, String source) {}

    static List<Mount> mounts(Path proc) throws IOException {
        List<Mount> mounts = new ArrayList<>();
        for (String line : lines(proc.resolve("self/mountinfo"))) {
            String[] fields = line.split(" ", -1);
            int separator = List.of(fields).indexOf("-");
            if (separator < 6 || separator + 2 >= fields.length) {
                throw new IOException(proc + "/self/mountinfo has a line \"" + line + "\" that is not as documented");
            }
            mounts.add(new Mount(fields[2], Path.of(unescape(fields[4])), unescape(fields[separator + 2])));
        }
        return mounts;
    }

    /** Returns the device nodes and files that are used for swapping. */
    static List<Path> swaps(Path proc) throws IOException {
        Path file = proc.resolve("swaps");
        return Files.exists(file)
                ? lines(file).stream()
                        .skip(1)
                        .map(line -> Path.of(unescape(line.split("[ \t]", 2)[0])))
                        .toList()
                : List.of();
    }

    /** The kernel writes bytes; names that the locale can't say become others, which match nothing. */
    private static List<String> lines(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                .lines()
                .toList();
    }

    /** White space and backslashes stand in these files as three octal digits. */
    private static String unescape(String text) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\\' && text.substring(i + 1).matches("(?s)[0-7]{3}.*")) {
                plain.append((char) Integer.parseInt(text.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                plain.append(text.charAt(i));
            }
        }
        return plain.toString();
    }
}

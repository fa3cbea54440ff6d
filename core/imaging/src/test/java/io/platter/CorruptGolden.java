package io.platter;

import io.platter.CraftedFileTest.Wrong;
import io.platter.block.CorruptImageException;
import io.platter.block.ImageFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Makes the golden files that are wrong: one for each rule of docs/format.md that a file can break by itself. */
final class CorruptGolden {
    private static final List<Corrupt> ALL = List.of(
            new Corrupt("R1", Wrong.A_RESERVED_BIT_OF_A_HEADER),
            new Corrupt("R2", Wrong.A_FRAME_THAT_MAY_BE_PASSED_OVER),
            new Corrupt("R3", Wrong.A_RECORD_OF_KEYS),
            new Corrupt("R4", Wrong.A_BODY_OF_ANOTHER_CHECKSUM),
            new Corrupt("R5", Wrong.A_ZSTD_WINDOW_OVER_ITS_LIMIT),
            new Corrupt("R6", Wrong.PADDING_THAT_IS_NOT_ZEROS),
            new Corrupt("R7", Wrong.A_KEY_THAT_IS_NOT_UTF_8),
            new Corrupt("R9", Wrong.A_PAGE_AFTER_ITS_IMAGE),
            new Corrupt("R11", Wrong.A_FILE_HEADER_ONCE),
            new Corrupt("R12", Wrong.A_BLOCK_OVER_ITS_LIMIT),
            new Corrupt("R13", Wrong.A_BLOCK_OF_ANOTHER_HASH),
            new Corrupt("R15", Wrong.AN_EXTENT_OF_AN_UNKNOWN_KIND),
            new Corrupt("R16", Wrong.A_PAGE_WITH_OTHER_PACKS),
            new Corrupt("R17", Wrong.A_BLOCK_THAT_IS_NOT_THE_INDEXES),
            new Corrupt("R18", Wrong.A_KEY_TWICE),
            new Corrupt("R19", Wrong.PROPERTIES_OF_ANOTHER_HASH),
            new Corrupt("R20", Wrong.A_CUT_THAT_IS_NONE),
            new Corrupt("R23", Wrong.AN_ID_THAT_THE_DIRECTORY_DOES_NOT_HAVE),
            new Corrupt("R25", Wrong.A_COMMIT_OUT_OF_SEQUENCE),
            new Corrupt("R26", Wrong.A_FRAME_THAT_NO_PAGE_KNOWS));

    private CorruptGolden() {}

    private record Corrupt(String rule, Wrong wrong) {
        String name() {
            return rule + "-" + wrong.name().toLowerCase(Locale.ROOT).replace('_', '-') + ".platter";
        }
    }

    /** Writes new files to a directory, for when the format gets a new version. */
    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        List<String> expected = new ArrayList<>(List.of("file,rule,offset,detail"));
        for (Corrupt corrupt : ALL) {
            byte[] file = corrupt.wrong.file();
            Files.write(directory.resolve(corrupt.name()), file);
            try (ImageReader reader = ImageReader.open(new ByteArrayChannel(file))) {
                Verify.of(reader).control(control -> control.threads(1)).full();
                throw new AssertionError(corrupt + " is not refused");
            } catch (ImageFormatException e) {
                long offset = e instanceof CorruptImageException damage ? damage.offset() : -1;
                String detail =
                        e instanceof CorruptImageException damage ? damage.detail() : String.valueOf(e.getMessage());
                expected.add(corrupt.name() + "," + corrupt.rule + "," + offset + ",\"" + detail.replace("\"", "\"\"")
                        + "\"");
            }
        }
        Files.write(directory.resolve("expected.csv"), expected);
    }
}

package io.platter.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * What a disk of the benchmarks holds.
 *
 * <p>But for {@link #ZERO}, each cell of 4 KiB starts with eight bytes that no other has. So no block is known already,
 * and neither repetition nor zeros spare the copy path any of the bare work that it is compared with.
 */
public enum Content {
    /** Zeros, which cost no hashing and no compressing. */
    ZERO,

    /** Random bytes, which do not compress. */
    RANDOM,

    /** Words of a small vocabulary, which compress well. */
    TEXT,

    /** Real files: those below a directory, or else the JDK's own modules file. */
    FILES;

    private static final int CELL = 4096;
    private static final long SEED = 1;

    /**
     * Returns a disk's bytes, the same ones each time.
     *
     * @param mebibytes how many, in MiB
     * @param directory for {@link #FILES}: where they are, or an empty text for the JDK's modules file
     */
    public byte[] bytes(int mebibytes, String directory) throws IOException {
        byte[] bytes = new byte[Math.multiplyExact(mebibytes, 1 << 20)];
        switch (this) {
            case ZERO -> {
                return bytes;
            }
            case RANDOM -> new Random(SEED).nextBytes(bytes);
            case TEXT -> fillWithWords(bytes);
            case FILES -> fillFrom(files(directory), bytes);
        }
        makeCellsDiffer(bytes);
        return bytes;
    }

    private static void fillWithWords(byte[] bytes) {
        Random random = new Random(SEED);
        byte[][] words = new byte[4096][];
        for (int i = 0; i < words.length; i++) {
            String letters = random.ints(3 + random.nextInt(8), 'a', 'z' + 1)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .append(' ')
                    .toString();
            words[i] = letters.getBytes(StandardCharsets.US_ASCII);
        }
        int position = 0;
        while (position < bytes.length) {
            // A few words are common and most are rare, as in a language.
            byte[] word = words[(int) (words.length * Math.pow(random.nextDouble(), 4))];
            int count = Math.min(word.length, bytes.length - position);
            System.arraycopy(word, 0, bytes, position, count);
            position += count;
        }
    }

    private static List<Path> files(String directory) throws IOException {
        if (directory.isEmpty()) {
            return List.of(Path.of(System.getProperty("java.home"), "lib", "modules"));
        }
        try (Stream<Path> tree = Files.walk(Path.of(directory))) {
            return tree.filter(Files::isRegularFile)
                    .filter(Files::isReadable)
                    .sorted()
                    .toList();
        }
    }

    /** Fills the bytes with the files, each from a cell on as on a disk, over and over if they are too few. */
    private static void fillFrom(List<Path> files, byte[] bytes) throws IOException {
        int position = 0;
        while (position < bytes.length) {
            int before = position;
            for (Path file : files) {
                try (InputStream in = Files.newInputStream(file)) {
                    int count = in.readNBytes(bytes, position, bytes.length - position);
                    position = Math.min(bytes.length, (position + count + CELL - 1) / CELL * CELL);
                }
            }
            if (position == before) {
                throw new IOException("no bytes in " + files.size() + " files");
            }
        }
    }

    private static void makeCellsDiffer(byte[] bytes) {
        ByteBuffer cells = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int cell = 0; cell < bytes.length; cell += CELL) {
            // Odd, so that different cells give different products.
            cells.putLong(cell, (cell / CELL + 1) * 0x9E37_79B9_7F4A_7C15L);
        }
    }
}

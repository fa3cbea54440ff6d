package io.platter;

import io.platter.block.ImageFormatException;
import io.platter.image.Sha256;
import io.platter.job.RestoreReport;
import io.platter.job.TargetRules;
import io.platter.testkit.SparseDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * Makes files that are wrong, and says what this library gives for each: for .ci/second-reader, which asks another reader.
 * Golden files, crafted ones, and goldens with bytes changed under right checksums.
 */
final class Agreement {
    private Agreement() {}

    /** Takes a directory, and how many changed files are made. */
    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        List<String> verdicts = new ArrayList<>(List.of("file,images,stream,verify"));
        for (Golden golden : Golden.values()) {
            write(directory, golden.fileName(), golden.bytes(), verdicts);
        }
        for (CraftedFileTest.Wrong wrong : CraftedFileTest.Wrong.values()) {
            write(directory, wrong.name() + ".platter", wrong.file(), verdicts);
        }
        Random random = new Random(1);
        List<Golden> goldens = Golden.READABLE;
        for (int number = 0; number < Integer.parseInt(arguments[1]); number++) {
            byte[] file = goldens.get(number % goldens.size()).bytes().clone();
            List<Integer> records = records(file);
            for (int changes = random.nextInt(3); changes >= 0; changes--) {
                change(file, records.get(random.nextInt(records.size())), random);
            }
            write(directory, "changed-" + number + ".platter", file, verdicts);
        }
        Files.write(directory.resolve("verdicts.csv"), verdicts);
    }

    private static List<Integer> records(byte[] file) {
        List<Integer> starts = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < file.length; at += 32 + in.getInt(at + 8)) {
            starts.add(at);
        }
        return starts;
    }

    private static void change(byte[] file, int start, Random random) {
        ByteBuffer record = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int body = record.getInt(start + 8);
        if (body < 0 || start + 32L + body > file.length) {
            return;
        }
        int at = random.nextInt(5) == 0
                ? start + 4 + random.nextInt(24)
                : start + 32 + random.nextInt(Math.min(body, 300));
        file[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) (file[at] + 1);
        if (random.nextInt(10) > 0) {
            record.putInt(start + 12, crc(file, start + 32, body));
        }
        if (random.nextInt(10) > 0) {
            record.putInt(start + 28, crc(file, start, 28));
        }
    }

    private static int crc(byte[] bytes, int start, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, start, length);
        return (int) crc.getValue();
    }

    private static void write(Path directory, String name, byte[] file, List<String> verdicts) throws IOException {
        Files.write(directory.resolve(name), file);
        verdicts.add(name + "," + images(file) + "," + stream(file) + "," + verify(file));
    }

    /** Returns of each image a hash of its disk, or that it is refused. */
    private static String images(byte[] file) throws IOException {
        try (ImageReader reader = ImageReader.open(new ByteArrayChannel(file))) {
            List<String> found = new ArrayList<>();
            for (int number = 1; number <= Math.min(reader.imageCount(), 4); number++) {
                try {
                    found.add(digest(content(reader.image(number))));
                } catch (ImageFormatException e) {
                    found.add("refused");
                }
            }
            return String.join(" ", found);
        } catch (ImageFormatException e) {
            return "refused";
        }
    }

    private static String stream(byte[] file) throws IOException {
        try {
            SparseDevice disk = new SparseDevice(4 << 20);
            RestoreReport report = StreamRestore.of(new ByteArrayChannel(file))
                    .control(control -> control.threads(1))
                    .target(TargetRules.defaults().anySectorSize(true))
                    .to(disk);
            byte[] found = new byte[(int) report.diskSize()];
            disk.read(ByteBuffer.wrap(found), 0);
            return digest(Arrays.copyOf(found, Math.min(found.length, 1 << 20)));
        } catch (ImageFormatException | IllegalArgumentException e) {
            return "refused";
        }
    }

    private static String verify(byte[] file) throws IOException {
        try (ImageReader reader = ImageReader.open(new ByteArrayChannel(file))) {
            Verify.of(reader).control(control -> control.threads(1)).full();
            return "sound";
        } catch (ImageFormatException e) {
            return "refused";
        }
    }

    private static byte[] content(Image image) throws IOException {
        // The index has the last word on the size.
        try {
            image.extents().forEach(extent -> {});
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        byte[] bytes = new byte[(int) Math.min(image.size(), 1 << 20)];
        image.read(ByteBuffer.wrap(bytes), 0);
        return bytes;
    }

    private static String digest(byte[] content) {
        return HexFormat.of().formatHex(Arrays.copyOf(Sha256.newDigest().digest(content), 8));
    }
}

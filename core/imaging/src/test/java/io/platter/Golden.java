package io.platter;

import io.platter.image.CutRule;
import io.platter.image.DiskGeometry;
import io.platter.image.FileId;
import io.platter.image.ImageOptions;
import io.platter.image.codec.Features;
import io.platter.image.codec.FileHeader;
import io.platter.image.codec.RecordHeader;
import io.platter.image.codec.RecordSeal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;

/** The golden images of the format's version 0.2: how each is made, and the bytes that were kept. */
enum Golden {
    EMPTY_DISK("empty-disk") {
        @Override
        byte[] make(Path directory) throws IOException {
            return ModelDisk.of(new byte[0]).toImage(OPTIONS);
        }
    },
    ONE_CLUSTER("one-cluster") {
        @Override
        byte[] make(Path directory) throws IOException {
            return ModelDisk.of(noise(1, 4096)).toImage(OPTIONS);
        }
    },
    ALL_KINDS("all-kinds") {
        @Override
        byte[] make(Path directory) throws IOException {
            Path file = directory.resolve(fileName());
            try (ImageWriter writer = ImageWriter.create(file, new DiskGeometry(40_000, 512, 4096), OPTIONS)) {
                writer.property("name", "all kinds");
                writer.data(0, ByteBuffer.wrap(noise(2, 512)));
                writer.zero(512, 3584);
                writer.data(4096, ByteBuffer.wrap(noise(3, 4096)));
                writer.data(8192, pattern(8192));
                writer.unused(16_384, 8192);
                writer.unreadable(24_576, 512, 5);
                writer.data(25_088, ByteBuffer.wrap(noise(3, 4096)));
                writer.data(
                        29_184,
                        ByteBuffer.wrap(
                                "text, ".repeat(1803).getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, 10_816));
                writer.finish();
            }
            return Files.readAllBytes(file);
        }
    },
    TWO_IMAGES("two-images") {
        @Override
        byte[] make(Path directory) throws IOException {
            Path file = directory.resolve(fileName());
            byte[] disk = noise(4, 20_000);
            write(ImageWriter.create(file, DiskGeometry.ofSize(disk.length), OPTIONS), disk);
            disk[17_000]++;
            write(ImageWriter.append(file, DiskGeometry.ofSize(disk.length), OPTIONS), disk);
            return Files.readAllBytes(file);
        }
    },
    INNER_PAGE("inner-page") {
        @Override
        byte[] make(Path directory) throws IOException {
            Path file = directory.resolve(fileName());
            try (ImageWriter writer = ImageWriter.create(file, DiskGeometry.ofSize(3 << 20), OPTIONS)) {
                writer.data(0, ByteBuffer.wrap(noise(6, 4096)));
                writer.zero(4096, (2 << 20) - 4096);
                writer.data(2 << 20, ByteBuffer.wrap(noise(7, 4096)));
                writer.zero((2 << 20) + 4096, (1 << 20) - 4096);
                writer.finish();
            }
            return Files.readAllBytes(file);
        }
    },
    UNFINISHED("unfinished") {
        @Override
        byte[] make(Path directory) throws IOException {
            Path file = directory.resolve(fileName());
            ImageOptions options = OPTIONS.toBuilder().cut(CutRule.fixed(4096)).build();
            try (ImageWriter writer = ImageWriter.create(file, DiskGeometry.ofSize(20_000), options)) {
                writer.data(0, ByteBuffer.wrap(noise(5, 9000)));
                writer.checkpoint();
            }
            return Files.readAllBytes(directory.resolve(fileName() + ".partial"));
        }
    },
    FUTURE_FEATURE("future-feature") {
        @Override
        byte[] make(Path directory) throws IOException {
            Features features = new Features(1L << 40, 0, 0, Map.of(40, "time-travel"));
            return withHeader(new FileHeader(ID, features).encode());
        }
    },
    FUTURE_VERSION("future-version") {
        @Override
        byte[] make(Path directory) throws IOException {
            ByteBuffer header = new FileHeader(ID, Features.NONE).encode().order(ByteOrder.LITTLE_ENDIAN);
            header.putShort(RecordSeal.TABLE_START, (short) 1).putShort(RecordSeal.TABLE_START + 2, (short) 0);
            CRC32C crc = new CRC32C();
            crc.update(header.slice(RecordHeader.LENGTH, header.limit() - RecordHeader.LENGTH));
            header.putInt(12, (int) crc.getValue());
            crc.reset();
            crc.update(header.slice(0, 28));
            return withHeader(header.putInt(28, (int) crc.getValue()));
        }
    };

    private static final FileId ID = FileId.parse("67 6f 6c 64 65 6e 20 69 6d 61 67 65 73 20 30 32".replace(" ", ""));
    private static final ImageOptions OPTIONS =
            ImageOptions.builder().fileId(ID).build();

    /** Those that this version reads. */
    static final List<Golden> READABLE =
            List.of(EMPTY_DISK, ONE_CLUSTER, ALL_KINDS, TWO_IMAGES, INNER_PAGE, UNFINISHED);

    private final String label;

    Golden(String label) {
        this.label = label;
    }

    /** Returns the bytes that this version of the code writes. */
    abstract byte[] make(Path directory) throws IOException;

    String fileName() {
        return label + ".platter";
    }

    /** Returns the bytes that were kept. */
    byte[] bytes() {
        try (InputStream in = Golden.class.getResourceAsStream("/golden/v0.2/" + fileName())) {
            return java.util.Objects.requireNonNull(in, fileName()).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] withHeader(ByteBuffer header) throws IOException {
        byte[] file = ModelDisk.of(new byte[0]).toImage(OPTIONS);
        header.get(0, file, 0, FileHeader.LENGTH).get(0, file, FileHeader.LENGTH, FileHeader.LENGTH);
        return file;
    }

    private static void write(ImageWriter writer, byte[] disk) throws IOException {
        try (writer) {
            writer.data(0, ByteBuffer.wrap(disk));
            writer.finish();
        }
    }

    private static ByteBuffer pattern(int length) {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            bytes.putLong(0x0102_0304_0506_0708L);
        }
        return bytes.flip();
    }

    private static byte[] noise(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Writes new golden files to a directory, for when the format gets a new version. */
    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        for (Golden golden : values()) {
            Files.write(directory.resolve(golden.fileName()), golden.make(Files.createTempDirectory("golden")));
        }
    }
}

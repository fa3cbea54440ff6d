package io.platter;

import io.platter.block.UnreadableRange;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageExtent;
import io.platter.image.ImageExtentKind;
import io.platter.image.ImageOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A disk as it should be: its bytes, and as what kind of extent each is given to a writer. */
final class ModelDisk {
    private final byte[] bytes;
    private final List<ImageExtent> extents;

    ModelDisk(byte[] bytes, List<ImageExtent> extents) {
        this.bytes = bytes;
        this.extents = extents;
    }

    /** Returns a disk that is all data. */
    static ModelDisk of(byte[] bytes) {
        return new ModelDisk(
                bytes, bytes.length == 0 ? List.of() : List.of(new ImageExtent(0, bytes.length, ImageExtentKind.DATA)));
    }

    /** Returns a disk of extents of all kinds, with repetitions, zeros and patterns in its data. */
    static ModelDisk random(long seed, int size) {
        Random random = new Random(seed);
        byte[] bytes = new byte[size];
        List<ImageExtent> extents = new ArrayList<>();
        for (int position = 0; position < size; ) {
            int length = Math.min(length(random), size - position);
            ImageExtentKind kind =
                    switch (random.nextInt(8)) {
                        case 0 -> ImageExtentKind.ZERO;
                        case 1 -> ImageExtentKind.UNUSED;
                        case 2 -> ImageExtentKind.UNREADABLE;
                        default -> ImageExtentKind.DATA;
                    };
            if (kind == ImageExtentKind.DATA) {
                fill(random, bytes, position, length);
            }
            int error = kind == ImageExtentKind.UNREADABLE ? random.nextInt(100) : 0;
            extents.add(new ImageExtent(position, length, kind, error));
            position += length;
        }
        return new ModelDisk(bytes, extents);
    }

    private static int length(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> 512;
            case 1 -> 4096;
            case 2 -> 512 * (1 + random.nextInt(40));
            default -> 512 * (1 + random.nextInt(1200));
        };
    }

    private static void fill(Random random, byte[] bytes, int from, int length) {
        switch (random.nextInt(5)) {
            case 0 -> Arrays.fill(bytes, from, from + length, (byte) random.nextInt(3));
            case 1 -> {
                int back = from - Math.min(from, length);
                System.arraycopy(bytes, back, bytes, from, Math.min(length, from - back));
            }
            case 2 -> {
                for (int i = from; i < from + length; i++) {
                    bytes[i] =
                            (byte) ("some text, which compresses. ".charAt(i % 29) + (random.nextInt(99) == 0 ? 1 : 0));
                }
            }
            default -> {
                byte[] noise = new byte[length];
                random.nextBytes(noise);
                System.arraycopy(noise, 0, bytes, from, length);
                Arrays.fill(bytes, from, from + random.nextInt(length), (byte) 0);
            }
        }
    }

    byte[] bytes() {
        return bytes;
    }

    DiskGeometry geometry() {
        return DiskGeometry.ofSize(bytes.length);
    }

    /** Gives all that a writer does not have yet to it, in pieces of all sizes. */
    void writeTo(ImageWriter writer, long to) throws IOException {
        Random random = new Random(to);
        while (writer.position() < to) {
            long position = writer.position();
            ImageExtent whole = extents.stream()
                    .filter(extent -> extent.end() > position)
                    .findFirst()
                    .orElseThrow();
            ImageExtent part = whole.clip(position, to);
            switch (part.kind()) {
                case ZERO -> writer.zero(position, part.length());
                case UNUSED -> writer.unused(position, part.length());
                case UNREADABLE -> writer.unreadable(position, part.length(), (int) part.detail());
                default -> {
                    int count = (int) Math.min(part.length(), 1 + random.nextInt(700_000));
                    writer.data(position, ByteBuffer.wrap(bytes, (int) position, count));
                }
            }
        }
    }

    void writeTo(ImageWriter writer) throws IOException {
        writeTo(writer, bytes.length);
    }

    /** Returns an image file of this disk. */
    byte[] toImage(ImageOptions options) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (ImageWriter writer = ImageWriter.create(Channels.newChannel(file), geometry(), options)) {
            writeTo(writer);
            writer.finish();
        }
        return file.toByteArray();
    }

    /** Returns the runs of one kind as they were given, joined where they touch. */
    List<ImageExtent> extents(ImageExtentKind kind) {
        List<ImageExtent> joined = new ArrayList<>();
        for (ImageExtent extent : extents) {
            int last = joined.size() - 1;
            if (extent.kind() == kind
                    && last >= 0
                    && joined.get(last).end() == extent.offset()
                    && joined.get(last).detail() == extent.detail()) {
                ImageExtent before = joined.remove(last);
                joined.add(new ImageExtent(before.offset(), before.length() + extent.length(), kind, extent.detail()));
            } else if (extent.kind() == kind) {
                joined.add(extent);
            }
        }
        return joined;
    }

    /** Returns what a disk that was full of {@code before} has after a restore to it. */
    byte[] restoredOver(byte before) {
        byte[] result = bytes.clone();
        for (ImageExtent extent : extents) {
            boolean wiped = extent.kind() == ImageExtentKind.UNUSED || extent.kind() == ImageExtentKind.UNREADABLE;
            if (wiped) {
                Arrays.fill(result, (int) extent.offset(), (int) extent.end(), before);
            }
        }
        return result;
    }

    /** Returns what could not be read of the disk. */
    List<UnreadableRange> unreadable() {
        return extents(ImageExtentKind.UNREADABLE).stream()
                .map(extent -> new UnreadableRange(extent.offset(), extent.length(), (int) extent.detail()))
                .toList();
    }
}

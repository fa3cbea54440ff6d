package io.platter.virtualdisk.ewf;

import io.platter.testkit.DiskModel;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Adler32;
import java.util.zip.Deflater;

/** Writes EWF images as their description says, small ones with many tables. */
final class EwfImage {
    static final int CHUNK = 4096;
    static final int DESCRIPTOR = 76;

    /** Where chunks are, and what has a checksum. */
    enum Kind {
        /** Chunks in a section of their own, and each table twice: EnCase 2 and later. */
        SECTORS,
        /** Chunks after the table's entries: EnCase 1. */
        IN_TABLE,
        /** The same without a checksum of the entries, and the short volume section: SMART. */
        ORIGINAL
    }

    private final byte[] disk;
    private final Kind kind;
    private final int chunks;

    int chunksInTable = 30;
    int tablesInSegment = Integer.MAX_VALUE;
    long setId = 5;

    private final ByteArrayOutputStream file = new ByteArrayOutputStream();

    EwfImage(DiskModel model, Kind kind) {
        this.disk = Arrays.copyOf(model.bytes(), (model.bytes().length + 511) / 512 * 512);
        this.kind = kind;
        this.chunks = (disk.length + CHUNK - 1) / CHUNK;
    }

    /** Returns the segment files. */
    List<byte[]> write() {
        List<byte[]> segments = new ArrayList<>();
        startSegment(1);
        section("header", deflate(ascii("1\nmain\nc\tn\ta\te\tt\tav\tov\tm\tu\tp\n1\t1\ta\te\tt\t1\t1\t0\t0\t0\n\n")));
        section("volume", volume());
        int tables = 0;
        for (int chunk = 0; chunk < chunks; chunk += chunksInTable) {
            if (tables++ == tablesInSegment) {
                end("next");
                segments.add(file.toByteArray());
                startSegment(segments.size() + 1);
                if (kind != Kind.ORIGINAL) {
                    section("data", volume());
                }
                tables = 1;
            }
            table(chunk, Math.min(chunk + chunksInTable, chunks));
        }
        section("hash", signed(new byte[32]));
        end("done");
        segments.add(file.toByteArray());
        return segments;
    }

    private void startSegment(int number) {
        file.reset();
        file.writeBytes("EVF\t\r\n\u00ff\0\1".getBytes(StandardCharsets.ISO_8859_1));
        file.write(number & 0xFF);
        file.write(number >>> 8);
        file.write(0);
        file.write(0);
    }

    private byte[] volume() {
        int length = kind == Kind.ORIGINAL ? 90 : 1048;
        ByteBuffer volume = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        volume.putInt(1).putInt(chunks).putInt(CHUNK / 512).putInt(512).putInt(disk.length / 512);
        if (kind != Kind.ORIGINAL) {
            volume.put(36, (byte) 3).putLong(64, setId);
        }
        return signed(volume.array());
    }

    private void table(int from, int to) {
        int entriesLength = 4 * (to - from) + (kind == Kind.ORIGINAL ? 0 : 4);
        boolean apart = kind == Kind.SECTORS;
        int base = apart ? file.size() : 0;
        int dataStart = file.size() + DESCRIPTOR + (apart ? 0 : 24 + entriesLength);
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        ByteBuffer entries = ByteBuffer.allocate(4 * (to - from)).order(ByteOrder.LITTLE_ENDIAN);
        for (int chunk = from; chunk < to; chunk++) {
            byte[] plain = Arrays.copyOfRange(disk, chunk * CHUNK, Math.min((chunk + 1) * CHUNK, disk.length));
            byte[] deflated = deflate(plain);
            boolean compressed = kind == Kind.ORIGINAL || (deflated.length < plain.length && chunk % 5 != 0);
            entries.putInt(dataStart - base + data.size() | (compressed ? 0x8000_0000 : 0));
            data.writeBytes(compressed ? deflated : signed(plain));
        }
        ByteBuffer header = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(to - from).putInt(0).putLong(base);
        byte[] tableEntries = kind == Kind.ORIGINAL ? entries.array() : signed(entries.array());
        if (apart) {
            section("sectors", data.toByteArray());
            section("table", signed(header.array()), tableEntries);
            section("table2", signed(header.array()), tableEntries);
        } else {
            section("table", signed(header.array()), tableEntries, data.toByteArray());
        }
    }

    private void section(String type, byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        descriptor(type, file.size() + DESCRIPTOR + length, DESCRIPTOR + length);
        for (byte[] part : parts) {
            file.writeBytes(part);
        }
    }

    private void end(String type) {
        descriptor(type, file.size(), 0);
    }

    private void descriptor(String type, long next, long size) {
        ByteBuffer descriptor = ByteBuffer.allocate(72).order(ByteOrder.LITTLE_ENDIAN);
        descriptor.put(ascii(type)).position(16);
        file.writeBytes(signed(descriptor.putLong(next).putLong(size).array()));
    }

    /** Returns bytes with their checksum after them. */
    static byte[] signed(byte[] bytes) {
        Adler32 adler = new Adler32();
        adler.update(bytes);
        return ByteBuffer.allocate(bytes.length + 4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(bytes)
                .putInt((int) adler.getValue())
                .array();
    }

    static byte[] deflate(byte[] plain) {
        Deflater deflater = new Deflater();
        deflater.setInput(plain);
        deflater.finish();
        byte[] result = new byte[plain.length + 100];
        int length = deflater.deflate(result);
        deflater.end();
        return Arrays.copyOf(result, length);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

package io.platter.image.codec;

import io.platter.block.ByteReader;
import io.platter.block.CorruptImageException;
import io.platter.image.FileId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The packs that a record names besides the one in which it stands: ids of 16 bytes. The {@code pack} of a location in the
 * record counts in this table from 1; 0 is the record's own pack. In memory a location has the number that {@link Packs} give.
 *
 * <p>Immutable.
 */
public final class PackTable {
    /** Says which pack has a number; asked only for packs other than 0. */
    @FunctionalInterface
    public interface Names extends IntFunction<FileId> {
        /** The names of a file that stands alone. */
        Names NONE = number -> {
            throw new IllegalStateException("pack " + number + " of a file that names no other");
        };
    }

    private final StoredRecord record;
    private final int[] numbers;

    private PackTable(StoredRecord record, int[] numbers) {
        this.record = record;
        this.numbers = numbers;
    }

    /**
     * Reads a table.
     *
     * @param count how many packs there are
     * @param packs gives them their numbers
     * @param what what messages call the record
     * @throws CorruptImageException if there are not so many bytes, or the file may not name other packs
     */
    static PackTable decode(ByteReader in, int count, StoredRecord record, Packs packs, String what)
            throws IOException {
        if (count != 0 && !packs.mayBeNamed()) {
            throw in.corrupt(0, what + " with " + Integer.toUnsignedString(count) + " other packs, expected 0");
        }
        if (count < 0 || count > in.remaining() / FileId.LENGTH) {
            throw in.corrupt(
                    in.position(),
                    Integer.toUnsignedString(count) + " packs of " + FileId.LENGTH + " bytes, but " + in.remaining()
                            + " bytes left");
        }
        int[] numbers = new int[count + 1];
        numbers[0] = record.location().pack();
        for (int i = 1; i <= count; i++) {
            numbers[i] = packs.number(FileId.decode(in));
        }
        return new PackTable(record, numbers);
    }

    /**
     * Reads a location.
     *
     * @throws CorruptImageException if it is none, of a pack that is not in the table, or not before the record
     */
    RecordLocation location(ByteReader in) throws CorruptImageException {
        return RecordLocation.decode(in, record.location().packOffset(), numbers);
    }

    /** Reads the location of a record that must be there. */
    RecordLocation present(ByteReader in, String what) throws CorruptImageException {
        return RecordLocation.present(location(in), in, what);
    }

    /**
     * Gathers the packs that a record names.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    static final class Builder {
        private final Names names;
        private final List<Integer> others = new ArrayList<>(4);

        Builder(Names names) {
            this.names = names;
        }

        /** Returns a location as it stands in the record. */
        RecordLocation inRecord(RecordLocation location) {
            if (location.pack() == 0) {
                return location;
            }
            int found = others.indexOf(location.pack());
            if (found < 0) {
                found = others.size();
                others.add(location.pack());
            }
            return new RecordLocation(found + 1, location.packOffset(), location.length());
        }

        int count() {
            return others.size();
        }

        /** Returns the length of the table in bytes. */
        int length() {
            return others.size() * FileId.LENGTH;
        }

        void encode(ByteBuffer target) {
            others.forEach(number -> names.apply(number).encode(target));
        }

        /** Forgets all. */
        void clear() {
            others.clear();
        }
    }
}

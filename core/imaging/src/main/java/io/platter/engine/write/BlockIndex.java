package io.platter.engine.write;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Knows where each block of a file is, by its hash. Costs at most 24 bytes a block.
 *
 * <p>An entry is two words: 64 bits of a tag, then 24 more bits of it above 40 bits of place. Twelve more bits of the
 * tag choose the table. Two different blocks that agree in all 100 bits would be taken for one: among 50 million blocks
 * that happens with a probability of 10⁻¹⁵. The tag is a keyed mixture of the whole hash, so that nobody who makes
 * blocks can search for two with the same tag.
 *
 * <p>Tables grow by an eighth when four fifths full, each by itself, which keeps the memory near its bound at any size.
 *
 * <p>Not thread-safe: one thread at a time.
 */
public final class BlockIndex {
    /** Returned for a block that is not known. */
    public static final long NONE = -1;

    private static final int TABLE_BITS = 12;
    private static final int PLACE_BITS = 40;
    private static final long PLACE_MASK = (1L << PLACE_BITS) - 1;
    private static final int FIRST_CAPACITY = 16;
    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final long[] key;
    private final long[][] tables = new long[1 << TABLE_BITS][];
    private final int[] sizes = new int[1 << TABLE_BITS];
    private long size;

    /** How many entries a table has room for at first. */
    private int firstCapacity = FIRST_CAPACITY;

    /** The two words of the tag that was computed last. */
    private long tagHigh;

    private long tagLow;

    /**
     * Creates an index without a block.
     *
     * @param key eight random words
     */
    public BlockIndex(long[] key) {
        this.key = key.clone();
    }

    /** Returns the number of blocks. */
    public long size() {
        return size;
    }

    /** Returns the bytes of memory that the tables take. */
    public long memory() {
        long bytes = 0;
        for (long[] table : tables) {
            bytes += table == null ? 0 : 16 + 8L * table.length;
        }
        return bytes + 12L * tables.length;
    }

    /**
     * Makes room for blocks that will be added, so that no table has to grow for them: they spread evenly over the tables.
     *
     * @param blocks how many; the caller has seen that there can be so many
     */
    public void expect(long blocks) {
        double mean = (double) blocks / tables.length;
        long most = (long) ((mean + 6 * Math.sqrt(mean)) * 1.25) + FIRST_CAPACITY;
        firstCapacity = (int) Math.min(most, 1 << 26);
    }

    /**
     * Returns the place of a block, or {@link #NONE}.
     *
     * @param hashes holds the block's hash, from {@code at} on
     */
    public long find(byte[] hashes, int at) {
        computeTag(hashes, at);
        long[] table = tables[tableNumber()];
        if (table == null) {
            return NONE;
        }
        int entry = entryOf(table);
        return table[entry + 1] == 0 ? NONE : (table[entry + 1] & PLACE_MASK) - 1;
    }

    /**
     * Adds a block that is not known yet.
     *
     * @param hashes holds the block's hash, from {@code at} on
     * @param place 0 to 2⁴⁰ − 2
     */
    public void add(byte[] hashes, int at, long place) {
        computeTag(hashes, at);
        int number = tableNumber();
        long[] table = tables[number];
        if (table == null || isFull(number, table)) {
            table = grow(number);
        }
        insert(table, tagHigh, (tagLow << PLACE_BITS) | (place + 1));
        sizes[number]++;
        size++;
    }

    /**
     * Adds many blocks, unless they are known. Gathers them and puts them in table by table: a table that is in the
     * processor's cache takes an entry many times as fast. Memory: 23 MB.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public final class Many {
        private static final int GATHERED = 1 << 20;

        private final long[] highs = new long[GATHERED];
        private final long[] lows = new long[GATHERED];
        private final short[] numbers = new short[GATHERED];
        private final int[] order = new int[GATHERED];
        private int gathered;

        /** Creates a gatherer without a block. */
        public Many() {}

        /**
         * Adds a block, unless it is known; it is found after {@link #flush()}.
         *
         * @param hashes holds the block's hash, from {@code at} on
         * @param place 0 to 2⁴⁰ − 2
         */
        public void add(byte[] hashes, int at, long place) {
            computeTag(hashes, at);
            highs[gathered] = tagHigh;
            lows[gathered] = (tagLow << PLACE_BITS) | (place + 1);
            numbers[gathered] = (short) tableNumber();
            gathered++;
            if (gathered == GATHERED) {
                flush();
            }
        }

        /** Puts in what was gathered. */
        public void flush() {
            int[] starts = new int[tables.length + 1];
            for (int i = 0; i < gathered; i++) {
                starts[numbers[i] + 1]++;
            }
            for (int number = 0; number < tables.length; number++) {
                starts[number + 1] += starts[number];
            }
            for (int i = 0; i < gathered; i++) {
                order[starts[numbers[i]]++] = i;
            }
            for (int i = 0; i < gathered; i++) {
                int block = order[i];
                addIfAbsent(numbers[block], highs[block], lows[block]);
            }
            gathered = 0;
        }
    }

    /**
     * Adds a block, unless it is known.
     *
     * @param hashes holds the block's hash, from {@code at} on
     * @param place 0 to 2⁴⁰ − 2
     */
    public void addUnlessKnown(byte[] hashes, int at, long place) {
        computeTag(hashes, at);
        addIfAbsent(tableNumber(), tagHigh, (tagLow << PLACE_BITS) | (place + 1));
    }

    private void addIfAbsent(int number, long high, long low) {
        long[] table = tables[number];
        if (table == null || isFull(number, table)) {
            table = grow(number);
        }
        int entry = firstEntry(table, high);
        while (table[entry + 1] != 0) {
            if (table[entry] == high && (table[entry + 1] & ~PLACE_MASK) == (low & ~PLACE_MASK)) {
                return;
            }
            entry = next(table, entry);
        }
        table[entry] = high;
        table[entry + 1] = low;
        sizes[number]++;
        size++;
    }

    private boolean isFull(int number, long[] table) {
        return sizes[number] * 10L >= table.length / 2 * 8L;
    }

    private void computeTag(byte[] hashes, int at) {
        long a = (long) WORD.get(hashes, at);
        long b = (long) WORD.get(hashes, at + 8);
        long c = (long) WORD.get(hashes, at + 16);
        long d = (long) WORD.get(hashes, at + 24);
        tagHigh = mix(a ^ key[0], b ^ key[1]) ^ mix(c ^ key[2], d ^ key[3]);
        tagLow = mix(a ^ key[4], c ^ key[5]) ^ mix(b ^ key[6], d ^ key[7]);
    }

    private static long mix(long x, long y) {
        return (x * y) ^ Math.multiplyHigh(x, y);
    }

    private int tableNumber() {
        return (int) (tagLow >>> (64 - TABLE_BITS));
    }

    /** Returns where the entry with the last tag is, or the free entry where it would be. */
    private int entryOf(long[] table) {
        long low = tagLow << PLACE_BITS;
        int entry = firstEntry(table, tagHigh);
        while (table[entry + 1] != 0 && (table[entry] != tagHigh || (table[entry + 1] & ~PLACE_MASK) != low)) {
            entry = next(table, entry);
        }
        return entry;
    }

    private static int firstEntry(long[] table, long tagHigh) {
        return 2 * (int) (((tagHigh >>> 32) * (table.length / 2)) >>> 32);
    }

    private static int next(long[] table, int entry) {
        return entry + 2 == table.length ? 0 : entry + 2;
    }

    private static void insert(long[] table, long high, long low) {
        int entry = firstEntry(table, high);
        while (table[entry + 1] != 0) {
            entry = next(table, entry);
        }
        table[entry] = high;
        table[entry + 1] = low;
    }

    private long[] grow(int number) {
        long[] old = tables[number];
        int capacity = old == null ? firstCapacity : old.length / 2 + Math.max(old.length / 16, 4);
        long[] table = new long[2 * capacity];
        for (int entry = 0; old != null && entry < old.length; entry += 2) {
            if (old[entry + 1] != 0) {
                insert(table, old[entry], old[entry + 1]);
            }
        }
        tables[number] = table;
        return table;
    }
}

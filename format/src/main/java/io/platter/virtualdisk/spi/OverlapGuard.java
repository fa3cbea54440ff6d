package io.platter.virtualdisk.spi;

import io.platter.block.CorruptImageException;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Makes sure that no two entries of a file's tables stand for the same place: in a hostile file they would make a few
 * bytes into a disk without end.
 *
 * <p>Each table is claimed once, when it is first touched. What is remembered is bounded at about 16 MiB, enough for a
 * file of 8 TiB in places of 64 KiB; after that no further place is remembered. Safe for use by several threads.
 */
public final class OverlapGuard {
    private static final int PAGE_BITS = 1 << 15;
    private static final int MAX_PAGES = 4096;

    private final String resource;
    private final Map<Long, BitSet> pages = new HashMap<>();
    private final BitSet tables = new BitSet();

    /** Creates a guard that knows of no place yet, for a file whose name goes into messages. */
    public OverlapGuard(String resource) {
        this.resource = resource;
    }

    /** Lists what the entries of a table stand for. */
    @FunctionalInterface
    public interface Table {
        void list(Places places) throws IOException;
    }

    /** Places and who claims them. A table is read whole before any is claimed, so that a failed read can be repeated. */
    public static final class Places {
        private long[] pairs = new long[64];
        private int length;

        private Places() {}

        /**
         * Adds a place.
         *
         * @param place its number, in a unit of the caller's
         * @param entryOffset where in the file the entry stands that claims it
         */
        public void add(long place, long entryOffset) {
            if (length == pairs.length) {
                pairs = Arrays.copyOf(pairs, 2 * length);
            }
            pairs[length++] = place;
            pairs[length++] = entryOffset;
        }
    }

    /**
     * Claims what a table's entries stand for, unless that was done before.
     *
     * @param number the table's number, from 0
     * @throws CorruptImageException if another entry claimed one of the places before
     */
    public synchronized void once(int number, Table table) throws IOException {
        if (tables.get(number)) {
            return;
        }
        Places places = new Places();
        table.list(places);
        for (int i = 0; i < places.length; i += 2) {
            claim(places.pairs[i], places.pairs[i + 1]);
        }
        tables.set(number);
    }

    private void claim(long place, long entryOffset) throws CorruptImageException {
        BitSet page = pages.get(place / PAGE_BITS);
        if (page == null) {
            if (pages.size() == MAX_PAGES) {
                return;
            }
            page = new BitSet(PAGE_BITS);
            pages.put(place / PAGE_BITS, page);
        }
        int bit = (int) (place % PAGE_BITS);
        if (page.get(bit)) {
            throw new CorruptImageException(resource, entryOffset, "a second entry for place " + place);
        }
        page.set(bit);
    }
}

package io.platter.engine.store;

import io.platter.engine.read.PackNumbers;
import io.platter.image.codec.PackUsage;
import io.platter.image.codec.RecordLocation;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Gathers which records of packs an image refers to, in cells: 350 bytes a pack.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class UsedCells {
    private final SortedMap<Integer, PackUsage.Cells> cells = new TreeMap<>();
    private int lastPack;
    private PackUsage.Cells last = new PackUsage.Cells();

    /** Takes note of a record, unless it is one of the manifest itself. */
    void add(RecordLocation record) {
        if (record.pack() == 0) {
            return;
        }
        if (record.pack() != lastPack) {
            lastPack = record.pack();
            last = cells.computeIfAbsent(lastPack, unknown -> new PackUsage.Cells());
        }
        last.add(record);
    }

    /** Returns all packs, in the order in which they were met. */
    List<PackUsage> list(PackNumbers numbers) {
        List<PackUsage> list = new ArrayList<>();
        cells.forEach((pack, used) -> list.add(new PackUsage(numbers.apply(pack), used)));
        return list;
    }
}

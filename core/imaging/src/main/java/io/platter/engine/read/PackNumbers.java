package io.platter.engine.read;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.image.FileId;
import io.platter.image.codec.PackTable;
import io.platter.image.codec.Packs;
import io.platter.pack.PackSource;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gives the packs of a store numbers, from 1 on, in the order in which they are met: what stands for them in memory.
 *
 * <p>Safe for use by several threads.
 */
public final class PackNumbers implements PackTable.Names {
    private final PackSource source;
    private final List<FileId> ids = new ArrayList<>();
    private final Map<FileId, Integer> numbers = new HashMap<>();

    /** Creates numbers for the packs of a source. */
    public PackNumbers(PackSource source) {
        this.source = source;
    }

    /** Returns the number of a pack. */
    public synchronized int number(FileId id) {
        return numbers.computeIfAbsent(id, unknown -> {
            ids.add(id);
            return ids.size();
        });
    }

    /** Returns the id of a pack. */
    @Override
    public synchronized FileId apply(int number) {
        return ids.get(number - 1);
    }

    /** Returns the packs as a file sees them that names them: the file itself is number 0. */
    public Packs seenFrom(BlockDevice file) {
        return new Packs() {
            @Override
            public BlockDevice pack(int number) throws IOException {
                if (number == 0) {
                    return file;
                }
                FileId id = apply(number);
                try {
                    return source.pack(id);
                } catch (NoSuchFileException e) {
                    CorruptImageException missing =
                            new CorruptImageException(file.name(), 0, "pack " + id + ", which it names, is not there");
                    missing.initCause(e);
                    throw missing;
                }
            }

            @Override
            public boolean mayBeNamed() {
                return true;
            }

            @Override
            public int number(FileId id) {
                return PackNumbers.this.number(id);
            }
        };
    }
}

package io.platter.repository;

import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.engine.read.PackNumbers;
import io.platter.image.FileId;
import io.platter.image.codec.RecordLocation;
import io.platter.pack.PackSource;
import io.platter.pack.PackStore;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The packs of a repository. What is read of one that is gone is read where a collection has put it.
 *
 * <p>Safe for use by several threads.
 */
final class PackDevices implements PackSource {
    private final Blobs blobs;
    private final PackNumbers numbers = new PackNumbers(this);
    private final Moves moves;
    private final Map<FileId, BlockDevice> devices = new ConcurrentHashMap<>();

    PackDevices(Blobs blobs) {
        this.blobs = blobs;
        this.moves = new Moves(blobs, numbers);
    }

    /** Returns the numbers by which packs are known here. */
    PackNumbers numbers() {
        return numbers;
    }

    /** Returns what collections did, as far as it was read. */
    Moves moves() {
        return moves;
    }

    @Override
    public BlockDevice pack(FileId id) {
        return devices.computeIfAbsent(id, PackDevice::new);
    }

    /** A pack: whether it is there is seen when it is read. */
    private final class PackDevice implements BlockDevice {
        private final FileId id;

        PackDevice(FileId id) {
            this.id = id;
        }

        @Override
        public String name() {
            return "pack " + id + " of " + blobs.name();
        }

        /** No pack is larger; asking how large this one is would cost a request. */
        @Override
        public long size() {
            return PackStore.MAX_PACK;
        }

        @Override
        public int logicalSectorSize() {
            return 512;
        }

        @Override
        public boolean isWritable() {
            return false;
        }

        @Override
        public void read(ByteBuffer target, long packOffset) throws IOException {
            int start = target.position();
            RecordLocation place = RecordLocation.of(packOffset, target.remaining());
            FileId pack = id;
            boolean asked = false;
            while (true) {
                try {
                    target.position(start);
                    blobs.get(Keys.pack(pack), place.packOffset(), target);
                    return;
                } catch (EOFException e) {
                    CorruptImageException cut = new CorruptImageException(
                            name(), packOffset, "record of " + place.length() + " bytes past the end of the pack");
                    cut.initCause(e);
                    throw cut;
                } catch (NoSuchFileException e) {
                    Optional<RecordLocation> moved = moves.find(pack, place.packOffset());
                    if (moved.isEmpty() && !asked) {
                        // What was known may be out of date as a whole: once more from the start.
                        moves.load(Sessions.list(blobs));
                        asked = true;
                        place = RecordLocation.of(packOffset, place.length());
                        pack = id;
                        continue;
                    }
                    if (moved.isEmpty()) {
                        throw new CorruptImageException(
                                name(), packOffset, "the pack is not there, and no collection has moved this record");
                    }
                    place = moved.get();
                    pack = numbers.apply(place.pack());
                }
            }
        }

        @Override
        public void write(ByteBuffer source, long diskOffset) {
            throw new IllegalStateException(name() + " is open for reading only");
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}

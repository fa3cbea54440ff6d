package io.platter.virtualdisk.vhdx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Makes one entry of a VHDX log, byte by byte as the specification has it. */
final class LogMaker {
    private static final int SECTOR = 4096;

    private final long sequence;
    private final UUID id;
    private final int tail;
    private final List<Update> updates = new ArrayList<>();
    private long flushed;
    private long last;
    private int padding;

    /** Zeros of a length, or a sector of data. */
    private record Update(long fileOffset, long zeros, ByteBuffer data) {}

    LogMaker(long sequence, UUID id, int tail) {
        this.sequence = sequence;
        this.id = id;
        this.tail = tail;
    }

    LogMaker data(long fileOffset, byte[] sector) {
        updates.add(new Update(fileOffset, 0, ByteBuffer.wrap(sector)));
        return this;
    }

    LogMaker zero(long fileOffset, long length) {
        updates.add(new Update(fileOffset, length, ByteBuffer.allocate(0)));
        return this;
    }

    LogMaker sizes(long flushedFileOffset, long lastFileOffset) {
        flushed = flushedFileOffset;
        last = lastFileOffset;
        return this;
    }

    /** Adds sectors that mean nothing. */
    LogMaker pad(int sectors) {
        padding = sectors;
        return this;
    }

    byte[] make() {
        int descriptorSectors = (64 + 32 * updates.size() + SECTOR - 1) / SECTOR;
        int dataSectors =
                (int) updates.stream().filter(u -> u.data().hasRemaining()).count();
        int length = (descriptorSectors + dataSectors + padding) * SECTOR;
        ByteBuffer entry = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        entry.putInt(0x65676F6C).putInt(0).putInt(length).putInt(tail).putLong(sequence);
        entry.putInt(updates.size()).putInt(0);
        VhdxImage.putGuid(entry, 32, id);
        entry.putLong(48, flushed).putLong(56, last);
        int descriptor = 64;
        int sector = descriptorSectors * SECTOR;
        for (Update update : updates) {
            boolean isData = update.data().hasRemaining();
            entry.putInt(descriptor, isData ? 0x63736564 : 0x6F72657A);
            if (isData) {
                ByteBuffer data = update.data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
                entry.putInt(descriptor + 4, data.getInt(4092)).putLong(descriptor + 8, data.getLong(0));
                entry.putInt(sector, 0x61746164).putInt(sector + 4, (int) (sequence >>> 32));
                entry.put(sector + 8, update.data(), 8, 4084);
                entry.putInt(sector + 4092, (int) sequence);
                sector += SECTOR;
            } else {
                entry.putLong(descriptor + 8, update.zeros());
            }
            entry.putLong(descriptor + 16, update.fileOffset()).putLong(descriptor + 24, sequence);
            descriptor += 32;
        }
        VhdxImage.sign(entry, 0, length);
        return entry.array();
    }

    /** Makes the entry and puts it into the log, around its end if need be; returns the position after it. */
    int putAt(VhdxImage image, int position) {
        byte[] entry = make();
        int length = image.bytes().getInt(VhdxImage.HEADERS[1] + 68);
        for (int i = 0; i < entry.length; i += SECTOR) {
            image.bytes().put(VhdxImage.LOG + (position + i) % length, entry, i, SECTOR);
        }
        return (position + entry.length) % length;
    }
}

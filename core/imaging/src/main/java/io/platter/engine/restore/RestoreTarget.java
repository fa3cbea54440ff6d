package io.platter.engine.restore;

import io.platter.block.BlockDevice;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.block.ExtentSet;
import io.platter.image.ImageExtent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The disk to which an image is restored. What a computer needs to boot goes there last, and is wiped before anything
 * else is written, so that a disk that is half restored does not boot.
 *
 * <p>Safe for use by several threads, as far as they do not touch the same bytes.
 */
public final class RestoreTarget {
    /** In compare mode, the unit in which differences are found and written. */
    private static final int PIECE = 64 << 10;

    /** The bytes of a run that is written last, and which of them there are to write. */
    private record Held(long diskOffset, ByteBuffer bytes, BitSet present) {}

    private final BlockDevice disk;
    private final boolean compare;
    private final boolean isZero;
    private final ExtentSet last;
    /** One for each run of {@link #last}; also the lock of all of them and of {@link #touched}. */
    private final List<Held> held = new ArrayList<>();

    private final ExtentSet watched;
    private final ExtentSet.Builder undefined = ExtentSet.builder();
    private final ArrayBlockingQueue<ByteBuffer> scratch = new ArrayBlockingQueue<>(64);
    private final AtomicLong written = new AtomicLong();
    private boolean touched;

    /**
     * Creates a target.
     *
     * @param disk the disk
     * @param compare whether to write only what differs
     * @param isZero whether the disk is known to be all zeros
     * @param last what is written last; it is kept in memory until then
     * @param watched where {@link #erase} may be asked to erase; 16 bytes of memory for each run there that the image has
     *     no bytes of
     */
    public RestoreTarget(BlockDevice disk, boolean compare, boolean isZero, ExtentSet last, ExtentSet watched) {
        this.disk = disk;
        this.compare = compare;
        this.isZero = isZero;
        this.last = last;
        this.watched = watched;
        for (int run = 0; run < last.count(); run++) {
            int length = Math.toIntExact(last.end(run) - last.offset(run));
            held.add(new Held(last.offset(run), ByteBuffer.allocate(length), new BitSet(length)));
        }
    }

    /** Returns how many bytes were written. */
    public long written() {
        return written.get();
    }

    /** Writes bytes, or holds them back. Takes all from position to limit. */
    public void write(ByteBuffer bytes, long diskOffset) throws IOException {
        long position = diskOffset;
        while (bytes.hasRemaining()) {
            int run = last.firstEndingAfter(position);
            boolean isLast = run < last.count() && last.offset(run) <= position;
            long end = run == last.count() ? Long.MAX_VALUE : isLast ? last.end(run) : last.offset(run);
            int count = (int) Math.min(bytes.remaining(), end - position);
            ByteBuffer piece = bytes.slice(bytes.position(), count);
            if (isLast) {
                hold(held.get(run), piece, position);
            } else {
                writeNow(piece, position);
            }
            bytes.position(bytes.position() + count);
            position += count;
        }
    }

    private void hold(Held run, ByteBuffer piece, long diskOffset) {
        int at = (int) (diskOffset - run.diskOffset);
        synchronized (held) {
            run.bytes.put(at, piece, 0, piece.remaining());
            run.present.set(at, at + piece.remaining());
        }
    }

    private void writeNow(ByteBuffer bytes, long diskOffset) throws IOException {
        if (!compare) {
            wipeOnce();
            int count = bytes.remaining();
            disk.write(bytes, diskOffset);
            written.addAndGet(count);
            return;
        }
        for (long position = diskOffset; bytes.hasRemaining(); ) {
            int count = (int) Math.min(bytes.remaining(), PIECE - position % PIECE);
            ByteBuffer piece = bytes.slice(bytes.position(), count);
            if (differs(piece, position)) {
                wipeOnce();
                disk.write(piece, position);
                written.addAndGet(count);
            }
            bytes.position(bytes.position() + count);
            position += count;
        }
    }

    private boolean differs(ByteBuffer wanted, long diskOffset) throws IOException {
        ByteBuffer taken = scratch.poll();
        ByteBuffer found = taken == null ? ByteBuffer.allocateDirect(PIECE) : taken;
        try {
            disk.read(found.clear().limit(wanted.remaining()), diskOffset);
            return !found.flip().equals(wanted);
        } finally {
            scratch.offer(found);
        }
    }

    private void wipeOnce() throws IOException {
        synchronized (held) {
            if (!touched && !isZero) {
                for (int run = 0; run < last.count(); run++) {
                    disk.zero(last.offset(run), last.end(run) - last.offset(run));
                }
                disk.flush();
            }
            touched = true;
        }
    }

    /** Writes a run without data of an image. One thread at a time. */
    public void writeRun(ImageExtent run) throws IOException {
        switch (run.kind()) {
            case ZERO -> writeZeros(run.offset(), run.length());
            case FILL -> writePattern(run);
            // Nobody knows what stood there; what the disk has may stay, but for marks of what it was before.
            case UNUSED, UNREADABLE -> remember(run);
            case DATA -> throw new IllegalArgumentException("run of kind " + run.kind());
        }
    }

    private void remember(ImageExtent run) {
        for (int i = watched.firstEndingAfter(run.offset());
                i < watched.count() && watched.offset(i) < run.end();
                i++) {
            long from = Math.max(run.offset(), watched.offset(i));
            undefined.add(from, Math.min(run.end(), watched.end(i)) - from);
        }
    }

    /** Makes zeros of those of some places that the image's runs so far had no bytes for. One thread at a time. */
    public void erase(ExtentSet places) throws IOException {
        ExtentSet erased = undefined.build().intersection(places);
        for (int run = 0; run < erased.count(); run++) {
            writeZeros(erased.offset(run), erased.end(run) - erased.offset(run));
        }
    }

    private void writeZeros(long diskOffset, long length) throws IOException {
        if (isZero) {
            return;
        }
        long position = diskOffset;
        long end = diskOffset + length;
        while (position < end) {
            Extent known = disk.extentAt(position);
            long count = Math.min(end, known.end()) - position;
            if (compare && known.kind() != ExtentKind.DATA) {
                position += count;
                continue;
            }
            int run = last.firstEndingAfter(position);
            boolean isLast = run < last.count() && last.offset(run) <= position;
            if (compare || isLast) {
                count = Math.min(count, PIECE - position % PIECE);
                write(ByteBuffer.allocate((int) count), position);
            } else {
                count = run == last.count() ? count : Math.min(count, last.offset(run) - position);
                wipeOnce();
                disk.zero(position, count);
            }
            position += count;
        }
    }

    private void writePattern(ImageExtent run) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate((int) Math.min(run.length(), 1 << 20));
        long position = run.offset();
        while (position < run.end()) {
            piece.clear().limit((int) Math.min(piece.capacity(), run.end() - position));
            for (int i = 0; i < piece.limit(); i++) {
                piece.put(i, (byte) (run.detail() >>> (8 * ((position + i) & 7))));
            }
            write(piece, position);
            position += piece.limit();
        }
    }

    /**
     * Returns this target as a device: what is held back is read as it will be, and what is written may be held back.
     * Closing or flushing it does nothing.
     *
     * @param size how much of the disk it shows, in bytes
     */
    public BlockDevice asDevice(long size, int logicalSectorSize) {
        return new TargetDevice(this, disk, size, logicalSectorSize);
    }

    /** Fills the buffer from what was written or held back; what is held back and not there yet are zeros. */
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        int start = target.position();
        long end = diskOffset + target.remaining();
        disk.read(target, diskOffset);
        synchronized (held) {
            for (Held run : held) {
                long from = Math.max(diskOffset, run.diskOffset);
                long to = Math.min(end, run.diskOffset + run.bytes.limit());
                if (from < to) {
                    target.put(start + (int) (from - diskOffset), run.bytes, (int) (from - run.diskOffset), (int)
                            (to - from));
                }
            }
        }
    }

    /** Writes what was held back, the disk's first bytes at the very end, and waits until all is on the medium. */
    public void finish() throws IOException {
        disk.flush();
        for (int number = held.size() - 1; number >= 0; number--) {
            Held run = held.get(number);
            for (int end = run.present.length(); end > 0; ) {
                int start = Math.max(run.present.previousClearBit(end - 1) + 1, (end - 1) / PIECE * PIECE);
                writeHeld(run.bytes.slice(start, end - start), run.diskOffset + start);
                end = run.present.previousSetBit(start - 1) + 1;
            }
        }
        disk.flush();
    }

    private void writeHeld(ByteBuffer piece, long diskOffset) throws IOException {
        if (!compare || differs(piece, diskOffset)) {
            written.addAndGet(piece.remaining());
            disk.write(piece, diskOffset);
        }
    }
}

package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.MemoryDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A disk in memory with bad sectors, which notes what is written to it and calls back on each read. */
final class FaultyDisk implements BlockDevice {
    private final MemoryDevice disk;
    static final int CONTENT = 128 << 10;

    private final byte[] bytes;
    private final Set<Long> badSectors;
    private final List<String> writes = new ArrayList<>();
    private Runnable onRead = () -> {};
    private Runnable onContentRead = () -> {};
    private int sectorSize = 512;
    private boolean writable = true;
    private int failAtWrite = -1;
    private String state = "";

    FaultyDisk(byte[] bytes, Set<Long> badSectors) {
        this.bytes = bytes;
        this.disk = MemoryDevice.over(bytes);
        this.badSectors = badSectors;
    }

    FaultyDisk onRead(Runnable action) {
        onRead = action;
        return this;
    }

    /** Runs an action before each read of much, which is one of content and not of a partition table. */
    FaultyDisk onContentRead(Runnable action) {
        onContentRead = action;
        return this;
    }

    FaultyDisk sectorSize(int size) {
        sectorSize = size;
        return this;
    }

    FaultyDisk readOnly() {
        writable = false;
        return this;
    }

    FaultyDisk failAtWrite(int number) {
        failAtWrite = number;
        return this;
    }

    /** Sets what the disk says about its state from now on. */
    FaultyDisk state(String newState) {
        state = newState;
        return this;
    }

    @Override
    public Optional<String> state() {
        return state.isEmpty() ? Optional.empty() : Optional.of(state);
    }

    @Override
    public Map<String, String> identity() {
        return Map.of(MODEL, "Imaginary 9000", SERIAL, "F4U17");
    }

    byte[] bytes() {
        return bytes;
    }

    /** Returns what was done to the disk: its places in order, and flushes. */
    synchronized List<String> writes() {
        return List.copyOf(writes);
    }

    @Override
    public String name() {
        return "faulty";
    }

    @Override
    public long size() {
        return disk.size();
    }

    @Override
    public int logicalSectorSize() {
        return sectorSize;
    }

    @Override
    public boolean isWritable() {
        return writable;
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        onRead.run();
        if (target.remaining() >= CONTENT) {
            onContentRead.run();
        }
        long end = diskOffset + target.remaining();
        for (long sector = diskOffset / 512; sector * 512 < end; sector++) {
            if (badSectors.contains(sector)) {
                throw new DeviceException(name(), "read", sector * 512, 5, "Input/output error", null);
            }
        }
        disk.read(target, diskOffset);
    }

    @Override
    public synchronized void write(ByteBuffer source, long diskOffset) throws IOException {
        if (writes.size() == failAtWrite) {
            throw new DeviceException(name(), "write", diskOffset, 28, "No space left on device", null);
        }
        writes.add(diskOffset + "+" + source.remaining());
        disk.write(source, diskOffset);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}

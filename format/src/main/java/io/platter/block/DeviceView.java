package io.platter.block;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A device that stands in front of another one, and says of itself what that one says: whoever looks at it sees by what
 * the bytes are used and on what they stand. For devices that show a part of another one, or its bytes in another way.
 *
 * <p>Zeros, discards and extents are not handed on: those of {@link BlockDevice} go through the view's own
 * {@link #read} and {@link #write}, so that a view which changes these is right in the others, too.
 *
 * <p>Safe for use by several threads, as the other device is.
 */
public abstract class DeviceView implements BlockDevice {
    private final BlockDevice device;

    /** Stands in front of a device, which is closed by whoever opened it. */
    protected DeviceView(BlockDevice device) {
        this.device = Objects.requireNonNull(device, "device");
    }

    /** Returns the device that is viewed. */
    protected final BlockDevice device() {
        return device;
    }

    @Override
    public String name() {
        return device.name();
    }

    @Override
    public long size() {
        return device.size();
    }

    @Override
    public int logicalSectorSize() {
        return device.logicalSectorSize();
    }

    @Override
    public int physicalSectorSize() {
        return device.physicalSectorSize();
    }

    @Override
    public boolean isWritable() {
        return device.isWritable();
    }

    @Override
    public List<Backing> backing() throws IOException {
        return device.backing();
    }

    @Override
    public List<DiskUse> uses() throws IOException {
        return device.uses();
    }

    /** Returns the state of the whole device: a change elsewhere on it shows here, too. */
    @Override
    public Optional<String> state() throws IOException {
        return device.state();
    }

    @Override
    public Map<String, String> identity() {
        return device.identity();
    }

    @Override
    public void read(ByteBuffer target, long diskOffset) throws IOException {
        device.read(target, diskOffset);
    }

    @Override
    public void write(ByteBuffer source, long diskOffset) throws IOException {
        Ranges.checkWritable(this);
        device.write(source, diskOffset);
    }

    @Override
    public void flush() throws IOException {
        if (isWritable()) {
            device.flush();
        }
    }

    /** Does nothing: the device is closed by whoever opened it. */
    @Override
    public void close() throws IOException {}
}

package io.platter.filesystem.kit;

import io.platter.block.BlockDevice;
import io.platter.block.MemoryDevice;
import io.platter.testkit.Damage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The parts of a volume that say where everything is, to be damaged in place of the whole volume, most of which is data. */
public final class DamagedRegions {
    private final byte[] volume;
    private final List<int[]> regions = new ArrayList<>();

    public DamagedRegions(byte[] volume) {
        this.volume = volume;
    }

    /** Adds a part of the volume. */
    public DamagedRegions with(long offset, int length) {
        regions.add(new int[] {Math.toIntExact(offset), length});
        return this;
    }

    /** Returns the bytes of all parts, one after the other. */
    public byte[] bytes() {
        byte[] bytes = new byte[0];
        for (int[] region : regions) {
            int at = bytes.length;
            bytes = Arrays.copyOf(bytes, at + region[1]);
            System.arraycopy(volume, region[0], bytes, at, region[1]);
        }
        return bytes;
    }

    /** Returns a parser of {@link #bytes} that shows another parser the volume with them in their places. */
    public Damage.Parser parser(Damage.Parser parser) {
        return damaged -> parser.parse(put(damaged));
    }

    private BlockDevice put(BlockDevice damaged) throws IOException {
        long at = 0;
        for (int[] region : regions) {
            damaged.read(ByteBuffer.wrap(volume, region[0], region[1]), at);
            at += region[1];
        }
        return MemoryDevice.over(volume);
    }
}

package io.platter.filesystem.readonly;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.ExtentSet;
import io.platter.filesystem.kit.Filesystem;
import io.platter.filesystem.kit.Proof;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * UDF, taken whole from its start to the last of its anchors, even where it could be written to.
 *
 * <p>Source: ECMA-167 and the UDF specification 2.60; the offsets are from there.
 */
public final class Udf implements Filesystem {
    private static final long RECOGNITION_AREA = 32 << 10;
    private static final int RECOGNITION_STEP = 2048;
    private static final int RECOGNITION_STEPS = 64;
    static final int ANCHOR_BLOCK = 256;

    @Override
    public String name() {
        return "udf";
    }

    @Override
    public long sizeOf(BlockDevice volume) throws IOException, UnprovenException {
        if (isRecognised(volume)) {
            throw new UnprovenException(Reason.UNKNOWN_FEATURE, "the last of its anchors stands at the volume's end");
        }
        return 0;
    }

    @Override
    public Optional<AllocationMap> map(BlockDevice volume) throws IOException {
        if (!isRecognised(volume)) {
            return Optional.empty();
        }
        for (int blockSize = 512; blockSize <= 32 << 10; blockSize *= 2) {
            Optional<UdfDescriptor> anchor = UdfDescriptor.read(volume, blockSize, ANCHOR_BLOCK);
            if (anchor.isPresent() && anchor.get().type() == UdfDescriptor.ANCHOR) {
                UdfVolume found = UdfVolume.read(volume, blockSize, anchor.get());
                AllocationMap map = new AllocationMap(
                        name(),
                        found.label(),
                        found.uuid(),
                        volume.size(),
                        blockSize,
                        VolumeState.UNKNOWN,
                        Reason.NONE,
                        "",
                        ExtentSet.EMPTY);
                return Optional.of(Proof.apply(map, () -> ReadOnlyImage.used(volume, found.end(volume))));
            }
        }
        return Optional.of(AllocationMap.whole(volume, name(), Reason.DAMAGED, "no anchor at block " + ANCHOR_BLOCK));
    }

    private static boolean isRecognised(BlockDevice volume) throws IOException {
        for (int step = 0; step < RECOGNITION_STEPS; step++) {
            long at = RECOGNITION_AREA + (long) step * RECOGNITION_STEP;
            if (at + RECOGNITION_STEP > volume.size()) {
                return false;
            }
            String identifier =
                    ByteReader.read(volume, at + 1, 5, ByteOrder.LITTLE_ENDIAN).readText(5, StandardCharsets.US_ASCII);
            if (identifier.equals("NSR02") || identifier.equals("NSR03")) {
                return true;
            }
        }
        return false;
    }
}

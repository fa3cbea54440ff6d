package io.platter.virtualdisk;

import io.platter.block.BlockDevice;
import java.io.IOException;

/**
 * What a VHDX file says of itself.
 *
 * @param bytes the file as it is after the replay of its log
 */
record VhdxFile(BlockDevice bytes, VhdxHeader header, VhdxRegions regions, VhdxMetadata metadata) {
    static VhdxFile read(BlockDevice file) throws IOException {
        VhdxHeader header = VhdxHeader.read(file);
        BlockDevice bytes = VhdxLog.replay(file, header);
        VhdxRegions regions = VhdxRegions.read(bytes);
        return new VhdxFile(bytes, header, regions, VhdxMetadata.read(bytes, regions.metadata()));
    }
}

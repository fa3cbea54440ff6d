package io.platter.virtualdisk.vhdx;

import io.platter.block.BlockDevice;
import java.io.IOException;

/**
 * What a VHDX file says of itself.
 *
 * @param bytes the file as it is after the replay of its log
 */
record OpenFile(BlockDevice bytes, Header header, Regions regions, Metadata metadata) {
    static OpenFile read(BlockDevice file) throws IOException {
        Header header = Header.read(file);
        BlockDevice bytes = Log.replay(file, header);
        Regions regions = Regions.read(bytes);
        return new OpenFile(bytes, header, regions, Metadata.read(bytes, regions.metadata()));
    }
}

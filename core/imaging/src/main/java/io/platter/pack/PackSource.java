package io.platter.pack;

import io.platter.block.BlockDevice;
import io.platter.image.FileId;
import java.io.IOException;

/**
 * Gives the packs that an image names.
 *
 * <p>Safe for use by several threads.
 */
@FunctionalInterface
public interface PackSource {
    /**
     * Returns the bytes of a pack. Asked for again and again: whoever gives them keeps what is costly to open.
     *
     * @param id the pack's
     * @return stays the source's; used by several threads at a time
     * @throws java.nio.file.NoSuchFileException if there is no such pack
     * @throws IOException if it can't be opened
     */
    BlockDevice pack(FileId id) throws IOException;
}

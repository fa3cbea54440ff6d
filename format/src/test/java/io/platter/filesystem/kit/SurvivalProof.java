package io.platter.filesystem.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.SortedMap;

/**
 * Shows what a map is worth: all bytes that it leaves out are overwritten, then the filesystem's own check must find
 * nothing, and the tree must be the same to the last byte.
 *
 * <pre>{@code
 * AllocationMap map = new SurvivalProof(new Ext(), "ext4").check(copy -> e2fsck.run("-fn", copy)).of(image);
 * }</pre>
 */
public final class SurvivalProof {
    private final Filesystem filesystem;
    private final TreeReader reader;
    private Check check = image -> {};

    /** Lists the tree in an image file, without changing a byte of it. */
    @FunctionalInterface
    public interface TreeReader {
        SortedMap<String, String> read(Path image) throws IOException;
    }

    /** Fails if something is wrong with the filesystem in an image file. */
    @FunctionalInterface
    public interface Check {
        void run(Path image) throws IOException;
    }

    /**
     * Prepares a proof for a filesystem that the kernel can mount.
     *
     * @param type for {@code mount -t}
     */
    public SurvivalProof(Filesystem filesystem, String type) {
        this(filesystem, image -> {
            try (Mount mount = Mount.readOnly(image, type, "")) {
                return FileTree.list(mount.directory());
            }
        });
    }

    /** Prepares a proof for a filesystem that is read in another way. */
    public SurvivalProof(Filesystem filesystem, TreeReader reader) {
        this.filesystem = filesystem;
        this.reader = reader;
    }

    /** Sets the check of the filesystem; it is run on the image as it is too, so that it can't fail for other reasons. */
    public SurvivalProof check(Check newCheck) {
        check = newCheck;
        return this;
    }

    /** Returns the map of the filesystem in an image file, after showing that nothing outside of it matters. */
    public AllocationMap of(Path image) throws IOException {
        check.run(image);
        SortedMap<String, String> expected = reader.read(image);
        AllocationMap map = map(image);
        assertThat(map.reason()).as(map.detail()).isEqualTo(Reason.NONE);
        assertThat(map.size()).isEqualTo(Files.size(image));
        Path copy = image.resolveSibling(image.getFileName() + ".garbage");
        try {
            copyUsedOverGarbage(image, copy, map.used());
            check.run(copy);
            assertThat(reader.read(copy)).isEqualTo(expected);
        } finally {
            Files.deleteIfExists(copy);
        }
        return map;
    }

    /** Returns the map of the filesystem in an image file. */
    public AllocationMap map(Path image) throws IOException {
        try (BlockDevice device = FileDevice.open(image, OpenMode.READ)) {
            return filesystem.map(device).orElseThrow();
        }
    }

    /** Copies the bytes of a map to a new file; all others are garbage there. */
    public static void copyUsedOverGarbage(Path image, Path copy, ExtentSet used) throws IOException {
        byte[] garbage = new byte[1 << 20];
        new Random(4).nextBytes(garbage);
        try (BlockDevice source = FileDevice.open(image, OpenMode.READ);
                BlockDevice target = FileDevice.create(copy, source.size())) {
            ExtentSet unused = used.complement(0, source.size());
            for (int run = 0; run < unused.count(); run++) {
                for (long at = unused.offset(run); at < unused.end(run); at += garbage.length) {
                    int length = (int) Math.min(garbage.length, unused.end(run) - at);
                    target.write(ByteBuffer.wrap(garbage, 0, length), at);
                }
            }
            for (int run = 0; run < used.count(); run++) {
                for (long at = used.offset(run); at < used.end(run); at += garbage.length) {
                    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(garbage.length, used.end(run) - at));
                    source.read(bytes, at);
                    target.write(bytes.flip(), at);
                }
            }
        }
    }
}

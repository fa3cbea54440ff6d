package io.platter.filesystem.kit;

import io.platter.allocation.AllocationMap;
import io.platter.block.BlockDevice;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.filesystem.Filesystems;
import io.platter.test.Oracle;
import java.io.IOException;
import java.nio.file.Path;

/** Maps a volume in a virtual machine of its own that has little memory. */
public final class SmallHeap {
    private SmallHeap() {}

    /**
     * Returns kind, state and reason of the map of an image file, and how many allocation units are free.
     *
     * @param megabytes the size of the heap
     */
    public static String map(Path image, int megabytes) {
        return Oracle.of("env")
                .run(
                        Path.of(System.getProperty("java.home"), "bin", "java"),
                        "-Xmx" + megabytes + "m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SmallHeap.class.getName(),
                        image)
                .strip();
    }

    /** Maps the volume in the file that the first argument names. */
    public static void main(String[] arguments) throws IOException {
        try (BlockDevice device = FileDevice.open(Path.of(arguments[0]), OpenMode.READ)) {
            AllocationMap map = Filesystems.probe(device);
            long free = (map.size() - map.used().bytes()) / Math.max(1, map.allocationUnit());
            System.out.println(String.join(
                    " ", map.filesystem(), map.state().code(), map.reason().code(), "free", String.valueOf(free)));
        }
    }
}

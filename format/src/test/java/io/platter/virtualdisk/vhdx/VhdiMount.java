package io.platter.virtualdisk.vhdx;

import io.platter.block.BlockDevice;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.test.Oracle;
import io.platter.testkit.DiskModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads a VHD or VHDX file, and its parents beside it, through libvhdi, which takes sectors of 4096 bytes too. */
public final class VhdiMount {
    private VhdiMount() {}

    /** Returns a range of the disk. */
    public static byte[] read(Path file, long diskOffset, int length) throws IOException {
        Oracle.requireRoot();
        Path directory = Files.createTempDirectory("vhdi-mount");
        try {
            Oracle.of("vhdimount").run(file, directory);
            try (BlockDevice disk = FileDevice.open(newest(directory), OpenMode.READ)) {
                return DiskModel.read(disk, diskOffset, length);
            } finally {
                Oracle.of("umount").run(directory);
            }
        } finally {
            Files.delete(directory);
        }
    }

    /** Returns the child: the last of the disks that are shown as vhdi1, vhdi2 and so on. */
    private static Path newest(Path directory) {
        Path disk = directory.resolve("vhdi1");
        for (int i = 2; Files.exists(directory.resolve("vhdi" + i)); i++) {
            disk = directory.resolve("vhdi" + i);
        }
        return disk;
    }
}

package io.platter.nativeio.linux;

import com.sun.jna.Memory;
import io.platter.block.DeviceException;
import io.platter.block.FileIdentity;
import io.platter.nativeio.posix.Descriptor;
import java.nio.file.Path;
import java.util.Optional;

/** What the kernel says of a loop device: {@code LOOP_GET_STATUS64}. Source: loop(4), linux/loop.h. */
final class LoopStatus {
    /** Offsets in {@code struct loop_info64}: linux/loop.h. */
    static final int LO_DEVICE = 0, LO_INODE = 8, LO_RDEVICE = 16, SIZE = 232;

    private LoopStatus() {}

    /** Returns the file under a loop device, or nothing if we may not ask or it has none. */
    static Optional<SystemTree.Node> read(Path node) {
        try {
            LibC libc = LibC.LIBRARY.neededFor(node.toString());
            try (Descriptor loop = Descriptor.open(libc, node, LinuxConstants.O_RDONLY | LinuxConstants.O_CLOEXEC);
                    Memory status = new Memory(SIZE)) {
                status.clear();
                loop.ioctl("LOOP_GET_STATUS64", LinuxConstants.LOOP_GET_STATUS64, status);
                long number = status.getLong(LO_RDEVICE);
                return Optional.of(new SystemTree.Node(
                        FileIdentity.deviceNumber(status.getLong(LO_DEVICE)),
                        status.getLong(LO_INODE),
                        number != 0,
                        FileIdentity.deviceNumber(number)));
            }
        } catch (DeviceException e) {
            return Optional.empty();
        }
    }
}

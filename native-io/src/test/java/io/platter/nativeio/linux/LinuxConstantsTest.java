package io.platter.nativeio.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.nativeio.CProgram;
import io.platter.nativeio.posix.PosixConstants;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxConstantsTest {
    @TempDir
    Path directory;

    @Test
    void theyAreWhatTheHeadersSay() throws Exception {
        Map<String, Long> ours = new TreeMap<>();
        for (Field field : LinuxConstants.class.getDeclaredFields()) {
            ours.put(field.getName(), ((Number) field.get(null)).longValue());
        }
        ours.put("EINTR", (long) PosixConstants.EINTR);
        ours.put("ENXIO", (long) PosixConstants.ENXIO);
        ours.put("EINVAL", (long) PosixConstants.EINVAL);
        ours.put("O_DIRECT", (long) LinuxConstants.oDirect(System.getProperty("os.arch")));
        ours.put("offsetof(struct blkpg_ioctl_arg, op)", (long) KernelPartitions.ARG_OP);
        ours.put("offsetof(struct blkpg_ioctl_arg, datalen)", (long) KernelPartitions.ARG_DATALEN);
        ours.put("offsetof(struct blkpg_ioctl_arg, data)", (long) KernelPartitions.ARG_DATA);
        ours.put("sizeof(struct blkpg_ioctl_arg)", (long) KernelPartitions.ARG_SIZE);
        ours.put("offsetof(struct blkpg_partition, start)", (long) KernelPartitions.PART_START);
        ours.put("offsetof(struct blkpg_partition, length)", (long) KernelPartitions.PART_LENGTH);
        ours.put("offsetof(struct blkpg_partition, pno)", (long) KernelPartitions.PART_PNO);
        ours.put("offsetof(struct loop_info64, lo_device)", (long) LoopStatus.LO_DEVICE);
        ours.put("offsetof(struct loop_info64, lo_inode)", (long) LoopStatus.LO_INODE);
        ours.put("offsetof(struct loop_info64, lo_rdevice)", (long) LoopStatus.LO_RDEVICE);
        ours.put("sizeof(struct loop_info64)", (long) LoopStatus.SIZE);
        ours.put("sizeof(struct blkpg_partition)", (long) KernelPartitions.PART_SIZE);

        Map<String, Long> theirs = CProgram.values(
                directory,
                "gcc",
                List.of(),
                List.of(
                        "errno.h",
                        "fcntl.h",
                        "unistd.h",
                        "linux/fs.h",
                        "linux/falloc.h",
                        "linux/blkpg.h",
                        "linux/loop.h"),
                List.copyOf(ours.keySet()));

        assertThat(ours).isEqualTo(theirs);
    }
}

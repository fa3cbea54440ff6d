package io.platter.nativeio.linux;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A C library over one disk in memory, which fails where it is told to. */
final class FakeKernel implements LibC {
    final byte[] disk;
    final List<String> calls = new ArrayList<>();
    final Set<Integer> open = new HashSet<>();

    /** The number of the call that fails, from 1, with {@link #errno}; 0 for none. */
    int failing;

    int errno = 5;

    /** The starts of the names of calls that always fail, with the error of each. */
    final Map<String, Integer> refused = new HashMap<>();

    long sequence = 7;
    int bytesPerTransfer = Integer.MAX_VALUE;

    FakeKernel(int size) {
        disk = new byte[size];
    }

    private boolean fails(String call) {
        calls.add(call);
        if (calls.size() == failing) {
            Native.setLastError(errno);
            return true;
        }
        for (Map.Entry<String, Integer> refusal : refused.entrySet()) {
            if (call.startsWith(refusal.getKey())) {
                Native.setLastError(refusal.getValue());
                return true;
            }
        }
        return false;
    }

    @Override
    public int open(byte[] path, int flags, Object... mode) {
        if (fails((flags & LinuxConstants.O_EXCL) != 0 ? "open exclusively" : "open")) {
            return -1;
        }
        int fd = 100 + calls.size();
        open.add(fd);
        return fd;
    }

    @Override
    public int close(int fd) {
        if (!open.remove(fd)) {
            throw new AssertionError("close of " + fd);
        }
        return fails("close") ? -1 : 0;
    }

    @Override
    public long lseek(int fd, long offset, int whence) {
        return fails("lseek") ? -1 : offset;
    }

    @Override
    public int fallocate(int fd, int mode, long offset, long length) {
        return fails("fallocate") ? -1 : fill(offset, length);
    }

    private int fill(long offset, long length) {
        Arrays.fill(disk, (int) offset, (int) (offset + length), (byte) 0);
        return 0;
    }

    @Override
    public long pread(int fd, ByteBuffer target, long count, long offset) {
        if (fails("pread")) {
            return -1;
        }
        int length = (int) Math.min(Math.min(count, bytesPerTransfer), disk.length - offset);
        target.put(disk, (int) offset, length);
        return length;
    }

    @Override
    public long pwrite(int fd, ByteBuffer source, long count, long offset) {
        if (fails("pwrite")) {
            return -1;
        }
        int length = (int) Math.min(Math.min(count, bytesPerTransfer), disk.length - offset);
        source.get(disk, (int) offset, length);
        return length;
    }

    @Override
    public int fsync(int fd) {
        return fails("fsync") ? -1 : 0;
    }

    @Override
    public int posix_fadvise(int fd, long offset, long length, int advice) {
        return fails("posix_fadvise") ? errno : 0;
    }

    @Override
    public int ioctl(int fd, long request, Object... argument) {
        if (fails("ioctl " + Long.toHexString(request))) {
            return -1;
        }
        if (request == LinuxConstants.BLKGETSIZE64) {
            ((Pointer) argument[0]).setLong(0, disk.length);
        } else if (request == LinuxConstants.BLKGETDISKSEQ) {
            ((Pointer) argument[0]).setLong(0, sequence);
        } else if (request == LinuxConstants.BLKZEROOUT) {
            Pointer range = (Pointer) argument[0];
            return fill(range.getLong(0), range.getLong(8));
        }
        return 0;
    }

    @Override
    public Pointer strerror(int number) {
        byte[] text = ("error number " + number + "\0").getBytes(StandardCharsets.US_ASCII);
        Memory memory = new Memory(text.length);
        memory.write(0, text, 0, text.length);
        return memory;
    }
}

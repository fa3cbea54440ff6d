package io.platter.nativeio.macos;

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

/** A macOS with one disk in memory, whose calls fail where they are told to. */
final class FakeMac implements LibSystem {
    byte[] disk = new byte[64 * 1024];
    final List<String> calls = new ArrayList<>();
    final Set<Integer> open = new HashSet<>();

    /** The starts of the names of calls that always fail, with the error of each. */
    final Map<String, Integer> refused = new HashMap<>();

    /** The number of the call that fails with EIO, from 1; 0 for none. */
    int failing;

    private boolean fails(String call) {
        calls.add(call);
        if (calls.size() == failing) {
            Native.setLastError(5);
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
        if (fails((flags & MacConstants.O_EXLOCK) != 0 ? "open exclusively" : "open")) {
            return -1;
        }
        open.add(calls.size());
        return calls.size();
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
    public long pread(int fd, ByteBuffer target, long count, long offset) {
        if (fails("pread")) {
            return -1;
        }
        target.put(disk, (int) offset, (int) count);
        return count;
    }

    @Override
    public long pwrite(int fd, ByteBuffer source, long count, long offset) {
        if (fails("pwrite")) {
            return -1;
        }
        source.get(disk, (int) offset, (int) count);
        return count;
    }

    @Override
    public int fsync(int fd) {
        return fails("fsync") ? -1 : 0;
    }

    @Override
    public int ioctl(int fd, long request, Object... argument) {
        if (fails("ioctl " + Long.toHexString(request))) {
            return -1;
        }
        Pointer pointer = (Pointer) argument[0];
        if (request == MacConstants.DKIOCGETBLOCKSIZE) {
            pointer.setInt(0, 512);
        } else if (request == MacConstants.DKIOCGETBLOCKCOUNT) {
            pointer.setLong(0, disk.length / 512);
        } else if (request == MacConstants.DKIOCGETPHYSICALBLOCKSIZE) {
            pointer.setInt(0, 4096);
        } else if (request == MacConstants.DKIOCISWRITABLE) {
            pointer.setInt(0, 1);
        } else if (request == MacConstants.DKIOCGETFEATURES) {
            pointer.setInt(0, MacConstants.DK_FEATURE_UNMAP);
        } else if (request == MacConstants.DKIOCGETBASE) {
            pointer.setLong(0, 4096);
        } else if (request == MacConstants.DKIOCUNMAP) {
            Pointer extent = pointer.getPointer(MacConstants.UNMAP_EXTENTS);
            int start = (int) extent.getLong(MacConstants.EXTENT_OFFSET);
            Arrays.fill(disk, start, start + (int) extent.getLong(MacConstants.EXTENT_LENGTH), (byte) 0);
        }
        return 0;
    }

    @Override
    public int fcntl(int fd, int command, Object... argument) {
        return fails("fcntl " + command) ? -1 : 0;
    }

    @Override
    public Pointer strerror(int number) {
        byte[] text = ("error number " + number + "\0").getBytes(StandardCharsets.US_ASCII);
        Memory memory = new Memory(text.length);
        memory.write(0, text, 0, text.length);
        return memory;
    }
}

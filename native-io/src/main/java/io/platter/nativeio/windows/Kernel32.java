package io.platter.nativeio.windows;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.WString;
import com.sun.jna.ptr.IntByReference;
import io.platter.nativeio.platform.NativeLibrary;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The calls of {@code kernel32.dll} that this package makes, by their own names; see the Win32 API reference for
 * {@code fileapi.h}, {@code ioapiset.h}, {@code handleapi.h}, {@code winbase.h}.
 *
 * <p>A handle is a pointer; −1 is {@code INVALID_HANDLE_VALUE}. A call that fails returns false, null or that, and leaves
 * its reason for {@code GetLastError}, which JNA keeps per thread.
 *
 * <p>Safe for use by several threads.
 */
interface Kernel32 extends Library {
    /** Loads the library, and JNA, when it is first needed; nothing else may name a type of JNA before. */
    NativeLibrary<Kernel32> LIBRARY = new NativeLibrary<>(() -> Native.load("kernel32", Kernel32.class));

    @Nullable
    Pointer CreateFileW(
            WString name,
            int access,
            int share,
            @Nullable Pointer security,
            int disposition,
            int flags,
            @Nullable Pointer template);

    boolean CloseHandle(Pointer handle);

    boolean DeviceIoControl(
            Pointer handle,
            int code,
            @Nullable Pointer input,
            int inputLength,
            @Nullable Pointer output,
            int outputLength,
            IntByReference returned,
            @Nullable Pointer overlapped);

    boolean ReadFile(Pointer handle, ByteBuffer target, int count, IntByReference done, Pointer overlapped);

    boolean WriteFile(Pointer handle, ByteBuffer source, int count, IntByReference done, Pointer overlapped);

    boolean FlushFileBuffers(Pointer handle);

    @Nullable
    Pointer FindFirstVolumeW(char[] name, int length);

    boolean FindNextVolumeW(Pointer search, char[] name, int length);

    boolean FindVolumeClose(Pointer search);

    boolean GetVolumePathNamesForVolumeNameW(WString volume, char[] names, int length, IntByReference needed);

    boolean GetVolumePathNameW(WString file, char[] mountPoint, int length);

    boolean GetVolumeNameForVolumeMountPointW(WString mountPoint, char[] volume, int length);

    int GetSystemWindowsDirectoryW(char[] directory, int length);

    int FormatMessageW(
            int flags,
            @Nullable Pointer source,
            int message,
            int language,
            char[] text,
            int length,
            @Nullable Pointer arguments);
}

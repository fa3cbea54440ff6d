package io.platter.nativeio.windows;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.WString;
import com.sun.jna.ptr.IntByReference;
import io.platter.nativeio.CProgram;
import io.platter.test.Oracle;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Wine as a {@code kernel32}: a program in C under Wine makes each call that is made here. */
final class Wine implements Kernel32 {
    private static final String COMPILER = "x86_64-w64-mingw32-gcc";
    private static final Path WINE = Path.of("/usr/lib/wine/wine64");
    private static final Path SERVER = Path.of("/usr/lib/wine/wineserver64");

    private final Path directory;
    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter calls;

    /** Starts Wine with a Windows of its own in a directory. */
    Wine(Path directory) throws IOException {
        this.directory = directory;
        Oracle.of(COMPILER);
        Oracle.of("wine");
        Path source = directory.resolve("bridge.c");
        try (var stream = Wine.class.getResourceAsStream("kernel32-bridge.c")) {
            Files.copy(Objects.requireNonNull(stream), source);
        }
        Oracle.of(COMPILER).run("-Wall", "-Werror", "-o", directory.resolve("bridge.exe"), source);
        ProcessBuilder builder = new ProcessBuilder(WINE.toString(), "bridge.exe").directory(directory.toFile());
        builder.environment().putAll(environment());
        process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        answers = process.inputReader(StandardCharsets.US_ASCII);
        calls = process.outputWriter(StandardCharsets.US_ASCII);
    }

    private Map<String, String> environment() {
        return Map.of(
                "WINEPREFIX", directory.resolve("prefix").toString(),
                "WINEDEBUG", "-all",
                "WINEDLLOVERRIDES", "mscoree,mshtml=");
    }

    /** Returns what the headers say of expressions. */
    Map<String, Long> values(List<String> expressions) throws IOException {
        List<String> runner = new ArrayList<>();
        environment().forEach((name, value) -> runner.add(name + "=" + value));
        runner.add(WINE.toString());
        return CProgram.values(directory, COMPILER, runner, List.of("windows.h", "winioctl.h"), expressions);
    }

    /** Ends the program, and waits until no process works in the directory. */
    void stop() throws Exception {
        calls.close();
        process.waitFor();
        ProcessBuilder server = new ProcessBuilder("sh", "-c", SERVER + " --kill; " + SERVER + " --wait");
        server.environment().putAll(environment());
        server.start().waitFor();
        // Full of links to the real home directory and devices.
        Oracle.of("rm").run("-r", directory.resolve("prefix"));
    }

    private record Answer(long result, int count, String hex) {
        byte[] bytes() {
            return HexFormat.of().parseHex(hex);
        }

        boolean succeeded() {
            return result != 0;
        }

        String text() {
            return new String(bytes(), StandardCharsets.UTF_16LE);
        }
    }

    private synchronized Answer call(String name, Object... arguments) {
        StringBuilder line = new StringBuilder(name);
        for (Object argument : arguments) {
            line.append(' ')
                    .append(
                            argument instanceof byte[] bytes
                                    ? "x" + HexFormat.of().formatHex(bytes)
                                    : argument);
        }
        try {
            calls.write(line.append('\n').toString());
            calls.flush();
            String[] answer = answers.readLine().strip().split(" ", -1);
            Native.setLastError(Integer.parseInt(answer[1]));
            return new Answer(Long.parseLong(answer[0]), Integer.parseInt(answer[2]), answer[3].substring(1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] utf16(WString text) {
        return text.toString().getBytes(StandardCharsets.UTF_16LE);
    }

    private static byte[] bytes(@Nullable Pointer pointer, int length) {
        return pointer == null ? new byte[0] : pointer.getByteArray(0, length);
    }

    private static long value(Pointer handle) {
        return Pointer.nativeValue(handle);
    }

    private static boolean fill(Answer answer, char[] target) {
        answer.text().getChars(0, Math.min(target.length, answer.text().length()), target, 0);
        return answer.succeeded();
    }

    @Override
    public Pointer CreateFileW(
            WString name,
            int access,
            int share,
            @Nullable Pointer security,
            int disposition,
            int flags,
            @Nullable Pointer template) {
        return new Pointer(call(
                        "CreateFileW",
                        utf16(name),
                        Integer.toUnsignedLong(access),
                        share,
                        disposition,
                        Integer.toUnsignedLong(flags))
                .result);
    }

    @Override
    public boolean CloseHandle(Pointer handle) {
        return call("CloseHandle", value(handle)).succeeded();
    }

    @Override
    public boolean DeviceIoControl(
            Pointer handle,
            int code,
            @Nullable Pointer input,
            int inputLength,
            @Nullable Pointer output,
            int outputLength,
            IntByReference returned,
            @Nullable Pointer overlapped) {
        Answer answer = call("DeviceIoControl", value(handle), code, bytes(input, inputLength), outputLength);
        if (output != null) {
            output.write(0, answer.bytes(), 0, outputLength);
        }
        returned.setValue(answer.count);
        return answer.succeeded();
    }

    @Override
    public boolean ReadFile(Pointer handle, ByteBuffer target, int count, IntByReference done, Pointer overlapped) {
        Answer answer = call("ReadFile", value(handle), Math.min(count, 65536), bytes(overlapped, 32));
        target.put(answer.bytes());
        done.setValue(answer.count);
        return answer.succeeded();
    }

    @Override
    public boolean WriteFile(Pointer handle, ByteBuffer source, int count, IntByReference done, Pointer overlapped) {
        byte[] bytes = new byte[Math.min(count, 65536)];
        source.get(bytes);
        Answer answer = call("WriteFile", value(handle), bytes(overlapped, 32), bytes);
        done.setValue(answer.count);
        return answer.succeeded();
    }

    @Override
    public boolean FlushFileBuffers(Pointer handle) {
        return call("FlushFileBuffers", value(handle)).succeeded();
    }

    @Override
    public Pointer FindFirstVolumeW(char[] name, int length) {
        Answer answer = call("FindFirstVolumeW");
        fill(answer, name);
        return new Pointer(answer.result);
    }

    @Override
    public boolean FindNextVolumeW(Pointer search, char[] name, int length) {
        return fill(call("FindNextVolumeW", value(search)), name);
    }

    @Override
    public boolean FindVolumeClose(Pointer search) {
        return call("FindVolumeClose", value(search)).succeeded();
    }

    @Override
    public boolean GetVolumePathNamesForVolumeNameW(WString volume, char[] names, int length, IntByReference needed) {
        Answer answer = call("GetVolumePathNamesForVolumeNameW", utf16(volume));
        needed.setValue(answer.count);
        return fill(answer, names);
    }

    @Override
    public boolean GetVolumePathNameW(WString file, char[] mountPoint, int length) {
        return fill(call("GetVolumePathNameW", utf16(file)), mountPoint);
    }

    @Override
    public boolean GetVolumeNameForVolumeMountPointW(WString mountPoint, char[] volume, int length) {
        return fill(call("GetVolumeNameForVolumeMountPointW", utf16(mountPoint)), volume);
    }

    @Override
    public int GetSystemWindowsDirectoryW(char[] directory, int length) {
        Answer answer = call("GetSystemWindowsDirectoryW");
        fill(answer, directory);
        return (int) answer.result;
    }

    @Override
    public int FormatMessageW(
            int flags,
            @Nullable Pointer source,
            int message,
            int language,
            char[] text,
            int length,
            @Nullable Pointer arguments) {
        Answer answer = call("FormatMessageW", flags, message);
        fill(answer, text);
        return (int) answer.result;
    }
}

package io.platter.nativeio.linux;

import io.platter.block.DeviceException;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A process that thaws a filesystem when ours can't any more. It reads from a pipe whose other end only we hold: the
 * kernel closes that when we die, of whatever.
 *
 * <p>Not thread-safe: one thread at a time.
 */
final class ThawWatchdog {
    private static final String SCRIPT = """
            PATH=$PATH:/usr/sbin:/sbin
            command -v fsfreeze >/dev/null && command -v timeout >/dev/null || exit 1
            echo ready
            answer=$(timeout "$2" cat)
            [ "$answer" = thawed ] || fsfreeze --unfreeze "$1"
            """;

    private final Process process;

    private ThawWatchdog(Process process) {
        this.process = process;
    }

    /** Starts the process and waits until it watches. */
    static ThawWatchdog start(Path mountPoint, Duration limit) throws IOException {
        // A session of its own, so that a signal to our group of processes does not end it.
        Process process = new ProcessBuilder(
                        "setsid",
                        "sh",
                        "-c",
                        SCRIPT,
                        "platter-thaw",
                        mountPoint.toString(),
                        Math.max(1, limit.toMillis()) / 1000.0 + "s")
                .directory(new File("/"))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader answers =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
        if (!"ready".equals(answers.readLine())) {
            process.destroy();
            throw new DeviceException(
                    mountPoint.toString(), "freeze", -1, 0, "the programs fsfreeze and timeout are needed", null);
        }
        return new ThawWatchdog(process);
    }

    /** Says that there is nothing to thaw, and waits until the process has ended. */
    void dismiss() {
        end("thawed\n");
    }

    /** Lets the process thaw what may still be frozen, and waits until it has ended. */
    void thawNow() {
        end("");
    }

    private void end(String message) {
        try (OutputStream pipe = process.getOutputStream()) {
            pipe.write(message.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException ended) {
            // It has ended before, when the time was over, and waits for no message.
        }
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            // It ends by itself.
            Thread.currentThread().interrupt();
        }
    }
}

package io.platter.nativeio.posix;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;

/** The names of files as the kernel has them: bytes. */
final class NativeNames {
    private NativeNames() {}

    /**
     * Returns the bytes of a path, and a NUL. The text of a path has lost them where the locale can't say them; its
     * URI has each that is not plain as {@code %xx}.
     */
    static byte[] of(Path path) {
        String uri = path.toAbsolutePath().toUri().getRawPath();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < uri.length(); i++) {
            if (uri.charAt(i) == '%') {
                bytes.write(Integer.parseInt(uri.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.write(uri.charAt(i));
            }
        }
        bytes.write(0);
        return bytes.toByteArray();
    }
}

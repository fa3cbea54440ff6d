package io.platter.cli;

import io.platter.block.BlockDevice;
import io.platter.nbd.NbdDevice;
import io.platter.nbd.NbdOptions;
import io.platter.nbd.NbdUri;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Disks that are named by the address of an NBD server in place of a path. */
final class NbdDisks {
    private NbdDisks() {}

    /** Returns the address that a name is. As a path, it has lost the slashes that Java takes for one. */
    static Optional<NbdUri> uri(Path name) {
        String text = name.toString();
        int colon = text.indexOf(':');
        if (colon < 0 || !NbdUri.matches(text.substring(0, colon) + "://")) {
            return Optional.empty();
        }
        boolean isSocket = text.substring(0, colon).toLowerCase(Locale.ROOT).endsWith("+unix");
        String rest = text.substring(colon + 1).replaceFirst("^/+", "");
        try {
            return Optional.of(NbdUri.parse(text.substring(0, colon) + (isSocket ? ":///" : "://") + rest));
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    /** Opens a disk. */
    static BlockDevice open(NbdUri uri, boolean writable) throws IOException {
        return NbdDevice.open(uri, writable ? NbdOptions.defaults().writable() : NbdOptions.defaults());
    }
}

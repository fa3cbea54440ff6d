package io.platter.image;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The name of this machine. */
final class HostName {
    private HostName() {}

    /** Returns the name, or an empty text if it can't be found out. */
    static String ofThisMachine() {
        String name = System.getenv("COMPUTERNAME");
        if (name != null) {
            return name;
        }
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            return asked();
        }
    }

    /** The last way, since it may wait for a name server. */
    private static String asked() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "";
        }
    }
}

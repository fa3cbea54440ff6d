package io.platter.programs;

import io.platter.Image;
import io.platter.ImageReader;
import io.platter.ReadOptions;
import io.platter.block.OverlayFile;
import io.platter.nbd.NbdExport;
import io.platter.nbd.NbdServer;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Serves the newest image of a file as a disk that may be written, for a hypervisor that starts from it at once: {@code ServeImage FILE
 * OVERLAY SOCKET}. What is written goes to the overlay; the end of the standard input ends the program.
 */
public final class ServeImage {
    /** What is kept of decoded frames: a booting guest comes back to the same places. */
    private static final long CACHE = 256L << 20;

    private ServeImage() {}

    /** Serves until the standard input ends. */
    public static void main(String[] arguments) throws IOException {
        try (ImageReader images =
                ImageReader.open(Path.of(arguments[0]), ReadOptions.defaults().cacheSize(CACHE))) {
            Image image = images.newestImage();
            try (OverlayFile overlay = OverlayFile.openOrCreate(
                            Path.of(arguments[1]),
                            NbdExport.of("", image).device(), // which fails where the captured disk did
                            image.info().id().toString());
                    NbdServer server = NbdServer.builder()
                            .export(NbdExport.of("", overlay).writable())
                            .listen(Path.of(arguments[2]))
                            .start()) {
                System.out.println("qemu-system-x86_64 -drive format=raw,file=" + server.uri(""));
                while (System.in.read() >= 0) {
                    // Whoever started this program keeps its input open as long as the guest runs.
                }
                System.out.println(overlay.changes().bytes() + " bytes differ from image " + image.number());
            }
        }
    }
}

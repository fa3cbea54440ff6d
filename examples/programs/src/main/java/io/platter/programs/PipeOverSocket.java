package io.platter.programs;

import io.platter.Capture;
import io.platter.ImageWriter;
import io.platter.StreamRestore;
import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.OpenMode;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.job.StreamRestoreReport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * Copies a disk from machine to machine, in one pass, compressed and checked: {@code PipeOverSocket receive PORT NEW-FILE},
 * then {@code PipeOverSocket send DISK HOST PORT}. Nothing is encrypted.
 */
public final class PipeOverSocket {
    private PipeOverSocket() {}

    /** Sends or receives. */
    public static void main(String[] arguments) throws IOException {
        if (arguments[0].equals("send")) {
            InetSocketAddress receiver = new InetSocketAddress(arguments[2], Integer.parseInt(arguments[3]));
            try (BlockDevice disk = BlockDevices.open(Path.of(arguments[1]), OpenMode.READ);
                    SocketChannel socket = SocketChannel.open(receiver);
                    ImageWriter writer =
                            ImageWriter.create(socket, DiskGeometry.ofContent(disk), ImageOptions.defaults())) {
                System.out.println("sent " + Capture.of(disk).to(writer).image().id());
            }
        } else {
            receive(Integer.parseInt(arguments[1]), Path.of(arguments[2]));
        }
    }

    private static void receive(int port, Path file) throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress(port))) {
            System.out.println("listening at port " + server.socket().getLocalPort());
            try (SocketChannel socket = server.accept()) {
                StreamRestoreReport report = StreamRestore.of(socket).toNewFile(file);
                System.out.println("received a disk of " + report.diskSize() + " bytes, "
                        + report.end().state());
            }
        }
    }
}

package io.platter.cli;

import io.platter.Image;
import io.platter.block.BlockDevice;
import io.platter.block.OverlayFile;
import io.platter.image.PropertyKeys;
import io.platter.job.CancellationToken;
import io.platter.nbd.NbdExport;
import io.platter.nbd.NbdServer;
import io.platter.nbd.NbdUri;
import io.platter.partition.Partition;
import io.platter.partition.PartitionTables;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.Option;

/** Serves a disk by NBD until the program is told to end. */
final class ServeNbdCommand implements Command {
    /** What is decoded ahead of a client that reads in order, in bytes. */
    private static final int READ_AHEAD = 4 << 20;

    private static final Option SOCKET =
            Command.value("socket", "PATH", "listen on a Unix socket, which is made there, and not on the network");
    private static final Option PORT = Command.value("port", "N", "the port; default: " + NbdUri.DEFAULT_PORT);
    private static final Option BIND = Command.value(
            "bind",
            "ADDRESS",
            "the address to listen on; default: 127.0.0.1, this machine only. Whoever reaches it reads the disk");
    private static final Option WRITABLE = Command.value(
            "writable",
            "OVERLAY",
            "let clients write: to this file, which is made if it is not there, and never to IMAGE");
    private static final Option FROM =
            Command.value("from", "F", "the format of IMAGE; default: recognised by its magic, so never raw");
    private static final Option RESOLVE =
            Command.value("resolve", "DIR", "open the files that IMAGE names, such as its parent, in this directory");

    private static final Parameter IMAGE = Parameter.of(
            "IMAGE",
            "an image file, a disk, a file of any disk format, or a repository: its directory or s3://BUCKET/PREFIX");

    @Override
    public String name() {
        return "serve nbd";
    }

    @Override
    public String description() {
        return "Serves a disk by NBD, for a hypervisor that boots from it; until Ctrl-C.";
    }

    @Override
    public List<Option> options() {
        return Repositories.options(Images.NUMBER, SOCKET, PORT, BIND, WRITABLE, FROM, RESOLVE);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(IMAGE);
    }

    @Override
    public String footer() {
        return "The disk is the export without a name; its partitions are partition-1 and so on, and the other images of a "
                + "file image-1 and so on.";
    }

    @Override
    public int run(Arguments given, Session session) throws IOException {
        if (given.has(SOCKET) && (given.has(PORT) || given.has(BIND))) {
            throw new UsageException("--socket goes with none of --port, --bind");
        }
        try (OpenDisk disk = OpenDisk.open(given, IMAGE, FROM, Images.NUMBER, RESOLVE, session)) {
            if (given.has(WRITABLE)) {
                try (OverlayFile overlay = overlay(given.path(WRITABLE).orElseThrow(), given, disk)) {
                    return serve(given, session, disk, Optional.of(overlay));
                }
            }
            return serve(given, session, disk, Optional.empty());
        }
    }

    private static OverlayFile overlay(Path file, Arguments given, OpenDisk disk) throws IOException {
        if (disk.image().isPresent()) {
            return OverlayFile.openOrCreate(
                    file,
                    NbdExport.of("", disk.image().get()).device(),
                    "image " + disk.image().get().info().id());
        }
        try (BlockDevice bytes = Disks.openForReading(given.path(IMAGE))) {
            return OverlayFile.openOrCreate(
                    file, disk.disk(), disk.format() + " disk, " + bytes.state().orElse("whose changes can't be seen"));
        }
    }

    private static int serve(Arguments given, Session session, OpenDisk disk, Optional<OverlayFile> overlay)
            throws IOException {
        NbdServer.Builder builder = NbdServer.builder().log(line -> note(session, line));
        exports(disk, overlay).forEach(builder::export);
        if (given.has(SOCKET)) {
            builder.listen(given.path(SOCKET).orElseThrow());
        } else {
            InetAddress address = InetAddress.getByName(given.text(BIND).orElse("127.0.0.1"));
            builder.listen(new InetSocketAddress(address, given.integer(PORT).orElse(NbdUri.DEFAULT_PORT)));
        }
        CancellationToken stop = new CancellationToken();
        Interruption.Watch watch = session.interruption().watch(stop);
        try (watch;
                NbdServer server = builder.start()) {
            session.report("serving " + disk.name() + " at " + server.uri("") + "; Ctrl-C ends it");
            session.report("  for example: qemu-system-x86_64 -m 1G -drive format=raw,if=virtio,"
                    + (overlay.isPresent() ? "" : "snapshot=on,") + "file='" + server.uri("") + "'");
            session.output().flush();
            waitFor(stop);
        }
        overlay.ifPresent(
                changes -> session.notice(Sizes.human(changes.changes().bytes()) + " differ from " + disk.name()
                        + ", in " + given.path(WRITABLE).orElseThrow()));
        return Main.SUCCESS;
    }

    private static void note(Session session, String line) {
        if (!session.quiet()) {
            session.notice(line);
        }
    }

    /** Waits for a signal, in steps that nobody notices. */
    private static void waitFor(CancellationToken stop) {
        while (!stop.isCancelled()) {
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                stop.cancel();
            }
        }
    }

    /** Returns the disk without a name, its partitions, and the other images of its file. */
    private static List<NbdExport> exports(OpenDisk disk, Optional<OverlayFile> overlay) throws IOException {
        List<NbdExport> exports = new ArrayList<>();
        NbdExport whole = whole(disk, overlay);
        exports.add(whole.describedAs("the disk of " + disk.name()));
        for (Partition partition : PartitionTables.read(disk.disk()).partitions()) {
            if (partition.length() > 0 && partition.end() <= disk.disk().size()) {
                NbdExport part = NbdExport.of(
                                "partition-" + partition.index(),
                                whole.device().slice(partition.diskOffset(), partition.length()))
                        .readAhead(whole.readAhead())
                        .describedAs(partition.name());
                exports.add(overlay.isPresent() ? part.writable() : part);
            }
        }
        if (disk.file() instanceof OpenImages images) {
            for (Image image : images.reader().images()) {
                exports.add(NbdExport.of("image-" + image.number(), image)
                        .describedAs(image.info().properties().getOrDefault(PropertyKeys.TIME, "")));
            }
        }
        return exports;
    }

    private static NbdExport whole(OpenDisk disk, Optional<OverlayFile> overlay) {
        if (overlay.isPresent()) {
            return NbdExport.of("", overlay.get()).writable().readAhead(READ_AHEAD);
        }
        return disk.image().isPresent()
                ? NbdExport.of("", disk.image().get())
                : NbdExport.of("", disk.disk()).readAhead(disk.format().equals(DiskFormats.RAW) ? 0 : READ_AHEAD);
    }
}

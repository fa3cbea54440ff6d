package io.platter.nativeio.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A machine that exists as a tree of files only. Files whose path holds {@code /lvm/} stand on device 253:0. */
final class FakeTree {
    private final Path root;
    private final Map<Path, String> nodes = new HashMap<>();
    private final Map<Path, SystemTree.Node> behindLoops = new HashMap<>();

    FakeTree(Path root) throws IOException {
        this.root = root;
        for (String directory : List.of("sys/block", "sys/class/block", "sys/dev/block", "proc/self", "dev", "run")) {
            Files.createDirectories(root.resolve(directory));
        }
        mounts();
        put("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n");
    }

    SystemTree tree() {
        SystemTree.Nodes numbers = new SystemTree.Nodes() {
            @Override
            public Optional<String> ofNode(Path path) throws IOException {
                return Optional.ofNullable(nodes.get(path.toRealPath()));
            }

            @Override
            public String holding(Path file) {
                return file.toString().contains("/lvm/") ? "253:0" : "0:99";
            }

            @Override
            public Optional<SystemTree.Node> behindLoop(Path loop) {
                return Optional.ofNullable(behindLoops.get(loop));
            }
        };
        return new SystemTree(
                root.resolve("sys"), root.resolve("proc"), root.resolve("dev"), root.resolve("run"), numbers);
    }

    /** Adds a disk whose sizes are in units of 512 bytes. */
    void disk(String place, String number, long size) throws IOException {
        Path directory = Files.createDirectories(root.resolve("sys/devices").resolve(place));
        String name = directory.getFileName().toString();
        Files.createSymbolicLink(root.resolve("sys/block").resolve(name), directory);
        block(directory, number, size);
    }

    void partition(String disk, String name, int partition, String number, long start, long size) throws IOException {
        Path directory = root.resolve("sys/block").resolve(disk).toRealPath().resolve(name);
        block(Files.createDirectories(directory), number, size);
        Files.writeString(directory.resolve("partition"), partition + "\n");
        Files.writeString(directory.resolve("start"), start + "\n");
    }

    private void block(Path directory, String number, long size) throws IOException {
        String name = directory.getFileName().toString();
        Files.createSymbolicLink(root.resolve("sys/class/block").resolve(name), directory);
        Files.createSymbolicLink(root.resolve("sys/dev/block").resolve(number), directory);
        Files.writeString(directory.resolve("size"), size + "\n");
        Files.writeString(directory.resolve("dev"), number + "\n");
        nodes.put(Files.createFile(node(name)).toRealPath(), number);
    }

    /** Lets a loop device say what is after it. */
    void loopFile(String loop, SystemTree.Node file) {
        behindLoops.put(node(loop), file);
    }

    Path node(String name) {
        return root.resolve("dev").resolve(name);
    }

    void mounts(String... lines) throws IOException {
        put("proc/self/mountinfo", String.join("\n", lines));
    }

    void put(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.write(path, text.getBytes(StandardCharsets.ISO_8859_1));
    }
}

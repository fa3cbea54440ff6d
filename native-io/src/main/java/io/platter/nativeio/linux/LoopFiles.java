package io.platter.nativeio.linux;

import io.platter.block.FileIdentity;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What loop devices are built over. Source: drivers/block/loop.c of the kernel, attributes of {@code loop/}. */
final class LoopFiles {
    /**
     * What is under a loop device.
     *
     * @param identity of the file, or of the block device
     * @param device the name of the block device, if it is one
     * @param holder the number of the device whose filesystem holds the file, if it is one
     * @param offset where the loop device starts in it, in bytes
     */
    record LoopFile(FileIdentity identity, Optional<String> device, Optional<String> holder, long offset) {}

    private final SystemTree tree;
    private final BlockClass blocks;

    LoopFiles(SystemTree tree, BlockClass blocks) {
        this.tree = tree;
        this.blocks = blocks;
    }

    /**
     * Returns what is under a device, or nothing if it is no loop device or has no file.
     *
     * <p>The attribute has the file's path as it is now, but not if the file was deleted or is not seen from here. Only
     * then, or if the file at the path can't be the one, the device itself is asked, which takes native code and rights.
     */
    Optional<LoopFile> under(String name) throws IOException {
        Path attributes = blocks.directory(name).resolve("loop");
        Optional<Path> path = backingFile(attributes.resolve("backing_file"));
        if (path.isEmpty()) {
            return Optional.empty();
        }
        long offset = SystemTree.numericAttribute(attributes.resolve("offset"));
        long limit = SystemTree.numericAttribute(attributes.resolve("sizelimit"));
        boolean exists = Files.exists(path.get());
        if (exists && fits(path.get(), offset, limit, blocks.size(name))) {
            return Optional.of(at(path.get(), offset));
        }
        Optional<SystemTree.Node> asked = tree.nodes().behindLoop(blocks.node(name));
        if (asked.isPresent()) {
            return Optional.of(of(asked.get(), offset));
        }
        return Optional.of(
                exists
                        ? at(path.get(), offset)
                        : new LoopFile(
                                new FileIdentity("file of loop device " + name),
                                Optional.empty(),
                                Optional.empty(),
                                offset));
    }

    /** The kernel writes bytes, with a line feed after them. */
    private static Optional<Path> backingFile(Path attribute) {
        try {
            Charset ofNames = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
            String text = new String(Files.readAllBytes(attribute), ofNames);
            return text.length() < 2 ? Optional.empty() : Optional.of(Path.of(text.substring(0, text.length() - 1)));
        } catch (IllegalArgumentException e) { // as InvalidPathException is
            return Optional.of(attribute.resolve("of-a-name-that-the-locale-has-not"));
        } catch (IOException e) {
            return Optional.empty(); // no such attribute: no loop device, or one without a file
        }
    }

    private boolean fits(Path path, long offset, long limit, long size) throws IOException {
        Optional<String> device = blocks.byNode(path);
        long room = (device.isPresent() ? blocks.size(device.get()) : Files.size(path)) - offset;
        long expected = limit > 0 ? Math.min(limit, room) : room;
        return expected - expected % BlockClass.UNIT == size;
    }

    private LoopFile at(Path path, long offset) throws IOException {
        Optional<String> device = blocks.byNode(path);
        return device.isPresent()
                ? new LoopFile(blocks.identity(device.get()), device, Optional.empty(), offset)
                : new LoopFile(
                        FileIdentity.of(path),
                        Optional.empty(),
                        Optional.of(tree.nodes().holding(path)),
                        offset);
    }

    private LoopFile of(SystemTree.Node node, long offset) throws IOException {
        Optional<String> device = node.isBlockDevice() ? blocks.byNumber(node.number()) : Optional.empty();
        return device.isPresent()
                ? new LoopFile(blocks.identity(device.get()), device, Optional.empty(), offset)
                : new LoopFile(
                        FileIdentity.ofFile(node.holder(), node.inode()),
                        Optional.empty(),
                        Optional.of(node.holder()),
                        offset);
    }
}

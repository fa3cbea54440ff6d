package io.platter.nativeio.linux;

import io.platter.block.Backing;
import io.platter.block.Backing.Relation;
import io.platter.block.FileIdentity;
import io.platter.nativeio.linux.LoopFiles.LoopFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** On what files and devices stand, down to the disks: partitions, loop devices, volume managers, RAID. */
final class LinuxBacking {
    private final BlockClass blocks;
    private final LoopFiles loops;
    private final Set<Backing> all = new LinkedHashSet<>();

    private LinuxBacking(BlockClass blocks, LoopFiles loops) {
        this.blocks = blocks;
        this.loops = loops;
    }

    static List<Backing> ofDevice(BlockClass blocks, String name) throws IOException {
        LinuxBacking backing = new LinuxBacking(blocks, blocks.loops());
        backing.addDevice(name, 0, Long.MAX_VALUE, Relation.SAME);
        return List.copyOf(backing.all);
    }

    static List<Backing> ofFile(BlockClass blocks, FilePlaces places, Path file) throws IOException {
        LinuxBacking backing = new LinuxBacking(blocks, blocks.loops());
        backing.all.add(Backing.of(FileIdentity.of(file)));
        backing.all.addAll(under(blocks, places, file));
        return List.copyOf(backing.all);
    }

    /** Returns what is under a file, which need not exist yet. */
    static List<Backing> under(BlockClass blocks, FilePlaces places, Path file) throws IOException {
        LinuxBacking backing = new LinuxBacking(blocks, blocks.loops());
        for (String device : places.devicesOf(file)) {
            backing.addDevice(device, 0, Long.MAX_VALUE, Relation.STORED_ON);
        }
        return List.copyOf(backing.all);
    }

    private void addDevice(String name, long offset, long length, Relation relation) throws IOException {
        if (!add(blocks.identity(name), offset, length, relation)) {
            return;
        }
        if (blocks.isPartition(name)) {
            long size = Math.min(length, blocks.size(name) - offset);
            addDevice(blocks.wholeDisk(name), blocks.start(name) + offset, Math.max(0, size), relation);
        }
        Optional<LoopFile> loop = loops.under(name);
        if (loop.isPresent()) {
            addFile(loop.get(), offset, Math.min(length, Math.max(0, blocks.size(name) - offset)), relation);
        }
        for (String slave : SystemTree.names(blocks.directory(name).resolve("slaves"))) {
            addDevice(slave, 0, Long.MAX_VALUE, relation == Relation.SAME ? Relation.INSIDE : relation);
        }
    }

    private void addFile(LoopFile loop, long offset, long length, Relation relation) throws IOException {
        long start = loop.offset() + offset;
        if (loop.device().isPresent()) {
            addDevice(loop.device().get(), start, length, relation);
            return;
        }
        add(loop.identity(), start, length, relation);
        Optional<String> holder = blocks.holder(loop);
        if (holder.isPresent()) {
            addDevice(holder.get(), 0, Long.MAX_VALUE, Relation.STORED_ON);
        }
    }

    private boolean add(FileIdentity identity, long offset, long length, Relation relation) {
        return all.add(new Backing(identity, offset, length, relation));
    }
}

package io.platter;

import io.platter.block.BlockDevice;
import io.platter.block.MemoryDevice;
import io.platter.image.FileId;
import io.platter.pack.PackStore;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A store of packs in memory. */
final class MemoryPacks implements PackStore {
    final Map<FileId, byte[]> packs = new ConcurrentHashMap<>();
    final List<byte[]> catalogs = new ArrayList<>();
    final List<byte[]> manifests = new ArrayList<>();
    final Set<FileId> condemned = new HashSet<>();
    int catalogsAsked;
    int abandoned;

    @Override
    public String name() {
        return "memory packs";
    }

    @Override
    public FileId newId() {
        return FileId.random();
    }

    @Override
    public int packSize() {
        return 1 << 20;
    }

    @Override
    public Iterable<BlockDevice> catalogs() {
        catalogsAsked++;
        return List.copyOf(catalogs).stream()
                .<BlockDevice>map(MemoryDevice::over)
                .toList();
    }

    @Override
    public boolean mayUse(FileId pack) {
        return !condemned.contains(pack);
    }

    @Override
    public void put(FileId id, List<ByteBuffer> bytes) {
        packs.put(id, join(bytes));
    }

    @Override
    public void putCatalog(FileId id, List<ByteBuffer> bytes) {
        catalogs.add(join(bytes));
    }

    @Override
    public void commit(List<ByteBuffer> bytes) {
        manifests.add(join(bytes));
    }

    @Override
    public void abandon() {
        abandoned++;
    }

    @Override
    public BlockDevice pack(FileId id) throws NoSuchFileException {
        byte[] bytes = packs.get(id);
        if (bytes == null) {
            throw new NoSuchFileException(id.toString());
        }
        return MemoryDevice.over(bytes);
    }

    private static byte[] join(List<ByteBuffer> bytes) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (ByteBuffer piece : bytes) {
            byte[] copy = new byte[piece.remaining()];
            piece.duplicate().get(copy);
            all.writeBytes(copy);
        }
        return all.toByteArray();
    }
}

package io.platter.device.platform;

import io.platter.block.Backing;
import io.platter.block.BlockDevice;
import io.platter.block.BlockDeviceProvider;
import io.platter.block.DiskUse;
import io.platter.block.OpenMode;
import io.platter.device.DiskOpenOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Opens regular files with their holes, and device nodes as raw disks.
 *
 * <p>Safe for use by several threads.
 */
public final class MachineProvider implements BlockDeviceProvider {
    /** Creates the provider, for {@link java.util.ServiceLoader}. */
    public MachineProvider() {}

    @Override
    public Optional<BlockDevice> open(Path path, OpenMode mode) throws IOException {
        Optional<Machine> machine = Machine.current();
        if (machine.isEmpty()) {
            return Optional.empty();
        }
        if (Files.isRegularFile(path)) {
            return Optional.of(SparseFile.open(path, mode, machine.get()));
        }
        return machine.get().isDisk(path)
                ? Optional.of(machine.get().open(path, mode, DiskOpenOptions.defaults()))
                : Optional.empty();
    }

    @Override
    public List<Backing> backing(Path path) throws IOException {
        Optional<Machine> machine = Machine.current();
        return machine.isPresent() ? machine.get().backing(path) : List.of();
    }

    @Override
    public List<DiskUse> uses(Path path) throws IOException {
        Optional<Machine> machine = Machine.current();
        return machine.isPresent() ? machine.get().uses(path) : List.of();
    }
}

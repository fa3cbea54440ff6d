package io.platter.block;

import io.platter.testkit.BlockDeviceReadingContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class ReadOnlyFileDeviceTest implements BlockDeviceReadingContract {
    @TempDir
    Path directory;

    @Override
    public BlockDevice deviceOf(byte[] content) throws IOException {
        return FileDevice.open(Files.write(directory.resolve("disk"), content), OpenMode.READ);
    }
}

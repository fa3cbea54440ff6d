package io.platter;

import io.platter.block.BlockDevice;
import io.platter.image.ImageOptions;
import io.platter.testkit.BlockDeviceReadingContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

class ImageDeviceTest implements BlockDeviceReadingContract {
    @TempDir
    Path directory;

    private final List<ImageReader> opened = new ArrayList<>();

    @Override
    public BlockDevice deviceOf(byte[] content) throws IOException {
        byte[] image = ModelDisk.of(content).toImage(ImageOptions.defaults());
        ImageReader images = ImageReader.open(Files.write(directory.resolve("disk.platter"), image));
        opened.add(images);
        return images.newestImage().asDevice();
    }

    @AfterEach
    void closeImages() throws IOException {
        for (ImageReader images : opened) {
            images.close();
        }
    }
}

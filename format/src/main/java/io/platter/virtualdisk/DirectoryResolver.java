package io.platter.virtualdisk;

import io.platter.block.BlockDevice;
import io.platter.block.BlockDevices;
import io.platter.block.OpenMode;
import io.platter.block.UnsupportedImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** See {@link FileResolver#inDirectory}. */
final class DirectoryResolver implements FileResolver {
    private final Path directory;

    DirectoryResolver(Path directory) {
        this.directory = directory;
    }

    @Override
    public BlockDevice resolve(String role, String name) throws IOException {
        String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
        try {
            Path file = directory.resolve(last);
            // A link could lead out of the directory.
            if (directory.equals(file.getParent()) && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                return BlockDevices.open(file, OpenMode.READ);
            }
        } catch (InvalidPathException e) {
            // Then there is no such file.
        }
        throw new UnsupportedImageException("the file", role + " \"" + name + "\", which is not in " + directory);
    }
}

package io.platter.virtualdisk;

import io.platter.block.BlockDevice;
import io.platter.block.UnsupportedImageException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Decides which file is meant where a disk file names another one: its parent, or a part of the disk's bytes.
 *
 * <p>The name comes out of the file and may be hostile: a path to a secret, a URL, a file that names itself. A resolver
 * accepts names that it expects, and looks nothing up that it does not know to be harmless. Implementations are called
 * on the thread that opens the disk.
 */
@FunctionalInterface
public interface FileResolver {
    /** Refuses every name. */
    FileResolver NONE = (role, name) -> {
        throw new UnsupportedImageException("the file", role + " \"" + name + "\", and no resolver is given");
    };

    /**
     * Returns a resolver that looks in one directory for the last part of a name, and opens it for reading if it is a
     * regular file there: whatever path or link a file names, nothing outside of the directory is opened.
     *
     * @param directory the directory, such as that of the file that is opened
     */
    static FileResolver inDirectory(Path directory) {
        return new DirectoryResolver(directory);
    }

    /**
     * Returns the file that is meant.
     *
     * @param role what the named file is for: {@code parent}, the disk that holds the bytes which this one does not
     *     hold; or {@code extent}, a part of this disk's bytes
     * @param name the name exactly as it stands in the file; or, of a format whose files are named by a convention and
     *     not within them, as EWF's are, the name that follows from that of the first file
     * @return the open file, which is closed with the disk that asked for it; a parent is then opened in its own format
     * @throws IOException if the name is refused, or the file can't be opened
     */
    BlockDevice resolve(String role, String name) throws IOException;
}

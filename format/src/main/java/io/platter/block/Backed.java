package io.platter.block;

import java.io.IOException;
import java.util.List;

/** Something that gives or takes bytes, and knows from which files or disks they come, or to which they go. */
public interface Backed {
    /**
     * Returns the files and disks that these bytes are on, from the nearest to what is below all: for a loop device
     * itself, its file, and the disk of the file's filesystem.
     *
     * @return nothing if it is not known, such as for a pipe or for memory
     * @throws IOException if the system can't be asked
     */
    List<Backing> backing() throws IOException;
}

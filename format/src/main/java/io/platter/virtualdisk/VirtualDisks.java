package io.platter.virtualdisk;

import io.platter.block.BlockDevice;
import io.platter.block.UnsupportedImageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * The formats that are known: the built-in ones, then those that {@link ServiceLoader} finds.
 *
 * <p>Safe for use by several threads.
 */
public final class VirtualDisks {
    private static final List<VirtualDiskFormat> BUILT_IN = List.of(
            new RawFormat(),
            new Qcow2Format(),
            new VmdkFormat(),
            new VhdFormat(),
            new VhdxFormat(),
            new VdiFormat(),
            new AndroidSparseFormat(),
            new PartcloneFormat(),
            new EwfFormat());

    private VirtualDisks() {}

    /** Returns all formats that are known. */
    public static List<VirtualDiskFormat> formats() {
        List<VirtualDiskFormat> formats = new ArrayList<>(BUILT_IN);
        ServiceLoader.load(VirtualDiskFormat.class, VirtualDisks.class.getClassLoader())
                .forEach(formats::add);
        return List.copyOf(formats);
    }

    /** Returns the format of a name, or nothing if none of this name is known. */
    public static Optional<VirtualDiskFormat> named(String name) {
        Objects.requireNonNull(name, "name");
        return formats().stream().filter(format -> format.name().equals(name)).findFirst();
    }

    /**
     * Returns the format that a file has by its magic, or nothing if it has that of none; so never raw.
     *
     * @param allowed the formats that come into question
     * @throws UnsupportedImageException if the file has the magic of more than one: what it is depends on who looks
     * @throws IOException if the file can't be read
     */
    public static Optional<VirtualDiskFormat> recognise(BlockDevice file, List<VirtualDiskFormat> allowed)
            throws IOException {
        VirtualDiskFormat found = null;
        for (VirtualDiskFormat format : allowed) {
            if (format.matches(file)) {
                if (found != null) {
                    throw new UnsupportedImageException(
                            file.name(),
                            "its format named, for it looks like " + found.name() + " and like " + format.name());
                }
                found = format;
            }
        }
        return Optional.ofNullable(found);
    }
}

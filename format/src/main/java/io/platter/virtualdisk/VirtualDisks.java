package io.platter.virtualdisk;

import io.platter.block.BlockDevice;
import io.platter.block.UnsupportedImageException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/**
 * The formats that are known, all found by {@link ServiceLoader}: the built-in ones, and those of others.
 *
 * <p>Safe for use by several threads.
 */
public final class VirtualDisks {
    private VirtualDisks() {}

    /**
     * Returns all formats that are known: the built-in ones first, then those that are found from this library's class
     * loader, then those from the thread's context class loader.
     */
    public static List<VirtualDiskFormat> formats() {
        return formats(Thread.currentThread().getContextClassLoader());
    }

    /**
     * Returns all formats that are known: the built-in ones first, then those that are found from this library's class
     * loader, then those from another one.
     *
     * @param other the class loader of a plug-in; null for none. One that has a Platter of its own is not asked: its
     *     formats are those of that one
     */
    public static List<VirtualDiskFormat> formats(@Nullable ClassLoader other) {
        Map<Class<?>, VirtualDiskFormat> formats = new LinkedHashMap<>();
        addAll(VirtualDisks.class.getClassLoader(), formats);
        if (other != null && seesThisLibrary(other)) {
            addAll(other, formats);
        }
        return List.copyOf(formats.values());
    }

    private static void addAll(ClassLoader loader, Map<Class<?>, VirtualDiskFormat> formats) {
        ServiceLoader.load(VirtualDiskFormat.class, loader).stream()
                .filter(provider -> !formats.containsKey(provider.type()))
                .forEach(provider -> formats.put(provider.type(), provider.get()));
    }

    private static boolean seesThisLibrary(ClassLoader loader) {
        try {
            return loader.loadClass(VirtualDiskFormat.class.getName()) == VirtualDiskFormat.class;
        } catch (ClassNotFoundException e) {
            return false;
        }
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

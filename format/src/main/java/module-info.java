import io.platter.block.BlockDeviceProvider;
import io.platter.virtualdisk.VirtualDiskFormat;
import org.jspecify.annotations.NullMarked;

/**
 * Bytes at rest: the image format, and the one interface through which bytes are reached.
 *
 * @since 0.1.0
 */
@NullMarked
@SuppressWarnings("module") // core is compiled after this
module io.platter.format {
    requires static transitive org.jspecify;
    requires com.github.luben.zstd_jni;
    requires jdk.unsupported;

    exports io.platter.block;
    exports io.platter.filesystem;
    exports io.platter.image;
    exports io.platter.image.codec to
            io.platter.core;
    exports io.platter.partition;
    exports io.platter.virtualdisk;

    uses BlockDeviceProvider;
    uses VirtualDiskFormat;
}

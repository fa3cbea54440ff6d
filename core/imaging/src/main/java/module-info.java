import org.jspecify.annotations.NullMarked;

/**
 * Captures disks into images, and puts images back on disks.
 *
 * @since 0.1.0
 */
@NullMarked
module io.platter.core {
    requires static transitive org.jspecify;
    requires transitive io.platter.format;
    requires com.github.luben.zstd_jni;

    exports io.platter;
    exports io.platter.job;
    exports io.platter.nbd;
}

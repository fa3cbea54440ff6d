import org.jspecify.annotations.NullMarked;

/**
 * Captures disks into images, and puts images back on disks.
 *
 * @since 0.1.0
 */
@NullMarked
@SuppressWarnings("module") // the repository is compiled after this
module io.platter.core {
    requires static transitive org.jspecify;
    requires transitive io.platter.format;
    requires com.github.luben.zstd_jni;

    exports io.platter;
    exports io.platter.job;
    exports io.platter.nbd;
    exports io.platter.pack;
    exports io.platter.engine.line to
            io.platter.repository;
    exports io.platter.engine.pack to
            io.platter.repository;
    exports io.platter.engine.read to
            io.platter.repository;
    exports io.platter.engine.store to
            io.platter.repository;
    exports io.platter.engine.write to
            io.platter.repository;
}

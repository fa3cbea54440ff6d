import org.jspecify.annotations.NullMarked;

/** Programs over the library. */
@NullMarked
module io.platter.cli {
    requires static org.jspecify;
    requires io.platter.core;
    requires io.platter.nativeio;
    requires io.platter.repository;
    requires io.platter.s3;
    requires org.apache.commons.cli;
    requires jdk.unsupported;
}

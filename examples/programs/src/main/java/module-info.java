import org.jspecify.annotations.NullMarked;

/** Programs of a page each, to start from. */
@NullMarked
module io.platter.programs {
    requires static org.jspecify;
    requires io.platter.core;
    requires io.platter.nativeio;
    requires io.platter.repository;
}

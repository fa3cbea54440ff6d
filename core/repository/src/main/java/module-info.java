import org.jspecify.annotations.NullMarked;

/**
 * Keeps many images of many machines in one place, and what they have in common once.
 *
 * @since 0.1.0
 */
@NullMarked
module io.platter.repository {
    requires static transitive org.jspecify;
    requires transitive io.platter.core;

    exports io.platter.repository;
    exports io.platter.repository.store;
}

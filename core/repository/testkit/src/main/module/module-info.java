/**
 * A contract test for stores of blobs of your own.
 *
 * @since 0.1.0
 */
module io.platter.repository.testkit {
    requires static transitive org.jspecify;
    requires transitive io.platter.repository;
    requires transitive org.junit.jupiter.api;
    requires org.assertj.core;

    exports io.platter.repository.testkit;
}

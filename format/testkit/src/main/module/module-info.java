/**
 * Contract tests for block devices and disk formats of your own, and devices to test with.
 *
 * @since 0.1.0
 */
module io.platter.testkit {
    requires static transitive org.jspecify;
    requires transitive io.platter.format;
    requires transitive org.junit.jupiter.api;
    requires org.assertj.core;

    exports io.platter.testkit;
}

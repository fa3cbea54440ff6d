import org.jspecify.annotations.NullMarked;

/**
 * Keeps repositories in S3 object storage.
 *
 * @since 0.1.0
 */
@NullMarked
@SuppressWarnings({"requires-automatic", "module"}) // The SDK has no descriptors.
module io.platter.s3 {
    requires static transitive org.jspecify;
    requires transitive io.platter.repository;
    requires software.amazon.awssdk.auth;
    requires software.amazon.awssdk.awscore;
    requires software.amazon.awssdk.core;
    requires software.amazon.awssdk.http;
    requires software.amazon.awssdk.http.urlconnection;
    requires software.amazon.awssdk.regions;
    requires software.amazon.awssdk.retries;
    requires software.amazon.awssdk.services.s3;

    exports io.platter.repository.s3;
}

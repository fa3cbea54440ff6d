package io.platter.cli;

import io.platter.repository.s3.S3Store;
import io.platter.repository.store.BlobStore;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Opens stores in S3 object storage. The AWS SDK is loaded with this class, and so by no command that needs none. */
final class S3Stores {
    private S3Stores() {}

    /**
     * Opens a store.
     *
     * @param endpoint the server's address; empty for what the environment says
     * @param region empty for what the environment or a profile says
     */
    static BlobStore open(URI location, Optional<String> endpoint, Optional<String> region) {
        Map<String, String> environment = System.getenv();
        Optional<URI> server = endpoint.or(() -> first(environment, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"))
                .map(S3Stores::address);
        Optional<String> where = region.or(() -> first(environment, "AWS_REGION", "AWS_DEFAULT_REGION"));
        try {
            return S3Store.open(location, server, where);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private static Optional<String> first(Map<String, String> environment, String... names) {
        for (String name : names) {
            String value = environment.getOrDefault(name, "");
            if (!value.isEmpty()) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }

    private static URI address(String endpoint) {
        try {
            URI address = new URI(endpoint);
            String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
            if ((scheme.equals("http") || scheme.equals("https")) && address.getHost() != null) {
                return address;
            }
        } catch (URISyntaxException e) {
            // Said below.
        }
        throw new UsageException("no server can be at " + endpoint + ", expected http://HOST:PORT or https://HOST");
    }
}

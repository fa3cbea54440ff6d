package io.platter.repository.s3;

import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;

/**
 * Finds credentials as the SDK does, and says it in a class of its own if there are none.
 *
 * <p>Safe for use by several threads.
 */
final class Credentials implements AwsCredentialsProvider {
    private final AwsCredentialsProvider chain =
            DefaultCredentialsProvider.builder().build();

    /** There are none. */
    static final class Missing extends SdkClientException {
        private static final long serialVersionUID = 1;

        Missing(SdkClientException cause) {
            super(SdkClientException.builder().message("no credentials").cause(cause));
        }
    }

    @Override
    public AwsCredentials resolveCredentials() {
        try {
            return chain.resolveCredentials();
        } catch (SdkClientException e) {
            throw new Missing(e);
        }
    }
}

package io.platter.repository.s3;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Says what went wrong in a line.
 *
 * <p>Immutable.
 *
 * @param store the store's name
 * @param server the server's address
 */
record S3Failures(String store, String server) {
    private static final int NOT_FOUND = 404;
    private static final int FORBIDDEN = 403;
    private static final int RANGE_NOT_SATISFIABLE = 416;

    /** Returns what became of a request for a key. */
    IOException of(String key, SdkException failure) {
        IOException said = failure instanceof S3Exception answer ? ofAnswer(key, answer) : ofClient(failure);
        said.initCause(failure);
        return said;
    }

    private IOException ofAnswer(String key, S3Exception answer) {
        Optional<AwsErrorDetails> details = Optional.ofNullable(answer.awsErrorDetails());
        String code = details.map(AwsErrorDetails::errorCode).orElse("no reason");
        String text = details.map(AwsErrorDetails::errorMessage)
                .filter(message -> !message.isEmpty())
                .map(message -> code + ": " + message)
                .orElse(code);
        return switch (answer.statusCode()) {
            case NOT_FOUND ->
                code.equals("NoSuchBucket")
                        ? new FileSystemException(
                                store, null, "there is no such bucket at " + server + " (" + code + ")")
                        : new NoSuchFileException(store + "/" + key, null, text);
            case FORBIDDEN -> new AccessDeniedException(store + "/" + key, null, refusal(code, text));
            case RANGE_NOT_SATISFIABLE -> new EOFException(key + " of " + store + ": " + text);
            default ->
                new IOException(key + " of " + store + ": " + server + " answered " + answer.statusCode() + " " + text);
        };
    }

    private String refusal(String code, String text) {
        return switch (code) {
            case "InvalidAccessKeyId" -> server + " does not know the access key (" + code + ")";
            case "SignatureDoesNotMatch" -> server + " says that the secret key is not the access key's (" + code + ")";
            case "RequestTimeTooSkewed" ->
                "the clocks of this machine and of " + server + " differ too much (" + code + ")";
            default -> server + " does not allow it (" + text + ")";
        };
    }

    private IOException ofClient(SdkException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof Credentials.Missing) {
                return new AccessDeniedException(
                        store,
                        null,
                        "no credentials were found; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY give them, or a profile in ~/.aws");
            }
            if (cause instanceof UnknownHostException) {
                return new IOException(store + ": " + server + " can't be found: unknown host " + cause.getMessage());
            }
            if (cause instanceof SocketTimeoutException) {
                return new IOException(store + ": " + server + " does not answer: " + cause.getMessage());
            }
            if (cause instanceof IOException) {
                return new IOException(store + ": " + server + " can't be reached: " + cause.getMessage());
            }
        }
        return new IOException(store + ": " + failure.getMessage());
    }
}

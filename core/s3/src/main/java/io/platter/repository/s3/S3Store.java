package io.platter.repository.s3;

import io.platter.repository.store.BlobStore;
import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Blobs as objects of a bucket: of AWS, of a Ceph cluster's gateway, or of any server that honours {@code If-None-Match: *} when an
 * object is put. That is the one condition that is used; no multipart, no object that is written over, no lock. A server that ignores it
 * is found out when a repository is made, and refused.
 *
 * <p>Credentials are found as the AWS SDK does: environment, system properties, profile files, the machine's role. Requests are not
 * repeated here: the repository knows when that is right.
 *
 * <p>Safe for use by several threads.
 */
public final class S3Store implements BlobStore {
    /** An answer takes at most so long to go on. */
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private static final int PRECONDITION_FAILED = 412;
    private static final int NOT_FOUND = 404;
    private static final int FORBIDDEN = 403;
    private static final int RANGE_NOT_SATISFIABLE = 416;

    private final S3Client client;
    private final String bucket;
    private final String prefix;
    private final boolean isProtected;

    private S3Store(S3Client client, String bucket, String prefix, boolean isProtected) {
        this.client = client;
        this.bucket = bucket;
        this.prefix = prefix;
        this.isProtected = isProtected;
    }

    /**
     * Opens a bucket, or what is under a prefix of it.
     *
     * @param location {@code s3://BUCKET} or {@code s3://BUCKET/PREFIX}
     * @param endpoint the server's address, such as {@code http://ceph.example:7480}; empty for AWS, whose region is then found as the
     *     SDK does
     * @throws IllegalArgumentException if the location is none
     */
    public static S3Store open(URI location, Optional<URI> endpoint) {
        String path = Optional.ofNullable(location.getPath()).orElse("");
        String bucket = Optional.ofNullable(location.getAuthority()).orElse("");
        if (!"s3".equals(location.getScheme()) || bucket.isEmpty()) {
            throw new IllegalArgumentException("location " + location + ", expected s3://BUCKET or s3://BUCKET/PREFIX");
        }
        String prefix = path.replaceAll("^/+|/+$", "");
        S3ClientBuilder builder = S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(SILENCE)
                        .socketTimeout(SILENCE))
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .serviceConfiguration(service -> service.chunkedEncodingEnabled(false))
                .overrideConfiguration(client -> client.retryStrategy(AwsRetryStrategy.doNotRetry()));
        endpoint.ifPresent(
                server -> builder.endpointOverride(server).forcePathStyle(true).region(Region.US_EAST_1));
        boolean isProtected = endpoint.map(URI::getScheme).orElse("https").equals("https");
        return new S3Store(builder.build(), bucket, prefix.isEmpty() ? "" : prefix + "/", isProtected);
    }

    @Override
    public String name() {
        return "s3://" + bucket + (prefix.isEmpty() ? "" : "/" + prefix.substring(0, prefix.length() - 1));
    }

    private interface Request<T> {
        T send() throws IOException;
    }

    private <T> T send(String key, Request<T> request) throws IOException {
        try {
            return request.send();
        } catch (S3Exception e) {
            throw failure(key, e);
        } catch (SdkException e) {
            throw new IOException(name() + ": " + e.getMessage(), e);
        }
    }

    private IOException failure(String key, S3Exception e) {
        String what = e.awsErrorDetails() == null
                ? String.valueOf(e.getMessage())
                : e.awsErrorDetails().errorCode() + " " + e.awsErrorDetails().errorMessage();
        IOException failure =
                switch (e.statusCode()) {
                    case NOT_FOUND -> new NoSuchFileException(name() + "/" + key, null, what);
                    case FORBIDDEN -> new AccessDeniedException(name() + "/" + key, null, what);
                    case RANGE_NOT_SATISFIABLE -> new EOFException(key + " of " + name() + ": " + what);
                    default ->
                        new IOException(key + " of " + name() + ": the server answered " + e.statusCode() + " " + what);
                };
        failure.initCause(e);
        return failure;
    }

    @Override
    public Put put(String key, List<ByteBuffer> bytes) throws IOException {
        PutObjectRequest.Builder request =
                PutObjectRequest.builder().bucket(bucket).key(prefix + key).ifNoneMatch("*");
        if (!isProtected) {
            // TLS guards the way, or this does.
            request.contentMD5(md5(bytes));
        }
        long length = bytes.stream().mapToLong(ByteBuffer::remaining).sum();
        RequestBody body = RequestBody.fromContentProvider(
                () -> new BuffersInputStream(bytes), length, "application/octet-stream");
        return send(key, () -> {
            try {
                client.putObject(request.build(), body);
                return Put.CREATED;
            } catch (S3Exception e) {
                if (e.statusCode() == PRECONDITION_FAILED) {
                    return Put.EXISTS;
                }
                throw e;
            }
        });
    }

    private static String md5(List<ByteBuffer> bytes) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            bytes.forEach(piece -> digest.update(piece.duplicate()));
            return Base64.getEncoder().encodeToString(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void get(String key, long offset, ByteBuffer target) throws IOException {
        if (!target.hasRemaining()) {
            return;
        }
        long last = offset + target.remaining() - 1;
        GetObjectRequest request = GetObjectRequest.builder()
                .bucket(bucket)
                .key(prefix + key)
                .range("bytes=" + offset + "-" + last)
                .build();
        send(key, () -> {
            try (ResponseInputStream<GetObjectResponse> answer = client.getObject(request)) {
                byte[] piece = new byte[Math.min(target.remaining(), 1 << 16)];
                while (target.hasRemaining()) {
                    int count = answer.read(piece, 0, Math.min(piece.length, target.remaining()));
                    if (count < 0) {
                        throw ended(key, offset, answer.response(), target);
                    }
                    target.put(piece, 0, count);
                }
            }
            return key;
        });
    }

    /** The blob ends here, or the connection did. */
    private IOException ended(String key, long offset, GetObjectResponse answer, ByteBuffer target) {
        String detail = key + " of " + name() + " ends " + target.remaining()
                + " bytes before the end of what was asked for from " + offset + " on";
        String range = Optional.ofNullable(answer.contentRange()).orElse("");
        long promised = Optional.ofNullable(answer.contentLength()).orElse(0L);
        boolean isAll = range.endsWith("/" + (offset + promised)) && target.position() >= promised;
        return isAll ? new EOFException(detail) : new IOException(detail);
    }

    @Override
    public Blob stat(String key) throws IOException {
        return send(key, () -> {
            HeadObjectResponse found =
                    client.headObject(request -> request.bucket(bucket).key(prefix + key));
            return new Blob(key, found.contentLength(), found.lastModified().toEpochMilli());
        });
    }

    @Override
    public List<Blob> list(String start, String after) throws IOException {
        return send(start, () -> {
            ListObjectsV2Response found = client.listObjectsV2(request -> {
                request.bucket(bucket).prefix(prefix + start);
                if (!after.isEmpty()) {
                    request.startAfter(prefix + after);
                }
            });
            return found.contents().stream()
                    .map(object -> new Blob(
                            object.key().substring(prefix.length()),
                            object.size(),
                            object.lastModified().toEpochMilli()))
                    .toList();
        });
    }

    @Override
    public void delete(String key) throws IOException {
        send(key, () -> client.deleteObject(request -> request.bucket(bucket).key(prefix + key)));
    }

    @Override
    public void close() {
        client.close();
    }

    /** Returns where the blobs are. */
    @Override
    public String toString() {
        return name();
    }
}

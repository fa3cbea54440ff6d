package io.platter.repository.s3;

import io.platter.repository.store.BlobStore;
import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
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
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
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

    /** A connection is made in at most so long. */
    private static final Duration CONNECTION = Duration.ofSeconds(10);

    private static final int PRECONDITION_FAILED = 412;

    private final S3Client client;
    private final String bucket;
    private final String prefix;
    private final boolean isProtected;
    private final S3Failures failures;

    private S3Store(S3Client client, String bucket, String prefix, Optional<URI> endpoint) {
        this.client = client;
        this.bucket = bucket;
        this.prefix = prefix;
        this.isProtected = endpoint.map(URI::getScheme).orElse("https").equals("https");
        this.failures = new S3Failures(name(), endpoint.map(URI::toString).orElse("AWS"));
    }

    /**
     * Opens a bucket, or what is under a prefix of it. The region is that of {@code AWS_REGION} and the like; with an endpoint, {@code
     * us-east-1}, which such servers take.
     *
     * @param location {@code s3://BUCKET} or {@code s3://BUCKET/PREFIX}
     * @param endpoint the server's address, such as {@code http://ceph.example:7480}; empty for AWS
     * @throws IllegalArgumentException if the location is none, or if the region of AWS is not known
     */
    public static S3Store open(URI location, Optional<URI> endpoint) {
        return open(location, endpoint, Optional.empty());
    }

    /**
     * Opens a bucket, or what is under a prefix of it, of a region.
     *
     * @param location {@code s3://BUCKET} or {@code s3://BUCKET/PREFIX}
     * @param endpoint the server's address, such as {@code http://ceph.example:7480}; empty for AWS
     * @param region the region's name, such as {@code eu-central-1}; empty for what {@link #open(URI, Optional)} takes
     * @throws IllegalArgumentException if the location is none, or if no region is given and that of AWS is not known
     */
    public static S3Store open(URI location, Optional<URI> endpoint, Optional<String> region) {
        String path = Optional.ofNullable(location.getPath()).orElse("");
        String bucket = Optional.ofNullable(location.getAuthority()).orElse("");
        if (!"s3".equals(location.getScheme()) || bucket.isEmpty()) {
            throw new IllegalArgumentException("location " + location + ", expected s3://BUCKET or s3://BUCKET/PREFIX");
        }
        String prefix = path.replaceAll("^/+|/+$", "");
        S3ClientBuilder builder = S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECTION)
                        .socketTimeout(SILENCE))
                .credentialsProvider(new Credentials())
                .region(region.map(Region::of).orElseGet(() -> defaultRegion(location, endpoint)))
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .serviceConfiguration(service -> service.chunkedEncodingEnabled(false))
                .overrideConfiguration(client -> client.retryStrategy(AwsRetryStrategy.doNotRetry()));
        endpoint.ifPresent(server -> builder.endpointOverride(server).forcePathStyle(true));
        return new S3Store(builder.build(), bucket, prefix.isEmpty() ? "" : prefix + "/", endpoint);
    }

    private static Region defaultRegion(URI location, Optional<URI> endpoint) {
        if (endpoint.isPresent()) {
            return Region.US_EAST_1;
        }
        try {
            return new DefaultAwsRegionProviderChain().getRegion();
        } catch (SdkException e) {
            throw new IllegalArgumentException(
                    "the region of " + location + " is not known; AWS_REGION or a profile in ~/.aws/config says it", e);
        }
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
        } catch (SdkException e) {
            throw failures.of(key, e);
        }
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
            HeadObjectResponse found;
            try {
                found = client.headObject(request -> request.bucket(bucket).key(prefix + key));
            } catch (S3Exception e) {
                throw explained(key, e);
            }
            return new Blob(key, found.contentLength(), found.lastModified().toEpochMilli());
        });
    }

    /** An answer to HEAD has no body that says why; one to GET has. */
    private S3Exception explained(String key, S3Exception failure) {
        try (ResponseInputStream<GetObjectResponse> answer =
                client.getObject(request -> request.bucket(bucket).key(prefix + key))) {
            answer.abort();
            return failure;
        } catch (S3Exception e) {
            return e;
        } catch (IOException | SdkException e) {
            failure.addSuppressed(e);
            return failure;
        }
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

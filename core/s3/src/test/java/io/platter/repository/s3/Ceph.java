package io.platter.repository.s3;

import io.platter.test.Oracle;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** A Ceph cluster of three disks with an S3 gateway, in memory, on this machine. */
final class Ceph implements AutoCloseable {
    private static final int PORT = 17480;
    private static final URI ENDPOINT = URI.create("http://127.0.0.1:" + PORT);

    private final Path directory;

    private Ceph(Path directory) {
        this.directory = directory;
    }

    /** Starts it, where Ceph is installed. */
    static Ceph start() throws IOException {
        Oracle.of("radosgw");
        Path directory = Files.createTempDirectory("ceph");
        Ceph ceph = new Ceph(directory);
        Path script = Files.createTempFile("ceph-rgw", ".sh");
        Path log = directory.resolveSibling(directory.getFileName() + ".log");
        try (var bytes = Ceph.class.getResourceAsStream("/ceph-rgw.sh")) {
            Files.write(script, bytes.readAllBytes());
            Process process = new ProcessBuilder(
                            "bash", script.toString(), directory.toString(), "3", String.valueOf(PORT))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            if (!process.waitFor(3, TimeUnit.MINUTES) || process.exitValue() != 0) {
                process.destroyForcibly();
                ceph.close();
                throw new IOException("Ceph did not start: " + Files.readString(log));
            }
            System.setProperty("aws.accessKeyId", "access");
            System.setProperty("aws.secretAccessKey", "secret123");
            return ceph;
        } catch (InterruptedException e) {
            throw new IOException(e);
        } finally {
            Files.delete(script);
            Files.deleteIfExists(log);
        }
    }

    /** Makes a bucket, and returns where a repository can be in it. */
    URI newBucket() {
        String bucket = "b" + UUID.randomUUID();
        try (S3Client client = S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .endpointOverride(ENDPOINT)
                .forcePathStyle(true)
                .region(Region.US_EAST_1)
                .build()) {
            client.createBucket(request -> request.bucket(bucket));
        }
        return URI.create("s3://" + bucket + "/some/where");
    }

    S3Store open(URI location) {
        return S3Store.open(location, Optional.of(ENDPOINT));
    }

    /** Kills a daemon, such as {@code osd.0}. */
    void kill(String daemon) throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("run"))) {
            for (Path file : files.filter(each -> each.getFileName().toString().contains(daemon)
                            && each.toString().endsWith(".pid"))
                    .toList()) {
                kill(file);
            }
        }
    }

    private static void kill(Path pidFile) throws IOException {
        String pid = Files.readString(pidFile).strip();
        ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
    }

    /** Tells the cluster that a disk is gone, rather than to let it find out. */
    void down(String osd) throws IOException {
        ceph("osd", "down", osd);
    }

    private void ceph(String... words) throws IOException {
        List<String> command = new java.util.ArrayList<>(List.of("ceph", "-c", directory + "/ceph.conf"));
        command.addAll(List.of(words));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(1, TimeUnit.MINUTES)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        kill("");
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}

package io.platter.repository.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.Capture;
import io.platter.ImageReader;
import io.platter.Restore;
import io.platter.block.MemoryDevice;
import io.platter.job.JobControl;
import io.platter.repository.CollectOptions;
import io.platter.repository.Repository;
import io.platter.repository.store.BlobStore;
import io.platter.repository.testkit.BlobStoreContract;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On a Ceph cluster of three disks, of which one is killed. */
@Timeout(300)
class S3StoreTest implements BlobStoreContract {
    private static final int SIZE = 40 << 20;
    private static final CollectOptions AT_ONCE = CollectOptions.defaults().grace(Duration.ZERO);

    private static Ceph ceph;

    private URI last = URI.create("s3://none");

    @BeforeAll
    static void start() throws IOException {
        ceph = Ceph.start();
    }

    @AfterAll
    static void stop() throws IOException {
        if (ceph != null) {
            ceph.close();
        }
    }

    @Override
    public BlobStore open(boolean again) {
        last = again ? last : ceph.newBucket();
        return ceph.open(last);
    }

    private static byte[] disk(long seed) {
        byte[] noise = new byte[SIZE];
        new Random(seed).nextBytes(noise);
        return noise;
    }

    private static void checkRestores(Repository repository, String name, byte[] expected) throws IOException {
        byte[] found = new byte[SIZE];
        try (ImageReader reader = repository.reader(repository.image(name))) {
            Restore.of(reader.newestImage()).to(MemoryDevice.over(found));
        }
        assertThat(Arrays.mismatch(found, expected)).isEqualTo(-1);
    }

    @Test
    void aRepositoryLivesInABucketThatLosesADisk() throws IOException {
        byte[] bytes = disk(1);
        try (Repository repository = Repository.init(open(false))) {
            repository.capture("a", Capture.of(MemoryDevice.over(bytes)));
            checkRestores(repository, "a", bytes);
            byte[] other = disk(2);
            boolean[] killed = new boolean[1];
            repository.capture(
                    "b",
                    Capture.of(MemoryDevice.over(other))
                            .control(control -> control.progress(progress -> {
                                if (!killed[0]) {
                                    killed[0] = true;
                                    lose("osd.0", "0");
                                }
                            })));
            assertThat(killed[0]).isTrue();
            checkRestores(repository, "a", bytes);
            checkRestores(repository, "b", other);
            repository.forget(repository.image("a"));
            repository.collect(AT_ONCE, JobControl.defaults());
            assertThat(repository.collect(AT_ONCE, JobControl.defaults()).packsDeleted())
                    .isPositive();
            assertThat(repository.check(true, JobControl.defaults()).problems()).isEmpty();
            checkRestores(repository, "b", other);
        }
    }

    private static void lose(String daemon, String osd) {
        try {
            ceph.kill(daemon);
            ceph.down(osd);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void fourMachinesCaptureAtOnceWhileACollectionRuns() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(5);
        byte[] common = disk(3);
        try (Repository repository = Repository.init(open(false))) {
            List<Future<?>> machines = new ArrayList<>();
            for (int machine = 0; machine < 4; machine++) {
                byte[] own = common.clone();
                Arrays.fill(own, machine << 20, (machine + 1) << 20, (byte) (machine + 1));
                String name = "machine-" + machine;
                machines.add(threads.submit(() -> {
                    try (Repository opened = Repository.open(ceph.open(last))) {
                        opened.capture(name, Capture.of(MemoryDevice.over(own)));
                        checkRestores(opened, name, own);
                    }
                    return name;
                }));
            }
            machines.add(threads.submit(() -> repository.collect(AT_ONCE, JobControl.defaults())));
            for (Future<?> machine : machines) {
                machine.get();
            }
            assertThat(repository.images()).hasSize(4);
            assertThat(repository.check(true, JobControl.defaults()).problems()).isEmpty();
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void aServerThatIgnoresConditionsIsRefused() throws IOException {
        CarelessServer careless = new CarelessServer();
        System.setProperty("aws.accessKeyId", "access");
        System.setProperty("aws.secretAccessKey", "secret123");
        S3Store store = S3Store.open(URI.create("s3://bucket"), Optional.of(careless.endpoint()));
        try (careless;
                store) {
            assertThatThrownBy(() -> Repository.init(store))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("4 of 4 writers")
                    .hasMessageContaining("s3://bucket");
        }
    }

    @Test
    void aRefusalIsSaidInWords() throws IOException {
        System.setProperty("aws.accessKeyId", "access");
        System.setProperty("aws.secretAccessKey", "secret123");
        Map<String, String> refusals = Map.of(
                "RequestTimeTooSkewed", "the clocks of this machine and of ",
                "InvalidAccessKeyId", "does not know the access key",
                "SignatureDoesNotMatch", "the secret key is not the access key's",
                "AccessDenied", "does not allow it (AccessDenied: Because.)");
        for (Map.Entry<String, String> refusal : refusals.entrySet()) {
            CarelessServer server = new CarelessServer(
                    "403 Forbidden", "<Error><Code>" + refusal.getKey() + "</Code><Message>Because.</Message></Error>");
            S3Store store = S3Store.open(URI.create("s3://bucket"), Optional.of(server.endpoint()));
            try (server;
                    store) {
                assertThatThrownBy(() -> Repository.open(store))
                        .isInstanceOf(AccessDeniedException.class)
                        .hasMessageStartingWith("s3://bucket/")
                        .hasMessageContaining(refusal.getValue())
                        .hasMessageContaining(server.endpoint().toString());
            }
        }
    }

    @Test
    void whatTheServerSaysIsTold() throws IOException {
        try (S3Store store = ceph.open(URI.create("s3://no-such-bucket/x"))) {
            assertThatThrownBy(() -> store.put("a", List.of(ByteBuffer.allocate(1))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("NoSuchBucket");
        }
        try (S3Store store = ceph.open(URI.create("s3://no-such-bucket/x"))) {
            assertThatThrownBy(() -> Repository.open(store)).hasMessageContaining("there is no such bucket");
            assertThatThrownBy(() -> Repository.init(store)).hasMessageContaining("there is no such bucket");
        }
        URI nobody = URI.create("http://127.0.0.1:1");
        try (S3Store store = S3Store.open(URI.create("s3://bucket"), Optional.of(nobody))) {
            assertThatThrownBy(() -> store.stat("a"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("s3://bucket");
        }
        for (String wrong : List.of("http://a/b", "s3:///x", "s3:a")) {
            assertThatThrownBy(() -> S3Store.open(URI.create(wrong), Optional.empty()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected s3://BUCKET");
        }
    }
}

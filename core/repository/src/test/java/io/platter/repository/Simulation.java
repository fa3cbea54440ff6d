package io.platter.repository;

import io.platter.Capture;
import io.platter.ImageReader;
import io.platter.ImageWriter;
import io.platter.block.MemoryDevice;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.image.NoSuchImageException;
import io.platter.job.JobControl;
import io.platter.repository.store.BlobStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** One schedule of programs that use one repository at once, made of a seed. What goes wrong is an {@link AssertionError}. */
final class Simulation {
    private static final int CHUNK = 256 << 10;
    private static final int CHUNKS = 5;
    private static final byte[][] POOL = new byte[6][CHUNK];

    static {
        Random random = new Random(7);
        for (byte[] chunk : POOL) {
            random.nextBytes(chunk);
        }
    }

    private static final List<SimulatedStore.Role> ROLES = List.of(
            SimulatedStore.Role.CAPTURES,
            SimulatedStore.Role.CAPTURES,
            SimulatedStore.Role.COLLECTS,
            SimulatedStore.Role.COLLECTS,
            SimulatedStore.Role.OTHER,
            SimulatedStore.Role.OTHER);

    /** What an actor does. */
    private interface Act {
        void run(Repository repository, SimulatedStore.View view) throws IOException;
    }

    private final long seed;
    private final double faults;
    private final SimulatedStore store;
    private final AtomicInteger captures = new AtomicInteger();
    private final List<String> wrong = Collections.synchronizedList(new ArrayList<>());

    /** By the seed of a disk's content, the images of it that were reported to be there. */
    private final Map<String, Integer> reported = Collections.synchronizedMap(new HashMap<>());

    /** Ids of images that somebody tried to forget. */
    private final Set<String> forgotten = Collections.synchronizedSet(new HashSet<>());

    Simulation(long seed, double faults, SimulatedStore.Mutant mutant) {
        this.seed = seed;
        this.faults = faults;
        this.store = new SimulatedStore(mutant);
    }

    private static byte[] disk(int content) {
        Random random = new Random(content);
        byte[] bytes = new byte[CHUNKS * CHUNK];
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            System.arraycopy(POOL[random.nextInt(POOL.length)], 0, bytes, chunk * CHUNK, CHUNK);
        }
        return bytes;
    }

    private Repository open(BlobStore view, Random random) throws IOException {
        // Clocks of machines differ by hours.
        Clock clock = Clock.fixed(Instant.ofEpochSecond(1_800_000_000L + random.nextInt(10_000)), ZoneOffset.UTC);
        return Repository.open(view, new Surroundings(clock, new Random(random.nextLong()), 0, 600 << 10));
    }

    private SimulatedStore.View quietView(Random random) {
        return store.new View(new Turns(1, random), 0, random, 0, Integer.MAX_VALUE, SimulatedStore.Role.OTHER);
    }

    /** Runs the schedule. */
    void run() throws Exception {
        Random random = new Random(seed);
        Repository.init(quietView(random)).close();
        try (Repository calm = open(quietView(random), random)) {
            capture(calm, 1 + random.nextInt(3));
            capture(calm, 1 + random.nextInt(3));
        }
        for (int round = 0; round < 2; round++) {
            together(random);
        }
        store.settle();
        judge(random);
    }

    private void together(Random random) throws InterruptedException {
        List<Act> acts = new ArrayList<>();
        for (int writer = 0; writer < 2; writer++) {
            int content = 1 + random.nextInt(3);
            boolean imports = writer == 1 && seed % 3 == 0;
            acts.add((repository, view) -> {
                if (imports) {
                    importImage(repository, content);
                } else {
                    capture(repository, content);
                }
            });
        }
        for (int collector = 0; collector < 2; collector++) {
            Random own = new Random(random.nextLong());
            acts.add((repository, view) -> {
                for (int round = 0; round < 3; round++) {
                    view.sabotage();
                    Duration silence = own.nextInt(4) == 0 ? Duration.ZERO : Duration.ofDays(1);
                    repository.collect(
                            CollectOptions.defaults().grace(Duration.ZERO).silence(silence), control());
                }
                view.sabotage();
            });
        }
        acts.add((repository, view) -> forget(repository, random));
        if (random.nextBoolean()) {
            acts.add((repository, view) -> read(repository));
        }
        Turns turns = new Turns(acts.size(), random);
        List<Thread> threads = new ArrayList<>();
        for (int actor = 0; actor < acts.size(); actor++) {
            int number = actor;
            int callsLeft = random.nextInt(4) == 0 ? 1 + random.nextInt(60) : Integer.MAX_VALUE;
            SimulatedStore.View view =
                    store.new View(turns, actor, new Random(random.nextLong()), faults, callsLeft, ROLES.get(actor));
            Random own = new Random(random.nextLong());
            Thread thread = new Thread(() -> act(acts.get(number), view, own, turns, number));
            threads.add(thread);
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void act(Act act, SimulatedStore.View view, Random random, Turns turns, int actor) {
        try (Repository repository = open(view, random)) {
            act.run(repository, view);
        } catch (IOException | SimulatedStore.Killed e) {
            // Whoever was killed, and whoever is told that it did not succeed, has nothing to show.
        } catch (RuntimeException | Error e) {
            if (!wasKilled(e)) {
                wrong.add(e.toString());
            }
        } finally {
            turns.end(actor);
        }
    }

    private static boolean wasKilled(Throwable e) {
        return e instanceof SimulatedStore.Killed || (e.getCause() != null && wasKilled(e.getCause()));
    }

    private static JobControl control() {
        return JobControl.builder().threads(1).build();
    }

    private void capture(Repository repository, int content) throws IOException {
        MemoryDevice disk = MemoryDevice.over(disk(content));
        try (ImageWriter writer = repository.newImage(
                "disk-" + content % 2,
                DiskGeometry.of(disk),
                ImageOptions.builder().frameSize(CHUNK).build(),
                control())) {
            writer.property("content", String.valueOf(content));
            writer.property("capture", String.valueOf(captures.incrementAndGet()));
            String id =
                    Capture.of(disk).control(control()).to(writer).image().id().toString();
            reported.put(id, content);
        }
    }

    private void importImage(Repository repository, int content) throws IOException {
        MemoryDevice disk = MemoryDevice.over(disk(content));
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        ImageOptions options = ImageOptions.builder().frameSize(CHUNK).build();
        try (ImageWriter writer =
                ImageWriter.create(Channels.newChannel(file), DiskGeometry.of(disk), options, control())) {
            writer.property("content", String.valueOf(content));
            writer.property("capture", String.valueOf(captures.incrementAndGet()));
            Capture.of(disk).control(control()).to(writer);
        }
        try (ImageReader reader = ImageReader.open(MemoryDevice.over(file.toByteArray()))) {
            String id = repository
                    .importImage("disk-" + content % 2, reader.newestImage(), control())
                    .image()
                    .id()
                    .toString();
            reported.put(id, content);
        }
    }

    private void forget(Repository repository, Random random) throws IOException {
        for (RepositoryImage image : repository.images()) {
            if (random.nextInt(5) > 0) {
                forgotten.add(image.info().id().toString());
                repository.forget(image);
            }
        }
    }

    private void read(Repository repository) throws IOException {
        for (RepositoryImage image : repository.images()) {
            try (ImageReader reader = repository.reader(image)) {
                check(image, reader);
            } catch (NoSuchImageException e) {
                // Forgotten meanwhile.
            } catch (io.platter.block.ImageFormatException e) {
                if (!forgotten.contains(image.info().id().toString())) {
                    wrong.add("reader: " + image.key() + ": " + e);
                }
            }
        }
    }

    private void check(RepositoryImage image, ImageReader reader) throws IOException {
        int content = Integer.parseInt(image.info().properties().get("content"));
        ByteBuffer found = ByteBuffer.allocate(CHUNKS * CHUNK);
        reader.newestImage().read(found, 0);
        if (!Arrays.equals(found.array(), disk(content))) {
            wrong.add(image.key() + " is not what was captured");
        }
    }

    private void judge(Random random) throws IOException {
        try (Repository calm = open(quietView(random), random)) {
            Set<String> found = new HashSet<>();
            for (RepositoryImage image : calm.images()) {
                found.add(image.info().id().toString());
                try (ImageReader reader = calm.reader(image)) {
                    check(image, reader);
                } catch (io.platter.block.ImageFormatException e) {
                    wrong.add(image.key() + ": " + e);
                }
            }
            reported.keySet().stream()
                    .filter(id -> !found.contains(id) && !forgotten.contains(id))
                    .forEach(id -> wrong.add("image " + id + " was reported and is not there"));
            calm.check(true, control()).problems().forEach(wrong::add);
            for (RepositoryImage image : calm.images()) {
                calm.forget(image);
            }
            for (int round = 0; round < 3; round++) {
                calm.collect(CollectOptions.defaults().grace(Duration.ZERO).silence(Duration.ZERO), control());
            }
            store.keys(Keys.PACKS).forEach(key -> wrong.add("garbage " + key));
        } catch (IOException e) {
            wrong.add(e.toString());
        }
        if (!wrong.isEmpty()) {
            throw new AssertionError("seed " + seed + ": " + wrong);
        }
    }

    /** Returns how many calls the store had. */
    int calls() {
        return store.calls();
    }
}

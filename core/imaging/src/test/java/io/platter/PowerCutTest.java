package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.CorruptImageException;
import io.platter.block.MemoryDevice;
import io.platter.engine.pack.RecordOutput;
import io.platter.engine.pack.StreamPack;
import io.platter.engine.read.ImageFile;
import io.platter.engine.write.ImageBuilder;
import io.platter.engine.write.RecordingStorage;
import io.platter.image.FileEnd;
import io.platter.image.FileId;
import io.platter.image.ImageOptions;
import io.platter.image.Limits;
import io.platter.image.codec.Commit;
import io.platter.image.codec.Features;
import io.platter.image.codec.FileHeader;
import io.platter.image.codec.ImageProperties;
import io.platter.job.JobControl;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class PowerCutTest {
    private static final int SECTOR = 512;
    private static final FileHeader HEADER = new FileHeader(FileId.random(), Features.NONE);
    private static final ImageOptions OPTIONS =
            ImageOptions.builder().frameSize(262_144).build();
    private static final ImageBuilder.Crew CREW = ImageBuilder.Crew.of(JobControl.defaults(), 2, OPTIONS);

    @TempDir
    Path directory;

    @Test
    void theLastForcedCommitOutlivesAnyPowerCut() throws IOException, InterruptedException {
        ModelDisk disk = ModelDisk.random(71, 1_500_000);
        RecordingStorage storage = new RecordingStorage(Long.MAX_VALUE);
        ImageProperties properties = new ImageProperties(new TreeMap<>(), List.of());
        RecordOutput output = RecordOutput.create(storage, 1, HEADER);
        try (ImageBuilder builder = ImageBuilder.create(output, disk.geometry(), OPTIONS, CREW)) {
            for (int quarter = 0; quarter < 4; quarter++) {
                feed(builder, disk.bytes(), disk.bytes().length / 4 * (quarter + 1));
                builder.checkpoint(properties, true);
            }
            feed(builder, disk.bytes(), disk.bytes().length);
            builder.finish(properties);
        }
        byte[] whole = storage.bytes();
        List<Integer> forces = storage.forces();
        TreeSet<Integer> ends = new TreeSet<>(storage.writes());
        for (int at = 0; at < whole.length; at += 16 * SECTOR) {
            ends.add(at);
        }
        Random random = new Random(71);
        for (int end : ends) {
            int forced = forcedBefore(end, forces);
            assertOpens(Arrays.copyOf(whole, end), forced, disk);
            int torn = end / SECTOR * SECTOR;
            if (torn >= forced) {
                byte[] file = Arrays.copyOf(whole, torn + SECTOR);
                byte[] noise = new byte[file.length - Math.min(end, torn + random.nextInt(SECTOR))];
                random.nextBytes(noise);
                System.arraycopy(noise, 0, file, file.length - noise.length, noise.length);
                assertOpens(file, forced, disk);
            }
        }
    }

    /** Returns where the last commit ends that is on the medium for sure. */
    private static int forcedBefore(int end, List<Integer> forces) {
        // The force before a commit has none at its end; the one after it has.
        return forces.stream()
                .filter(force -> force <= end && force % Limits.COMMIT_ALIGNMENT == Commit.LENGTH)
                .reduce(0, Math::max);
    }

    /** What was written since the last force may be on the medium in any part, a sector or the other. */
    @Test
    void theLastForcedCommitOutlivesAPowerCutThatKeepsAnySectorsOfWhatCameAfterIt()
            throws IOException, InterruptedException {
        ModelDisk disk = ModelDisk.random(75, 700_000);
        RecordingStorage storage = new RecordingStorage(Long.MAX_VALUE);
        ImageProperties properties = new ImageProperties(new TreeMap<>(), List.of());
        RecordOutput output = RecordOutput.create(storage, 1, HEADER);
        try (ImageBuilder builder = ImageBuilder.create(output, disk.geometry(), OPTIONS, CREW)) {
            feed(builder, disk.bytes(), disk.bytes().length / 2);
            builder.checkpoint(properties, true);
            feed(builder, disk.bytes(), disk.bytes().length);
            builder.finish(properties);
        }
        byte[] whole = storage.bytes();
        List<Integer> stops = new ArrayList<>(storage.forces());
        stops.add(0, 0);
        Random random = new Random(75);
        for (int stop = 1; stop < stops.size(); stop++) {
            int safe = stops.get(stop - 1);
            List<Integer> ends = storage.writes().stream()
                    .filter(end -> end > safe)
                    .limit(1L << 20)
                    .toList();
            int last = stops.get(stop);
            for (int round = 0; round < 300; round++) {
                byte[] file = Arrays.copyOf(whole, last);
                int length = keepSome(file, safe, ends, round, random);
                assertOpens(Arrays.copyOf(file, length), forcedBefore(safe, storage.forces()), disk);
            }
        }
    }

    /** Makes zeros of some of the writes or sectors past what is safe, and returns how long the file is then. */
    private static int keepSome(byte[] file, int safe, List<Integer> ends, int round, Random random) {
        int length = safe;
        int start = safe;
        for (int end : ends) {
            if (start >= file.length) {
                break;
            }
            int stop = Math.min(end, file.length);
            boolean bySectors = round % 2 == 1;
            for (int at = start; at < stop; ) {
                int next = bySectors ? Math.min(stop, (at / SECTOR + 1) * SECTOR) : stop;
                if (random.nextInt(round % 3 + 2) == 0) {
                    Arrays.fill(file, at, next, (byte) 0);
                } else {
                    length = next;
                }
                at = next;
            }
            start = stop;
        }
        return length;
    }

    private static void feed(ImageBuilder builder, byte[] disk, int to) throws IOException, InterruptedException {
        while (builder.position() < to) {
            ByteBuffer room = builder.room();
            int count = (int) Math.min(room.remaining(), to - builder.position());
            room.put(disk, (int) builder.position(), count);
            builder.filled(count);
        }
    }

    private static void assertOpens(byte[] file, int forced, ModelDisk disk) throws IOException {
        Commit found;
        try {
            found = ImageFile.open(MemoryDevice.over(file)).commit();
        } catch (CorruptImageException e) {
            assertThat(forced).as("forced, but not found").isZero();
            return;
        }
        assertThat(found.end()).isGreaterThanOrEqualTo(forced);
        try (ImageReader reader = ImageReader.open(new ByteArrayChannel(file))) {
            Image image = reader.images().isEmpty() ? reader.unfinishedImage().orElseThrow() : reader.newestImage();
            byte[] content = new byte[(int) image.size()];
            image.read(ByteBuffer.wrap(content), 0);
            assertThat(content).isEqualTo(Arrays.copyOf(disk.bytes(), content.length));
            if (reader.end().state() == FileEnd.State.DAMAGED) {
                // Noise in one of a commit's copies, or in the last one's both: nobody can tell that from rot.
                assertThat(reader.end().detail()).containsPattern("nothing is lost|image 1 is complete");
                assertThatThrownBy(() -> Verify.of(reader)
                                .control(control -> control.threads(1))
                                .full())
                        .isInstanceOf(CorruptImageException.class);
            } else {
                Verify.of(reader).control(control -> control.threads(1)).full();
            }
        }
    }

    @Test
    void aFullDiskLeavesTheEarlierImagesAndSaysSo() throws IOException {
        ModelDisk disk = ModelDisk.random(72, 3_000_000);
        long needed = disk.toImage(OPTIONS).length;
        Random random = new Random(72);
        for (int round = 0; round < 20; round++) {
            RecordingStorage storage = new RecordingStorage(8192 + random.nextInt((int) needed - 8192));
            try (ImageWriter writer =
                    ImageWriter.create(new StreamPack(storage), disk.geometry(), OPTIONS, JobControl.defaults())) {
                assertThatThrownBy(() -> {
                            disk.writeTo(writer);
                            writer.finish();
                        })
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("No space left");
                // Whoever goes on all the same gets the same answer, and never waits for ever.
                for (int attempt = 0; attempt < 20; attempt++) {
                    assertThatThrownBy(writer::finish).isInstanceOf(Exception.class);
                }
            }
            assertNoThreadLeft();
        }
    }

    @Test
    void anAppendThatEndsEarlyLeavesTheFileAsItWas() throws IOException {
        ModelDisk disk = ModelDisk.random(73, 2_000_000);
        Path file = directory.resolve("image");
        Files.write(file, disk.toImage(OPTIONS));
        byte[] before = Files.readAllBytes(file);
        ModelDisk other = ModelDisk.random(74, 2_000_000);
        try (ImageWriter writer = ImageWriter.append(file, other.geometry(), OPTIONS)) {
            other.writeTo(writer, 1_500_000);
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        assertNoThreadLeft();
    }

    private static void assertNoThreadLeft() {
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("platter-"));
    }
}

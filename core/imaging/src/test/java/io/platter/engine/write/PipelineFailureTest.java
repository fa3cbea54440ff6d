package io.platter.engine.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.engine.pack.RecordOutput;
import io.platter.image.DiskGeometry;
import io.platter.image.FileId;
import io.platter.image.ImageOptions;
import io.platter.image.codec.Features;
import io.platter.image.codec.FileHeader;
import io.platter.image.codec.ImageProperties;
import io.platter.job.JobControl;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PipelineFailureTest {
    private static final ImageProperties PROPERTIES = new ImageProperties(new TreeMap<>(), List.of());
    private static final FileHeader HEADER = new FileHeader(FileId.random(), Features.NONE);
    private static final ImageOptions OPTIONS =
            ImageOptions.builder().frameSize(262_144).build();

    private static final ImageBuilder.Crew CREW = crew(() -> new Worker(1));

    private static ImageBuilder.Crew crew(Supplier<Worker> tools) {
        return new ImageBuilder.Crew(JobControl.defaults(), 2, tools);
    }

    @Test
    void afterAFailureOfTheStorageAllSegmentsComeBack() throws IOException {
        for (int room = 9000; room < 12_000_000; room += 1_700_000) {
            RecordOutput output = RecordOutput.create(new RecordingStorage(room), 1, HEADER);
            ImageBuilder builder = ImageBuilder.create(output, DiskGeometry.ofSize(-1), OPTIONS, CREW);
            try (builder) {
                assertThatThrownBy(() -> feed(builder, 40_000_000))
                        .isInstanceOf(IOException.class)
                        .hasMessage("No space left on device");
                assertThatThrownBy(() -> builder.finish(PROPERTIES)).hasMessage("No space left on device");
            }
            assertThat(builder.allSegmentsAreBack()).isTrue();
        }
        assertNoThreadLeft();
    }

    @Test
    void anInterruptLosesNothing() throws Exception {
        RecordingStorage storage = new RecordingStorage(Long.MAX_VALUE);
        RecordOutput output = RecordOutput.create(storage, 1, HEADER);
        ImageBuilder builder = ImageBuilder.create(output, DiskGeometry.ofSize(-1), OPTIONS, CREW);
        try (builder) {
            Random random = new Random(1);
            int interrupts = 0;
            while (builder.position() < 30_000_000) {
                if (random.nextInt(3) == 0) {
                    Thread.currentThread().interrupt();
                }
                try {
                    fill(builder, random);
                } catch (InterruptedException e) {
                    interrupts++;
                }
                Thread.interrupted();
            }
            assertThat(interrupts).isPositive();
            builder.finish(PROPERTIES);
            assertThat(output.lastCommit().contents().imageCount()).isEqualTo(1);
        }
        assertThat(builder.allSegmentsAreBack()).isTrue();
        assertNoThreadLeft();
    }

    /** As when the compression library can't be loaded: each segment that is hashed needs a worker. */
    @Test
    void workersWithoutToolsEndTheWritingWithTheReason() throws IOException {
        RecordOutput output = RecordOutput.create(new RecordingStorage(Long.MAX_VALUE), 1, HEADER);
        ImageBuilder builder = ImageBuilder.create(output, DiskGeometry.ofSize(-1), OPTIONS, crew(() -> {
            throw new UnsatisfiedLinkError("no library");
        }));
        try (builder) {
            assertThatThrownBy(() -> feed(builder, 100_000_000)).hasMessage("no library");
            assertThatThrownBy(() -> builder.finish(PROPERTIES)).hasMessage("no library");
        }
        assertThat(builder.allSegmentsAreBack()).isTrue();
        assertNoThreadLeft();
    }

    /** Some of the workers have tools, others don't: memory was scarce. */
    @Test
    void oneWorkerWithoutToolsEndsTheWriting() throws IOException {
        AtomicInteger calls = new AtomicInteger();
        RecordOutput output = RecordOutput.create(new RecordingStorage(Long.MAX_VALUE), 1, HEADER);
        ImageBuilder builder = ImageBuilder.create(output, DiskGeometry.ofSize(-1), OPTIONS, crew(() -> {
            if (calls.incrementAndGet() == 2) {
                throw new OutOfMemoryError("Cannot reserve 2 bytes of direct buffer memory");
            }
            return new Worker(1);
        }));
        try (builder) {
            assertThatThrownBy(() -> feed(builder, Long.MAX_VALUE)).isInstanceOf(OutOfMemoryError.class);
        }
        assertThat(builder.allSegmentsAreBack()).isTrue();
        assertNoThreadLeft();
    }

    private static void feed(ImageBuilder builder, long to) throws IOException, InterruptedException {
        Random random = new Random(1);
        while (builder.position() < to) {
            fill(builder, random);
        }
    }

    private static void fill(ImageBuilder builder, Random random) throws IOException, InterruptedException {
        ByteBuffer room = builder.room();
        byte[] bytes = new byte[room.remaining()];
        random.nextBytes(bytes);
        room.put(bytes);
        builder.filled(bytes.length);
    }

    private static void assertNoThreadLeft() {
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("platter-"));
    }
}

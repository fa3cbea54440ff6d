package io.platter.engine.line;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.job.JobControl;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever fails, those who wait get the reason, and no thread is left. */
@Timeout(20)
class WorkersTest {
    private static final JobControl CONTROL = JobControl.defaults();

    @AfterEach
    void noThreadIsLeft() {
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("platter-"));
    }

    private static AutoCloseable noLibrary() {
        throw new UnsatisfiedLinkError("no library");
    }

    @Test
    void tasksWithoutToolsEndWithTheReasonThatThereAreNone() {
        try (Workers<AutoCloseable> workers = new OwnWorkers<>(CONTROL, "test", 3, WorkersTest::noLibrary)) {
            List<Future<?>> tasks = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                tasks.add(workers.submit(tools -> {}));
            }
            for (Future<?> task : tasks) {
                assertThatThrownBy(() -> Threads.get(task))
                        .isInstanceOf(UnsatisfiedLinkError.class)
                        .hasMessage("no library");
            }
        }
    }

    /** A class whose initializer failed says why to the first who needs it only. */
    @Test
    void theFirstReasonIsTold() {
        AtomicInteger calls = new AtomicInteger();
        CountDownLatch told = new CountDownLatch(1);
        try (Workers<AutoCloseable> workers = new OwnWorkers<>(CONTROL, "test", 4, () -> {
            if (calls.getAndIncrement() == 0) {
                throw new ExceptionInInitializerError("the reason");
            }
            awaitUninterrupted(told);
            throw new NoClassDefFoundError("Could not initialize class");
        })) {
            for (int i = 0; i < 100; i++) {
                Future<?> task = workers.submit(tools -> {});
                assertThatThrownBy(() -> Threads.get(task)).hasMessage("the reason");
                told.countDown();
            }
        }
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void toolsThatCannotBeClosedEndTheThreadsAndAreTold() {
        for (int count : new int[] {1, 3}) {
            Workers<AutoCloseable> workers = new OwnWorkers<>(CONTROL, "test", count, () -> () -> {
                throw new IOException("still in use");
            });
            Future<?> task = workers.submit(tools -> {});
            assertThatThrownBy(workers::close).hasRootCauseMessage("still in use");
            assertThat(task.isDone()).isTrue();
        }
    }

    @Test
    void threadsNeverKeepAProgramAlive() {
        try (Workers<AutoCloseable> workers = new OwnWorkers<>(CONTROL, "test", 2, Workers.NO_TOOLS)) {
            assertThat(workers).isNotNull();
            assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> thread.getName().startsWith("platter-"))
                    .hasSize(2)
                    .allMatch(Thread::isDaemon);
        }
    }

    @Test
    void aLineWhoseWorkersHaveNoToolsEndsWithTheReason() {
        try (OrderedLine<AutoCloseable, int[]> line =
                new OrderedLine<>(CONTROL, "test", 2, 2, WorkersTest::noLibrary, () -> new int[1])) {
            assertThatThrownBy(() -> line.run(item -> true, (tools, item) -> {}, item -> {}))
                    .isInstanceOf(UnsatisfiedLinkError.class);
        }
    }

    @Test
    void aLineWhoseItemsFindNoMemoryStartsNoThread() {
        AtomicInteger items = new AtomicInteger();
        assertThatThrownBy(() -> new OrderedLine<>(CONTROL, "test", 2, 1, Workers.NO_TOOLS, () -> {
                    if (items.incrementAndGet() == 4) {
                        throw new OutOfMemoryError("direct memory");
                    }
                    return new int[1];
                }))
                .isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void anErrorAtEachStationEndsALine() {
        try (OrderedLine<AutoCloseable, int[]> line =
                new OrderedLine<>(CONTROL, "test", 2, 1, Workers.NO_TOOLS, () -> new int[1])) {
            assertThatThrownBy(() -> line.run(
                            item -> {
                                throw new OutOfMemoryError("plan");
                            },
                            (tools, item) -> {},
                            item -> {}))
                    .hasMessage("plan");
        }
        try (OrderedLine<AutoCloseable, int[]> line =
                new OrderedLine<>(CONTROL, "test", 2, 1, Workers.NO_TOOLS, () -> new int[1])) {
            assertThatThrownBy(() -> line.run(
                            item -> true,
                            (tools, item) -> {
                                throw new OutOfMemoryError("work");
                            },
                            item -> {}))
                    .hasMessage("work");
        }
        try (OrderedLine<AutoCloseable, int[]> line =
                new OrderedLine<>(CONTROL, "test", 2, 1, Workers.NO_TOOLS, () -> new int[1])) {
            assertThatThrownBy(() -> line.run(item -> true, (tools, item) -> {}, item -> {
                        throw new OutOfMemoryError("taker");
                    }))
                    .hasMessage("taker");
        }
    }

    @Test
    void tasksOnTheirWayEndWithTheFirstErrorAtTheNextOne() {
        try (Workers<AutoCloseable> workers = new OwnWorkers<>(CONTROL, "test", 1, WorkersTest::noLibrary)) {
            InFlight<AutoCloseable> inFlight = new InFlight<>(workers, 1_000_000);
            assertThatThrownBy(() -> inFlight.all(() -> {
                        while (true) {
                            inFlight.start(tools -> {});
                        }
                    }))
                    .isInstanceOf(UnsatisfiedLinkError.class);
        }
    }
}

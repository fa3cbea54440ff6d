package io.platter.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/**
 * Measures the copy path's efficiency: its speed over the speed of the bare work, on the same bytes and as many
 * threads, in the same process. Fails if it is under a floor.
 *
 * <p>Rounds are short, and the fastest of each counts, so that a busy machine does little harm. The processor time that
 * both take is compared too: it says how much more work the copy path does, whatever else the machine is busy with,
 * where the speeds also say how long it waits.
 */
public final class Efficiency {
    private static final String USAGE =
            "usage: Efficiency CAPTURE-FLOOR RESTORE-FLOOR [ROUNDS [MEBIBYTES [THREADS [DIRECTORY]]]]";

    /** What is measured. */
    private interface Work {
        void run() throws IOException;
    }

    /** The fewest nanoseconds of wall time and of processor time, each, of any round. */
    private static final class Fastest {
        private static final OperatingSystemMXBean SYSTEM =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

        private long wall = Long.MAX_VALUE;
        private long processor = Long.MAX_VALUE;

        void measure(Work work) throws IOException {
            long processorBefore = SYSTEM.getProcessCpuTime();
            long wallBefore = System.nanoTime();
            work.run();
            wall = Math.min(wall, System.nanoTime() - wallBefore);
            processor = Math.min(processor, SYSTEM.getProcessCpuTime() - processorBefore);
        }
    }

    private final int rounds;
    private final int mebibytes;
    private final int threads;
    private final byte[] disk;

    private Efficiency(int rounds, int mebibytes, int threads, String directory) throws IOException {
        this.rounds = rounds;
        this.mebibytes = mebibytes;
        this.threads = threads;
        this.disk = Content.FILES.bytes(mebibytes, directory);
    }

    /**
     * Measures, prints, and exits with 1 if an efficiency is under its floor.
     *
     * @param arguments the floors of capture and restore, each from 0 to 1; then, if wanted, the number of rounds (5),
     *     the size of the disk in MiB (128), the number of threads (one for each processor) and the directory whose
     *     files the disk holds (the JDK's modules file)
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length < 2 || arguments.length > 6) {
            System.err.println(USAGE);
            System.exit(2);
        }
        Efficiency efficiency = new Efficiency(
                number(arguments, 2, 5),
                number(arguments, 3, 128),
                number(arguments, 4, Runtime.getRuntime().availableProcessors()),
                arguments.length > 5 ? arguments[5] : "");
        boolean good = efficiency.reaches(Double.parseDouble(arguments[0]), Double.parseDouble(arguments[1]));
        System.exit(good ? 0 : 1);
    }

    private static int number(String[] arguments, int index, int otherwise) {
        return index < arguments.length ? Integer.parseInt(arguments[index]) : otherwise;
    }

    private boolean reaches(double captureFloor, double restoreFloor) throws IOException {
        System.out.printf(
                Locale.ROOT,
                "%d MiB of files, %d threads, best of %d rounds, JDK %s%n%n",
                mebibytes,
                threads,
                rounds,
                Runtime.version());
        System.out.println("| | copy path, MB/s | bare work, MB/s | efficiency | by processor time | floor |");
        System.out.println("|---|---|---|---|---|---|");
        CopyPath path = new CopyPath(disk, threads);
        try (BareWork bare = new BareWork(disk, path.image(), threads)) {
            boolean capture = reaches("capture", path::capture, bare::sha256AndZstd, captureFloor);
            boolean restore = reaches("restore", path::restore, bare::unzstdAndSha256, restoreFloor);
            return capture && restore;
        }
    }

    private boolean reaches(String name, Work path, Work bare, double floor) throws IOException {
        // The first round is for the compiler.
        path.run();
        bare.run();
        Fastest ofPath = new Fastest();
        Fastest ofBare = new Fastest();
        for (int round = 0; round < rounds; round++) {
            ofBare.measure(bare);
            ofPath.measure(path);
        }
        double efficiency = (double) ofBare.wall / ofPath.wall;
        System.out.printf(
                Locale.ROOT,
                "| %s | %.0f | %.0f | %.2f | %.2f | %.2f |%n",
                name,
                speed(ofPath),
                speed(ofBare),
                efficiency,
                (double) ofBare.processor / ofPath.processor,
                floor);
        if (efficiency < floor) {
            System.err.printf(Locale.ROOT, "the efficiency of %s is under its floor of %.2f%n", name, floor);
        }
        return efficiency >= floor;
    }

    private double speed(Fastest fastest) {
        return disk.length * 1e3 / fastest.wall;
    }
}

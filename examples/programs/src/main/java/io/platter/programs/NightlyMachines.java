package io.platter.programs;

import io.platter.Capture;
import io.platter.repository.CollectReport;
import io.platter.repository.Repository;
import io.platter.repository.Retention;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Captures disks into a repository, keeps a week and a year of each, and frees the rest: {@code NightlyMachines REPOSITORY DISK...}. Any
 * number of machines may do so at once, into one repository.
 */
public final class NightlyMachines {
    private NightlyMachines() {}

    /** Captures each disk under its name, then forgets and collects. */
    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        try (Repository repository =
                Files.exists(directory) ? Repository.open(directory) : Repository.init(directory)) {
            for (String disk : Arrays.asList(arguments).subList(1, arguments.length)) {
                String name = String.valueOf(Path.of(disk).getFileName());
                var report = repository.capture(name, Capture.of(Path.of(disk)));
                System.out.println(name + ": " + report.image().statistics().newBytes() + " bytes are new");
            }
            Retention rule = Retention.builder().keepDaily(7).keepMonthly(12).build();
            repository.forget(rule).stream()
                    .filter(decision -> !decision.keeps())
                    .forEach(decision ->
                            System.out.println("forgot " + decision.image().key()));
            CollectReport report = repository.collect();
            System.out.println("freed " + report.bytesFreed() + " bytes of "
                    + repository.statistics().packBytes());
        }
    }
}

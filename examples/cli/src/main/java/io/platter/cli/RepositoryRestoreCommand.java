package io.platter.cli;

import io.platter.Image;
import io.platter.ImageReader;
import io.platter.Restore;
import io.platter.job.RestoreReport;
import io.platter.repository.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.apache.commons.cli.Option;

/** Restores an image of a repository. */
final class RepositoryRestoreCommand implements Command {
    private static final Option COMPARE = Command.flag("compare", "read the target first, and write only what differs");
    private static final Option FORCE = Command.flag("force", "write over an existing file or a disk");
    private static final Option PARTITION =
            Command.value("partition", "N", "restore this partition only, to TARGET as a whole");
    private static final Option ALLOW_SMALLER =
            Command.flag("allow-smaller", "restore to a smaller disk, if all that is used fits");
    private static final Option JSON = Command.flag("json", Json.LINES);

    private static final Parameter IMAGE =
            Parameter.of("IMAGE", "a name, for its newest image, or four or more digits of an image's id");
    private static final Parameter TARGET = Parameter.of("TARGET", "a file, a device, or an NBD address");

    @Override
    public String name() {
        return "repository restore";
    }

    @Override
    public String description() {
        return "Restores an image of a repository to a new file, or over an existing file or a disk.";
    }

    @Override
    public List<Option> options() {
        return List.of(COMPARE, FORCE, PARTITION, ALLOW_SMALLER, JSON);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Repositories.REPOSITORY, IMAGE, TARGET);
    }

    @Override
    public int run(Arguments given, Session session) throws IOException {
        Path target = given.path(TARGET);
        boolean isNew = Targets.isNew(target, given.has(FORCE));
        RestoreReport report;
        try (Repository repository = Repositories.open(given);
                ImageReader reader = repository.reader(repository.image(given.text(IMAGE)));
                ProgressDisplay display = new ProgressDisplay("restore", session, given.has(JSON))) {
            try {
                Restore restore = restore(given, reader.newestImage(), isNew).control(display.control());
                report = isNew ? restore.toNewFile(target) : Disks.write(target, restore::to);
            } catch (CancellationException e) {
                throw Stopped.at(display, isNew ? "nothing of it is kept" : target + " is half written", e);
            }
        }
        Reports.of(session, given.has(JSON)).print(report);
        return Main.SUCCESS;
    }

    private static Restore restore(Arguments given, Image image, boolean isNew) {
        return Restore.of(image).options(options -> {
            options.compare(given.has(COMPARE)).allowSmaller(given.has(ALLOW_SMALLER));
            options.anySectorSize(isNew || Disks.isFile(given.path(TARGET)));
            given.integer(PARTITION).ifPresent(options::partition);
        });
    }
}

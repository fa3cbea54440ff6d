package io.platter.cli;

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
    private static final Option JSON = Command.flag("json", Json.LINES);

    static final Parameter IMAGE =
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
        return Repositories.options(
                RestoreCommand.COMPARE,
                RestoreCommand.FORCE,
                RestoreCommand.PARTITION,
                RestoreCommand.ALLOW_SMALLER,
                JSON);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(Repositories.REPOSITORY, IMAGE, TARGET);
    }

    @Override
    public int run(Arguments given, Session session) throws IOException {
        Path target = given.path(TARGET);
        boolean isNew = Targets.isNew(target, given.has(RestoreCommand.FORCE));
        RestoreReport report;
        try (Repository repository = Repositories.open(given);
                ImageReader reader = repository.reader(repository.image(given.text(IMAGE)));
                ProgressDisplay display = new ProgressDisplay("restore", session, given.has(JSON))) {
            try {
                Restore restore = RestoreCommand.restore(given, reader.newestImage(), target, isNew)
                        .control(display.control());
                report = isNew ? restore.toNewFile(target) : Disks.write(target, restore::to);
            } catch (CancellationException e) {
                throw Stopped.at(display, isNew ? "nothing of it is kept" : target + " is half written", e);
            }
        }
        Reports.of(session, given.has(JSON)).print(report);
        return Main.SUCCESS;
    }
}

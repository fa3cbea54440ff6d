package io.platter.cli;

import io.platter.Image;
import io.platter.ImageReader;
import io.platter.block.ImageFormatException;
import io.platter.job.CopyReport;
import io.platter.repository.Repository;
import io.platter.repository.RepositoryImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.apache.commons.cli.Option;

/** How images get from a repository to a file, to another repository, and back, without being compressed again. */
final class RepositoryCopyCommands {
    private static final Option JSON = Command.flag("json", Json.LINES);
    private static final String NOTHING_COUNTS = "nothing of this image counts";

    private RepositoryCopyCommands() {}

    private static void print(String what, CopyReport report, Arguments given, Session session) throws IOException {
        if (given.has(JSON)) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("type", "report");
            line.put("id", report.image().id());
            line.put("frames", report.frames());
            line.put("bytesRead", report.bytesRead());
            line.put("bytesWritten", report.bytesWritten());
            line.put("seconds", report.elapsed().toMillis() / 1000.0);
            session.output().json(Json.of(line));
        } else if (!session.quiet()) {
            String id = report.image().id().toString().substring(0, 12);
            session.output()
                    .line(
                            report.bytesWritten() == 0
                                    ? "image " + id + " is there already"
                                    : what + " image " + id + ": " + Sizes.human(report.bytesRead()) + " in "
                                            + report.frames() + " frames read, " + Sizes.human(report.bytesWritten())
                                            + " written");
        }
    }

    /** Copies an image to a file. */
    static final class Export extends RepositoryCommands.OnRepository {
        private static final Parameter FILE = Parameter.of("FILE", "the image file to make; it must not exist");

        Export() {
            super("export", "Copies an image of a repository to an image file of its own.", JSON);
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(Repositories.REPOSITORY, RepositoryRestoreCommand.IMAGE, FILE);
        }

        @Override
        public String footer() {
            return "Nothing is decompressed or compressed. The file can't be restored from a pipe.";
        }

        @Override
        public int run(Arguments given, Session session) throws IOException {
            Path file = given.path(FILE);
            CopyReport report;
            try (Repository repository = Repositories.open(given);
                    ProgressDisplay display = new ProgressDisplay("export", session, given.has(JSON))) {
                RepositoryImage image = repository.image(given.text(RepositoryRestoreCommand.IMAGE));
                try {
                    report = repository.export(image, file, display.control());
                } catch (CancellationException e) {
                    throw Stopped.at(display, "nothing of it is kept", e);
                }
            }
            print("exported", report, given, session);
            return Main.SUCCESS;
        }
    }

    /** Takes images of a file. */
    static final class Import extends RepositoryCommands.OnRepository {
        private static final Option NAME =
                Command.value("name", "N", "the images' name; default: the file's, without what follows its last dot");
        private static final Option IMAGE = Command.value(
                "image", "N", "only this image of the file: its number, or the start of its id; default: all");
        private static final Parameter FILE = Parameter.of("FILE", "an image file");

        Import() {
            super("import", "Copies the images of an image file to a repository.", NAME, IMAGE, JSON);
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(Repositories.REPOSITORY, FILE);
        }

        @Override
        public String footer() {
            return "Only what the repository lacks is read and written, as it is stored. Blocks are not compared with their hashes: "
                    + "verify a file first that somebody else may have made.";
        }

        @Override
        public int run(Arguments given, Session session) throws IOException {
            Path file = given.path(FILE);
            Optional<String> wanted = Images.named(given, IMAGE);
            String name = given.text(NAME).orElseGet(() -> nameOf(file));
            int exitCode = Main.SUCCESS;
            try (Repository repository = Repositories.open(given);
                    ImageReader reader = Images.open(file, session);
                    ProgressDisplay display = new ProgressDisplay("import", session, given.has(JSON))) {
                List<Image> images = wanted.isPresent() ? List.of(Images.of(reader, wanted)) : reader.images();
                for (Image image : images) {
                    try {
                        print("imported", repository.importImage(name, image, display.control()), given, session);
                    } catch (CancellationException e) {
                        throw Stopped.at(display, NOTHING_COUNTS, e);
                    }
                }
                if (wanted.isEmpty()) {
                    for (ImageFormatException damage : reader.unreadableImages().values()) {
                        session.notice(String.valueOf(damage.getMessage()));
                        exitCode = Main.BAD_IMAGE;
                    }
                }
            }
            return exitCode;
        }

        private static String nameOf(Path file) {
            String name = String.valueOf(file.getFileName());
            int dot = name.lastIndexOf('.');
            return dot > 0 ? name.substring(0, dot) : name;
        }
    }

    /** Copies images to another repository. */
    static final class Copy extends RepositoryCommands.OnRepository {
        private static final Parameter MORE =
                Parameter.repeated("OTHER", "more images, and last the repository to which they go");

        Copy() {
            super("copy", "Copies images of a repository to another one.", JSON);
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(Repositories.REPOSITORY, RepositoryRestoreCommand.IMAGE, MORE);
        }

        @Override
        public String synopsis() {
            return "platter " + name() + " [OPTION]... REPO IMAGE... OTHER";
        }

        @Override
        public String footer() {
            return "Only what the other repository lacks is read and written. What it has of a name, a time and an id is not copied again.";
        }

        @Override
        public int run(Arguments given, Session session) throws IOException {
            List<String> words = given.all(RepositoryRestoreCommand.IMAGE);
            if (words.size() < 2) {
                throw new UsageException("OTHER is missing, the repository to which the images go");
            }
            int last = words.size() - 1;
            try (Repository repository = Repositories.open(
                            given, Repositories.REPOSITORY.label(), given.word(Repositories.REPOSITORY));
                    Repository other = Repositories.open(given, "OTHER", words.get(last));
                    ProgressDisplay display = new ProgressDisplay("copy", session, given.has(JSON))) {
                for (String word : words.subList(0, last)) {
                    RepositoryImage image = repository.image(word);
                    try {
                        print("copied", repository.copy(image, other, display.control()), given, session);
                    } catch (CancellationException e) {
                        throw Stopped.at(display, NOTHING_COUNTS, e);
                    }
                }
            }
            return Main.SUCCESS;
        }
    }
}

package io.platter.cli;

import io.platter.job.JobControl;
import io.platter.repository.CheckReport;
import io.platter.repository.CollectOptions;
import io.platter.repository.CollectReport;
import io.platter.repository.Repository;
import io.platter.repository.RepositoryImage;
import io.platter.repository.RepositoryStatistics;
import io.platter.repository.Retention;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.cli.Option;

/** What is done with a repository besides capturing into it and restoring from it. */
final class RepositoryCommands {
    private static final Option JSON = Command.flag("json", Json.OBJECT);

    private RepositoryCommands() {}

    /** What all these commands have in common. */
    abstract static class OnRepository implements Command {
        private final String name;
        private final String description;
        private final List<Option> options;

        OnRepository(String name, String description, Option... options) {
            this.name = "repository " + name;
            this.description = description;
            this.options = Repositories.options(options);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public String description() {
            return description;
        }

        @Override
        public List<Option> options() {
            return options;
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(Repositories.REPOSITORY);
        }
    }

    /** Makes a repository. */
    static final class Init extends OnRepository {
        Init() {
            super("init", "Makes a repository: a directory that holds many images, and what they have in common once.");
        }

        @Override
        public int run(Arguments given, Session session) throws IOException {
            try (Repository repository = Repositories.init(given)) {
                session.output().line("made repository " + repository.id() + " in " + repository);
            }
            return Main.SUCCESS;
        }
    }

    /** Lists images. */
    static final class ListImages extends OnRepository {
        private static final Option NAME = Command.value("name", "N", "only images of this name");
        private static final Option LINES = Command.flag("json", "one JSON object a line, for each image");

        ListImages() {
            super("list", "Lists the images of a repository, the oldest first.", NAME, LINES);
        }

        @Override
        public int run(Arguments given, Session session) throws IOException {
            Optional<String> name = given.text(NAME);
            TextTable table = new TextTable("ID", "TIME", "NAME", "DISK", "DATA", "NEW");
            try (Repository repository = Repositories.open(given)) {
                for (RepositoryImage image : repository.images()) {
                    if (name.isPresent() && !name.get().equals(image.name())) {
                        continue;
                    }
                    if (given.has(LINES)) {
                        session.output().json(Json.of(describe(image)));
                    } else {
                        table.row(
                                image.info().id().toString().substring(0, 12),
                                image.time().truncatedTo(ChronoUnit.SECONDS).toString(),
                                image.name(),
                                Sizes.human(image.info().disk().size()),
                                Sizes.human(image.info().statistics().dataBytes()),
                                Sizes.human(image.info().statistics().newBytes()));
                    }
                }
            }
            if (!given.has(LINES)) {
                for (String line : table.lines()) {
                    session.output().line(line);
                }
            }
            return Main.SUCCESS;
        }
    }

    private static Map<String, Object> describe(RepositoryImage image) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("id", image.info().id());
        line.put("name", image.name());
        line.put("time", image.time());
        line.put("diskSize", image.info().disk().size());
        line.put("dataBytes", image.info().statistics().dataBytes());
        line.put("newBytes", image.info().statistics().newBytes());
        line.put("properties", image.info().properties());
        return line;
    }

    /** Forgets images. */
    static final class Forget extends OnRepository {
        private static final Option LAST = Command.value("keep-last", "N", "keep the newest N images of each name");
        private static final Option HOURLY = Command.value("keep-hourly", "N", "and the newest of each of N hours");
        private static final Option DAILY = Command.value("keep-daily", "N", "and the newest of each of N days");
        private static final Option WEEKLY = Command.value("keep-weekly", "N", "and the newest of each of N weeks");
        private static final Option MONTHLY = Command.value("keep-monthly", "N", "and the newest of each of N months");
        private static final Option YEARLY = Command.value("keep-yearly", "N", "and the newest of each of N years");
        private static final Option PROPERTY =
                Command.pair("keep-property", "and all images with this property; may be repeated");
        private static final Option NAME = Command.value("name", "N", "look at images of this name only");
        private static final Option DRY_RUN = Command.flag("dry-run", "say what would be forgotten, and do nothing");

        Forget() {
            super(
                    "forget",
                    "Forgets all images of a repository that no option keeps.",
                    LAST,
                    HOURLY,
                    DAILY,
                    WEEKLY,
                    MONTHLY,
                    YEARLY,
                    PROPERTY,
                    NAME,
                    DRY_RUN,
                    JSON);
        }

        @Override
        public String footer() {
            return "Only those hours, days and so on count in which there are images; they are those of UTC. The room of what is forgotten "
                    + "is freed by repository collect.";
        }

        @Override
        public int run(Arguments given, Session session) throws IOException {
            Retention rule = rule(given);
            List<Retention.Decision> decisions;
            try (Repository repository = Repositories.open(given)) {
                decisions = given.has(DRY_RUN) ? rule.judge(repository.images()) : repository.forget(rule);
            }
            String forgotten = given.has(DRY_RUN) ? "would be forgotten" : "forgotten";
            TextTable table = new TextTable("ID", "TIME", "NAME", "");
            for (Retention.Decision decision : decisions) {
                RepositoryImage image = decision.image();
                if (given.has(JSON)) {
                    Map<String, Object> line = describe(image);
                    line.put("kept", decision.keeps());
                    line.put("reasons", decision.reasons());
                    session.output().json(Json.of(line));
                } else {
                    table.row(
                            image.info().id().toString().substring(0, 12),
                            image.time().truncatedTo(ChronoUnit.SECONDS).toString(),
                            image.name(),
                            decision.keeps() ? "kept: " + String.join(", ", decision.reasons()) : forgotten);
                }
            }
            if (!given.has(JSON)) {
                for (String line : table.lines()) {
                    session.output().line(line);
                }
            }
            return Main.SUCCESS;
        }

        private static Retention rule(Arguments given) {
            Retention.Builder rule = Retention.builder();
            given.integer(LAST).ifPresent(rule::keepLast);
            given.integer(HOURLY).ifPresent(rule::keepHourly);
            given.integer(DAILY).ifPresent(rule::keepDaily);
            given.integer(WEEKLY).ifPresent(rule::keepWeekly);
            given.integer(MONTHLY).ifPresent(rule::keepMonthly);
            given.integer(YEARLY).ifPresent(rule::keepYearly);
            given.pairs(PROPERTY)
                    .forEach((key, value) -> rule.keepIf(
                            image -> value.equals(image.info().properties().get(key))));
            given.text(NAME)
                    .ifPresent(name -> rule.onlyFor(image -> image.name().equals(name)));
            try {
                return rule.build();
            } catch (IllegalStateException e) {
                throw new UsageException("nothing says what is kept; --keep-last or another --keep-… does");
            }
        }
    }

    /** Frees room. */
    static final class Collect extends OnRepository {
        private static final Option GRACE = Command.value(
                "grace", "HOURS", "how long a pack stays after it was given up, for those who read it; default 24");
        private static final Option SILENCE = Command.value(
                "silence", "DAYS", "give up captures that were begun so long ago and have not ended; default 7");

        Collect() {
            super("collect", "Frees the room of what no image of a repository needs.", GRACE, SILENCE, JSON);
        }

        @Override
        public String footer() {
            return "One collection gives packs up, a later one deletes them. Others may capture, restore and collect meanwhile.";
        }

        @Override
        public int run(Arguments given, Session session) throws IOException {
            CollectOptions options = CollectOptions.defaults();
            options = options.grace(given.integer(GRACE).map(Duration::ofHours).orElse(options.grace()));
            options =
                    options.silence(given.integer(SILENCE).map(Duration::ofDays).orElse(options.silence()));
            CollectReport report;
            try (Repository repository = Repositories.open(given)) {
                report = repository.collect(options, JobControl.defaults());
            }
            if (given.has(JSON)) {
                session.output().json(Json.of(describe(report)));
            } else {
                session.output()
                        .line("freed " + Sizes.human(report.bytesFreed()) + " in " + report.packsDeleted()
                                + " packs; gave up " + report.packsGivenUp() + " packs of "
                                + Sizes.human(report.bytesGivenUp()) + ", after "
                                + Sizes.human(report.bytesMoved()) + " of them were moved");
                if (report.waitingFor() > 0) {
                    session.output()
                            .line("these stay until " + report.waitingFor() + " captures have ended that are open");
                }
            }
            for (String damage : report.damaged()) {
                session.notice(damage);
            }
            return report.damaged().isEmpty() ? Main.SUCCESS : Main.BAD_IMAGE;
        }

        private static Map<String, Object> describe(CollectReport report) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("type", "report");
            line.put("packsGivenUp", report.packsGivenUp());
            line.put("bytesGivenUp", report.bytesGivenUp());
            line.put("bytesMoved", report.bytesMoved());
            line.put("packsDeleted", report.packsDeleted());
            line.put("bytesFreed", report.bytesFreed());
            line.put("sessionsGivenUp", report.sessionsGivenUp());
            line.put("waitingFor", report.waitingFor());
            line.put("damaged", report.damaged());
            return line;
        }
    }

    /** Checks a repository. */
    static final class Check extends OnRepository {
        private static final Option FULL = Command.flag("full", "read all blocks of all images, each once");

        Check() {
            super("check", "Checks whether all is there that the images of a repository need.", FULL, JSON);
        }

        @Override
        public String footer() {
            return "The exit code is 0 if all is well, and 1 if something is damaged or missing.";
        }

        @Override
        public int run(Arguments given, Session session) throws IOException {
            CheckReport report;
            try (Repository repository = Repositories.open(given);
                    ProgressDisplay display = new ProgressDisplay("check", session, given.has(JSON))) {
                report = repository.check(given.has(FULL), display.control());
            }
            if (given.has(JSON)) {
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("type", "report");
                line.put("images", report.images());
                line.put("blocks", report.blocks());
                line.put("problems", report.problems());
                session.output().json(Json.of(line));
            } else {
                session.output()
                        .line("checked " + (report.images() == 1 ? "1 image" : report.images() + " images")
                                + (given.has(FULL) ? ", " + report.blocks() + " blocks" : "") + ": "
                                + (report.isSound()
                                        ? "sound"
                                        : report.problems().size() + " problems"));
                for (String problem : report.problems()) {
                    session.output().line(problem);
                }
            }
            return report.isSound() ? Main.SUCCESS : Main.BAD_IMAGE;
        }
    }

    /** Measures a repository. */
    static final class Stats extends OnRepository {
        Stats() {
            super("stats", "Tells how large a repository is.", JSON);
        }

        @Override
        public int run(Arguments given, Session session) throws IOException {
            RepositoryStatistics found;
            try (Repository repository = Repositories.open(given)) {
                found = repository.statistics();
            }
            if (given.has(JSON)) {
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("images", found.images());
                line.put("diskBytes", found.diskBytes());
                line.put("dataBytes", found.dataBytes());
                line.put("packs", found.packs());
                line.put("packBytes", found.packBytes());
                line.put("indexBytes", found.indexBytes());
                line.put("manifestBytes", found.manifestBytes());
                session.output().json(Json.of(line));
            } else {
                session.output()
                        .line((found.images() == 1 ? "1 image" : found.images() + " images") + " of disks of "
                                + Sizes.human(found.diskBytes()) + " with " + Sizes.human(found.dataBytes())
                                + " of data");
                session.output()
                        .line("take " + Sizes.exact(found.packBytes()) + " in " + found.packs() + " packs, "
                                + Sizes.human(found.indexBytes()) + " of lists and "
                                + Sizes.human(found.manifestBytes()) + " of manifests");
            }
            return Main.SUCCESS;
        }
    }
}

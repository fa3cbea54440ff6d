package io.platter.repository;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Says which images are kept. Each name is judged by itself: the newest {@code last} ones, and of the hours, days, weeks, months and
 * years in which there are images, the newest image of each of the last ones. An image that no rule keeps is forgotten.
 *
 * <p>Immutable.
 */
public final class Retention {
    /** A row of spans of time. */
    private record Rule(String word, int count, Function<ZonedDateTime, String> span) {}

    private final List<Rule> rules;
    private final Predicate<RepositoryImage> concerns;
    private final Predicate<RepositoryImage> always;

    private Retention(Builder builder) {
        this.rules = List.copyOf(builder.rules.values());
        this.concerns = builder.concerns;
        this.always = builder.always;
    }

    /** Returns a builder of a rule that keeps nothing. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * What is to become of an image, and why.
     *
     * <p>Immutable.
     *
     * @param image the image
     * @param reasons why it is kept, such as {@code last 2 of 3} or {@code daily 2026-01-31}; empty if it is forgotten
     */
    public record Decision(RepositoryImage image, List<String> reasons) {
        /** Copies the reasons. */
        public Decision {
            reasons = List.copyOf(reasons);
        }

        /** Tells whether the image is kept. */
        public boolean keeps() {
            return !reasons.isEmpty();
        }
    }

    /**
     * Judges images.
     *
     * @param images all of a repository, in any order
     * @return a decision for each, the newest of each name first
     */
    public List<Decision> judge(List<RepositoryImage> images) {
        Map<String, List<RepositoryImage>> byName = new LinkedHashMap<>();
        images.stream()
                .sorted(Comparator.comparing(RepositoryImage::name)
                        .thenComparing(Comparator.comparing(RepositoryImage::time)
                                .thenComparing(RepositoryImage::key)
                                .reversed()))
                .forEach(image -> byName.computeIfAbsent(image.name(), unknown -> new ArrayList<>())
                        .add(image));
        List<Decision> decisions = new ArrayList<>();
        byName.values().forEach(ofName -> judgeName(ofName, decisions));
        return decisions;
    }

    private void judgeName(List<RepositoryImage> newestFirst, List<Decision> decisions) {
        Map<Rule, List<String>> spans = new HashMap<>();
        for (RepositoryImage image : newestFirst) {
            List<String> reasons = new ArrayList<>();
            if (!concerns.test(image)) {
                reasons.add("not concerned");
            } else {
                if (always.test(image)) {
                    reasons.add("kept by its properties");
                }
                for (Rule rule : rules) {
                    keptBy(rule, image, spans.computeIfAbsent(rule, unknown -> new ArrayList<>()))
                            .ifPresent(reasons::add);
                }
            }
            decisions.add(new Decision(image, reasons));
        }
    }

    private static Optional<String> keptBy(Rule rule, RepositoryImage image, List<String> seen) {
        Instant time = image.time();
        String span = rule.span.apply(time.atZone(ZoneOffset.UTC)) + (rule.word.equals("last") ? seen.size() : "");
        if (seen.contains(span) || seen.size() == rule.count) {
            return Optional.empty();
        }
        seen.add(span);
        return Optional.of(
                rule.word.equals("last") ? "last " + seen.size() + " of " + rule.count : rule.word + " " + span);
    }

    /**
     * Builds a rule.
     *
     * <p>Not thread-safe: one thread at a time.
     */
    public static final class Builder {
        private final Map<String, Rule> rules = new LinkedHashMap<>();
        private Predicate<RepositoryImage> concerns = image -> true;
        private Predicate<RepositoryImage> always = image -> false;

        private Builder() {}

        private Builder rule(String word, int count, Function<ZonedDateTime, String> span) {
            if (count < 1) {
                throw new IllegalArgumentException("keep " + word + " " + count + ", expected 1 or more");
            }
            rules.put(word, new Rule(word, count, span));
            return this;
        }

        /** Keeps the newest images, 1 or more. */
        public Builder keepLast(int count) {
            return rule("last", count, time -> "");
        }

        /** Keeps the newest image of each of the last hours that have one. */
        public Builder keepHourly(int count) {
            return rule("hourly", count, time -> time.toString().substring(0, 13));
        }

        /** Keeps the newest image of each of the last days that have one, in UTC. */
        public Builder keepDaily(int count) {
            return rule("daily", count, time -> time.toLocalDate().toString());
        }

        /** Keeps the newest image of each of the last weeks that have one, from Monday to Sunday. */
        public Builder keepWeekly(int count) {
            return rule(
                    "weekly",
                    count,
                    time -> time.get(IsoFields.WEEK_BASED_YEAR) + "-W" + time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
        }

        /** Keeps the newest image of each of the last months that have one. */
        public Builder keepMonthly(int count) {
            return rule("monthly", count, time -> time.toString().substring(0, 7));
        }

        /** Keeps the newest image of each of the last years that have one. */
        public Builder keepYearly(int count) {
            return rule("yearly", count, time -> String.valueOf(time.getYear()));
        }

        /** Keeps all images of which something is true, such as a property. */
        public Builder keepIf(Predicate<RepositoryImage> condition) {
            always = always.or(condition);
            return this;
        }

        /** Concerns only images of which something is true, such as their name: all others are kept. */
        public Builder onlyFor(Predicate<RepositoryImage> condition) {
            concerns = concerns.and(condition);
            return this;
        }

        /**
         * Returns the rule.
         *
         * @throws IllegalStateException if it would keep nothing: forget images by name then
         */
        public Retention build() {
            if (rules.isEmpty()) {
                throw new IllegalStateException("a rule that keeps no image at all");
            }
            return new Retention(this);
        }
    }
}

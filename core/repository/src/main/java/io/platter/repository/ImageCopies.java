package io.platter.repository;

import io.platter.Image;
import io.platter.ImageCopy;
import io.platter.image.ImageInfo;
import io.platter.image.PropertyKeys;
import io.platter.job.CopyReport;
import io.platter.job.JobControl;
import java.io.IOException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Takes images from elsewhere into a repository. Safe for use by several threads. */
final class ImageCopies {
    /** An image that was there already. */
    private record AlreadyThere(ImageInfo image) implements CopyReport {
        @Override
        public long frames() {
            return 0;
        }

        @Override
        public long bytesRead() {
            return 0;
        }

        @Override
        public long bytesWritten() {
            return 0;
        }

        @Override
        public Duration elapsed() {
            return Duration.ZERO;
        }
    }

    /** Begins a session. */
    interface Begin {
        WriteSession at(Instant time) throws IOException;
    }

    private final RepositoryImages images;
    private final Clock clock;

    ImageCopies(RepositoryImages images, Clock clock) {
        this.images = images;
        this.clock = clock;
    }

    /**
     * Takes an image, unless it is there under the same name and of the same time.
     *
     * @param begin begins the session that takes it
     */
    CopyReport take(String name, Image image, Optional<Instant> time, Begin begin, JobControl control)
            throws IOException {
        ImageInfo info = image.info();
        Optional<RepositoryImage> there = images.same(name, info.id(), time);
        if (there.isPresent()) {
            return new AlreadyThere(there.get().info());
        }
        ImageCopy copy = ImageCopy.of(image).control(control);
        WriteSession store = begin.at(time.orElseGet(clock::instant));
        try {
            return copy.to(store, images.newestReadable(name, store.begun()));
        } catch (IOException | RuntimeException | Error e) {
            try {
                store.abandon();
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    /** Returns when an image was captured, as far as it says so and it can be true. */
    Optional<Instant> timeOf(Image image) throws IOException {
        String text = image.info().properties().getOrDefault(PropertyKeys.TIME, "");
        try {
            Instant time = Instant.parse(text);
            return time.isBefore(Instant.EPOCH) || time.isAfter(clock.instant()) ? Optional.empty() : Optional.of(time);
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}

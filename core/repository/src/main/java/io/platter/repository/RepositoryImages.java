package io.platter.repository;

import io.platter.Image;
import io.platter.ImageReader;
import io.platter.ReadOptions;
import io.platter.block.ImageFormatException;
import io.platter.image.ImageInfo;
import io.platter.image.NoSuchImageException;
import io.platter.image.Sha256;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The images of a repository: all, by name, by id, and their readers. Safe for use by several threads. */
final class RepositoryImages {
    private final Blobs blobs;
    private final PackDevices packs;

    /** What images say of themselves never changes. */
    private final Map<String, RepositoryImage> known = new ConcurrentHashMap<>();

    RepositoryImages(Blobs blobs, PackDevices packs) {
        this.blobs = blobs;
        this.packs = packs;
    }

    /** Returns all images whose manifests can be read, the oldest first. */
    List<RepositoryImage> all() throws IOException {
        List<RepositoryImage> images = new ArrayList<>();
        for (Sessions.Session session : Sessions.list(blobs).all()) {
            if (session.hasImage()) {
                try {
                    images.add(image(session));
                } catch (ImageFormatException e) {
                    // Check tells of it.
                }
            }
        }
        images.sort(Comparator.comparing(RepositoryImage::time).thenComparing(RepositoryImage::key));
        return images;
    }

    /** Returns the newest image of a name, or else the image whose id starts with these digits. */
    RepositoryImage named(String nameOrId) throws IOException {
        Optional<Sessions.Session> named = Sessions.list(blobs).newestImage(nameOrId);
        if (named.isPresent()) {
            return image(named.get()); // An older one is never given in place of one that can't be read.
        }
        List<RepositoryImage> images = all();
        String digits = nameOrId.toLowerCase(Locale.ROOT);
        List<RepositoryImage> found = images.stream()
                .filter(image -> digits.matches("[0-9a-f]{4,64}")
                        && image.info().id().toString().startsWith(digits))
                .toList();
        long different =
                found.stream().map(image -> image.info().id()).distinct().count();
        if (different != 1) {
            throw new NoSuchImageException((found.isEmpty() ? "no image" : found.size() + " images")
                    + " of the name or with an id that starts with \"" + nameOrId + "\" in " + blobs.name());
        }
        return found.get(found.size() - 1);
    }

    /** Returns an image that has a name and an id, and a time, to the second, if one is given. */
    Optional<RepositoryImage> same(String name, Sha256 id, Optional<Instant> time) throws IOException {
        for (Sessions.Session session : Sessions.list(blobs).all()) {
            if (session.hasImage()
                    && Keys.nameOf(session.base()).equals(name)
                    && (time.isEmpty() || isSameSecond(time, Keys.timeOf(session.base())))) {
                try {
                    RepositoryImage image = image(session);
                    if (image.info().id().equals(id)) {
                        return Optional.of(image);
                    }
                } catch (ImageFormatException e) {
                    // Check tells of it; the copy makes a sound one.
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isSameSecond(Optional<Instant> one, Optional<Instant> other) {
        return one.map(Instant::getEpochSecond).equals(other.map(Instant::getEpochSecond));
    }

    /** Returns the newest image of a name, unless it can't be read: check tells of that, a capture needs none. */
    Optional<Image> newestReadable(String name, Sessions sessions) {
        Optional<Sessions.Session> newest = sessions.newestImage(name);
        try {
            return newest.isEmpty()
                    ? Optional.empty()
                    : Optional.of(reader(newest.get(), ReadOptions.defaults()).newestImage());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Returns the image that is asked first for what a disk still has: that of an id, or else the newest of a name. */
    Optional<Image> base(String name, Optional<Sha256> id, Sessions sessions) throws IOException {
        Optional<Image> newest = newestReadable(name, sessions);
        if (id.isEmpty()) {
            return newest;
        }
        if (newest.isPresent() && newest.get().info().id().equals(id.get())) {
            return newest;
        }
        Optional<RepositoryImage> wanted = all().stream()
                .filter(image -> image.info().id().equals(id.get()))
                .reduce((first, last) -> last);
        return wanted.isEmpty()
                ? newest
                : Optional.of(reader(wanted.get(), ReadOptions.defaults()).newestImage());
    }

    /** Opens an image. */
    ImageReader reader(RepositoryImage image, ReadOptions options) throws IOException {
        Sessions.Session session = Sessions.list(blobs)
                .byBase(image.key())
                .filter(Sessions.Session::hasImage)
                .orElseThrow(() -> new NoSuchImageException(
                        "the image " + image.key() + " is not in " + blobs.name() + " any more"));
        return reader(session, options);
    }

    private ImageReader reader(Sessions.Session session, ReadOptions options) throws IOException {
        BlobFile manifest = BlobFile.read(blobs, session.end().orElseThrow(), packs.numbers());
        return ImageReader.open(manifest.bytes(), packs, options);
    }

    private RepositoryImage image(Sessions.Session session) throws IOException {
        RepositoryImage image = known.get(session.base());
        if (image == null) {
            try (ImageReader reader = reader(session, ReadOptions.defaults())) {
                ImageInfo info = reader.newestImage().info();
                Instant time = Keys.timeOf(session.base()).orElseThrow();
                image = new RepositoryImage(Keys.nameOf(session.base()), time, info, session.base());
            }
            known.put(session.base(), image);
        }
        return image;
    }
}

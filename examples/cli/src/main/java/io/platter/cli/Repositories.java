package io.platter.cli;

import io.platter.image.ImageDescription;
import io.platter.image.PropertyKeys;
import io.platter.nbd.NbdUri;
import io.platter.repository.Repository;
import io.platter.repository.store.BlobStore;
import io.platter.repository.store.DirectoryStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.cli.Option;

/** Opens the repository that a command names. */
final class Repositories {
    /** Which one. */
    static final Parameter REPOSITORY = Parameter.of("REPO", "the repository: its directory, or s3://BUCKET/PREFIX");

    private static final Option ENDPOINT = Command.value(
            "endpoint",
            "URL",
            "the S3 server, such as http://ceph.example:7480; default: AWS_ENDPOINT_URL, or else AWS");
    private static final Option REGION =
            Command.value("region", "R", "the region of the S3 server; default: as AWS_REGION or a profile says");

    private Repositories() {}

    /** Returns a command's options, and after them those that say where a repository is. */
    static List<Option> options(Option... own) {
        return Stream.concat(Stream.of(own), Stream.of(ENDPOINT, REGION)).toList();
    }

    static Repository open(Arguments given) throws IOException {
        return open(given, REPOSITORY);
    }

    static Repository open(Arguments given, Parameter place) throws IOException {
        if (given.address(place).isEmpty()) {
            refuseOptions(given, place);
        }
        return open(given, place.label(), given.word(place));
    }

    /** Opens the repository that a word names; the options that say where one is may be for another word. */
    static Repository open(Arguments given, String label, String word) throws IOException {
        BlobStore store = store(given, label, word, false);
        try {
            return Repository.open(store);
        } catch (IOException | RuntimeException e) {
            try (store) {
                throw e;
            }
        }
    }

    static Repository init(Arguments given) throws IOException {
        if (given.address(REPOSITORY).isEmpty()) {
            refuseOptions(given, REPOSITORY);
        }
        BlobStore store = store(given, REPOSITORY.label(), given.word(REPOSITORY), true);
        try {
            return Repository.init(store);
        } catch (IOException | RuntimeException e) {
            try (store) {
                throw e;
            }
        }
    }

    /** Tells whether a parameter, which may also name something else, names a repository: a directory, or an address but for that of a disk. */
    static boolean isOne(Arguments given, Parameter place) {
        Optional<URI> address = given.address(place);
        return address.isPresent() ? !NbdUri.matches(address.get().toString()) : Files.isDirectory(given.path(place));
    }

    /** Refuses what says where a repository is if something else was named. */
    static void refuseOptions(Arguments given, Parameter place) {
        if (given.has(ENDPOINT) || given.has(REGION)) {
            throw new UsageException("--endpoint and --region are for s3://…, not for " + given.path(place));
        }
    }

    private static BlobStore store(Arguments given, String label, String word, boolean make) throws IOException {
        Optional<URI> address = given.address(label, word);
        if (address.isPresent()) {
            if (!"s3".equals(address.get().getScheme())) {
                throw new UsageException(
                        "no repository can be at " + address.get() + ", expected a directory or s3://BUCKET/PREFIX");
            }
            return S3Stores.open(address.get(), given.text(ENDPOINT), given.text(REGION));
        }
        Path directory = RawArguments.path(word);
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new UsageException(directory + " is not a directory, expected that of a repository");
        }
        return make ? DirectoryStore.create(directory) : DirectoryStore.open(directory);
    }

    /** Returns the name of a source's images if none was given: the machine's, and the source's own. */
    static String defaultName(Path source) {
        Path last = source.getFileName();
        String machine =
                ImageDescription.standard().properties(Optional.empty()).getOrDefault(PropertyKeys.HOST, "localhost");
        return machine + (last == null ? "" : "-" + last);
    }
}

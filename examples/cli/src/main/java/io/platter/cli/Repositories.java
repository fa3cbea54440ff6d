package io.platter.cli;

import io.platter.image.ImageDescription;
import io.platter.image.PropertyKeys;
import io.platter.repository.Repository;
import io.platter.repository.store.BlobStore;
import io.platter.repository.store.DirectoryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Opens the repository that a command names. */
final class Repositories {
    /** Which one. */
    static final Parameter REPOSITORY = Parameter.of("REPO", "the repository's directory");

    private Repositories() {}

    static Repository open(Arguments given) throws IOException {
        return open(given.text(REPOSITORY));
    }

    static Repository open(String name) throws IOException {
        return Repository.open(store(name, false));
    }

    static Repository init(Arguments given) throws IOException {
        return Repository.init(store(given.text(REPOSITORY), true));
    }

    private static BlobStore store(String name, boolean make) throws IOException {
        if (name.matches("[a-z0-9]+://.*")) {
            throw new UsageException("no repository can be at " + name + " yet, expected a directory");
        }
        Path directory = RawArguments.path(name);
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

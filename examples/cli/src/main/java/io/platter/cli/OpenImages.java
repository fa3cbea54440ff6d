package io.platter.cli;

import io.platter.Image;
import io.platter.ImageReader;
import io.platter.repository.Repository;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.commons.cli.Option;

/**
 * The images of a file that a command names, or the one image of a repository: the one place where a command that reads images
 * finds them.
 *
 * @param reader reads them
 * @param which the number or the id of the one that was asked for; empty for the newest
 * @param name by which messages call all of them
 * @param size of the file, or of the image's manifest, in bytes
 * @param place is closed with the reader
 */
record OpenImages(ImageReader reader, Optional<String> which, String name, long size, Closeable place)
        implements Closeable {
    /** What a parameter may be that is opened here. */
    static final String PLACES = "the image file, or a repository: its directory or s3://BUCKET/PREFIX";

    /**
     * Opens what a parameter names.
     *
     * @param which the option that names the image
     */
    static OpenImages open(Arguments given, Parameter place, Option which, Session session) throws IOException {
        if (Repositories.isOne(given, place)) {
            return ofRepository(given, place, which);
        }
        Repositories.refuseOptions(given, place);
        Optional<String> number = Images.named(given, which);
        Path file = given.path(place);
        long size = Files.size(file);
        return new OpenImages(Images.open(file, session), number, file.toString(), size, () -> {});
    }

    private static OpenImages ofRepository(Arguments given, Parameter place, Option which) throws IOException {
        Repository repository;
        try {
            repository = Repositories.open(given, place);
        } catch (NoSuchFileException e) {
            if (given.address(place).isPresent()) {
                throw e;
            }
            throw new UsageException(given.path(place) + " is a directory, expected an image file or a repository");
        }
        try {
            String image = given.text(which)
                    .orElseThrow(() -> new UsageException(repository + " is a repository; --" + which.getLongOpt()
                            + " says which of its images, repository list lists them"));
            ImageReader reader = repository.reader(repository.image(image));
            return new OpenImages(
                    reader,
                    Optional.empty(),
                    image + " of " + repository,
                    reader.end().offset(),
                    repository);
        } catch (IOException | RuntimeException e) {
            try (repository) {
                throw e;
            }
        }
    }

    /** Returns the image that was asked for. */
    Image image() throws IOException {
        return Images.of(reader, which);
    }

    @Override
    public void close() throws IOException {
        try (place) {
            reader.close();
        }
    }
}

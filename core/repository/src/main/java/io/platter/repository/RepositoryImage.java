package io.platter.repository;

import io.platter.image.ImageInfo;
import java.time.Instant;

/**
 * An image of a repository.
 *
 * <p>Immutable.
 *
 * @param name the name under which it was captured, which it shares with earlier and later ones of the same disk
 * @param time when its capture was begun, by the clock of the machine that captured it, to the microsecond; of an image that
 *     was imported from a file, to the second
 * @param info what it says of itself; its {@code newBytes} are those that the place did not have where it was captured
 * @param key by which the repository knows it
 */
public record RepositoryImage(String name, Instant time, ImageInfo info, String key) {}

package io.platter.repository;

/**
 * How large a repository is.
 *
 * <p>Immutable.
 *
 * @param images how many images there are
 * @param diskBytes the sizes of their disks, all together
 * @param dataBytes how many bytes of data they have, all together, as if each were alone
 * @param packs how many packs there are
 * @param packBytes how many bytes these have: what the data takes
 * @param indexBytes how many bytes the lists have of what is in packs
 * @param manifestBytes how many bytes the manifests of images and collections have
 */
public record RepositoryStatistics(
        int images, long diskBytes, long dataBytes, int packs, long packBytes, long indexBytes, long manifestBytes) {}

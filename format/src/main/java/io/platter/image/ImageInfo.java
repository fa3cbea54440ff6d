package io.platter.image;

import java.util.List;
import java.util.SortedMap;

/**
 * What an image says of itself.
 *
 * <p>Immutable.
 *
 * @param number which image of its file it is, from 1
 * @param id its name: the hash of everything that it claims, from its content to its properties. Two images with the same
 *     id are the same in all of that; the same disk, captured twice, has two ids if only its properties differ
 * @param rootHash the root of the hash tree over all its extents and blocks: two images with the same one hold the same disk
 * @param disk the disk's geometry
 * @param contentSectorSize in which its partition table and its filesystems count, in bytes
 * @param cut where its blocks end
 * @param statistics how many bytes of each kind it has
 * @param properties its properties, in ascending order of their keys
 * @param partitions what it says of the disk's partitions
 */
public record ImageInfo(
        int number,
        Sha256 id,
        Sha256 rootHash,
        DiskGeometry disk,
        int contentSectorSize,
        CutRule cut,
        ImageStatistics statistics,
        SortedMap<String, String> properties,
        List<PartitionSummary> partitions) {}

package io.platter;

import io.platter.format.ImageProperties;
import io.platter.format.ImageRoot;
import io.platter.format.PartitionSummary;
import io.platter.format.Sha256;
import java.util.List;
import java.util.SortedMap;

/**
 * What an image says of itself.
 *
 * <p>Immutable.
 *
 * @param number which image of its file it is, from 1
 * @param id the root of the hash tree over all its extents and blocks: two images with the same id hold the same disk
 * @param disk the disk's geometry
 * @param cut where its blocks end
 * @param statistics how many bytes of each kind it has
 * @param properties its properties, in ascending order of their keys
 * @param partitions what it says of the disk's partitions
 */
public record ImageInfo(
        int number,
        Sha256 id,
        DiskGeometry disk,
        CutRule cut,
        ImageRoot.Statistics statistics,
        SortedMap<String, String> properties,
        List<PartitionSummary> partitions) {

    static ImageInfo of(ImageRoot root, ImageProperties words) {
        return new ImageInfo(
                root.number(),
                root.rootHash(),
                new DiskGeometry(root.diskSize(), root.logicalSectorSize(), root.physicalSectorSize()),
                root.cut() == 0 ? CutRule.byContent() : CutRule.fixed(root.cut()),
                root.statistics(),
                words.properties(),
                words.partitions());
    }
}

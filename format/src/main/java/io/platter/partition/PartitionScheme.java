package io.platter.partition;

/**
 * The kinds of partition tables.
 *
 * <p>Immutable.
 */
public enum PartitionScheme {
    /** The GUID partition table of UEFI. */
    GPT("gpt"),
    /** The table in the master boot record, with logical partitions in a chain of extended boot records. */
    MBR("mbr"),
    /** The Apple partition map, of Macintoshes before 2006 and of hybrid discs. */
    APPLE("apple"),
    /** The label of the BSD systems. */
    BSD("bsd"),
    /** No table: the disk is empty, or holds one volume from its first sector on. */
    NONE("none");

    private final String code;

    PartitionScheme(String code) {
        this.code = code;
    }

    /** Returns the word that stands for this kind in reports. */
    public String code() {
        return code;
    }
}

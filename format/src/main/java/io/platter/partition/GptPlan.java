package io.platter.partition;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Makes a GPT of a layout. */
final class GptPlan {
    private GptPlan() {}

    static Gpt table(
            PartitionLayout layout,
            int entryCount,
            @Nullable UUID diskId,
            long diskSize,
            int sectorSize,
            RandomGenerator random) {
        byte[] entries = new byte[entryCount * GptHeader.MIN_ENTRY_SIZE];
        long sectors = GptHeader.entriesSectors(entries.length, sectorSize);
        long entriesLba = GptHeader.PRIMARY_LBA + 1;
        long alternateLba = diskSize / sectorSize - 1;
        long firstUsable = entriesLba + sectors;
        long backupEntriesLba = alternateLba - sectors;
        if (backupEntriesLba < firstUsable) {
            throw new IllegalArgumentException("a disk of " + diskSize + " bytes is too small for a GPT of "
                    + entryCount + " entries in sectors of " + sectorSize);
        }
        List<PartitionSpec> specs = layout.partitions();
        List<Placement.Place> places = Placement.place(
                specs, firstUsable * sectorSize, backupEntriesLba * sectorSize, layout.alignment(), sectorSize);
        UUID id = diskId == null ? Guid.random(random) : diskId;
        for (int i = 0; i < specs.size(); i++) {
            Partition partition = partition(i + 1, specs.get(i), places.get(i), random);
            GptEntries.encode(partition, entries, GptHeader.MIN_ENTRY_SIZE, sectorSize);
        }
        GptHeader header = new GptHeader(
                        GptHeader.PRIMARY_LBA,
                        alternateLba,
                        firstUsable,
                        backupEntriesLba - 1,
                        id,
                        entriesLba,
                        entryCount,
                        GptHeader.MIN_ENTRY_SIZE,
                        0)
                .over(id, entries);
        BootRecord bootRecord = new BootRecord(new BootRecord(new byte[sectorSize]).protecting(alternateLba + 1));
        return new Gpt(sectorSize, diskSize, header, backupEntriesLba, entries, bootRecord, new Findings());
    }

    private static Partition partition(int index, PartitionSpec spec, Placement.Place place, RandomGenerator random) {
        UUID given = spec.id();
        return new Partition(
                index,
                place.diskOffset(),
                place.length(),
                PartitionType.of(PartitionScheme.GPT, spec.type()),
                spec.name(),
                Guid.text(given == null ? Guid.random(random) : given),
                spec.attributes(),
                Set.of());
    }
}

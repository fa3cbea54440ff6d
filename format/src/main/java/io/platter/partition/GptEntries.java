package io.platter.partition;

import io.platter.bytes.Guids;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** The entries of a GPT. Source: UEFI 2.10 §5.3.3, table 5.6. */
final class GptEntries {
    static final int ID_POSITION = 16;
    static final int FIRST_LBA_POSITION = 32;
    static final int LAST_LBA_POSITION = 40;
    static final int ATTRIBUTES_POSITION = 48;
    static final int NAME_POSITION = 56;
    /** The room for a name, in UTF-16 units. */
    static final int NAME_UNITS = 36;
    /** The attribute bit of a partition that an old BIOS boots from. Source: UEFI 2.10 §5.3.3, table 5.8. */
    static final long LEGACY_BIOS_BOOTABLE = 1L << 2;

    private GptEntries() {}

    /** Returns the partitions of the used entries; one that no disk can hold is a finding instead. */
    static List<Partition> decode(byte[] entries, GptHeader header, int sectorSize, Findings findings) {
        List<Partition> partitions = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        ByteBuffer in = ByteBuffer.wrap(entries).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < header.entryCount(); i++) {
            int position = i * header.entrySize();
            UUID type = Guids.get(in, position);
            if (type.equals(Guid.ZERO)) {
                continue;
            }
            long diskOffset = header.entriesLba() * sectorSize + position;
            long first = in.getLong(position + FIRST_LBA_POSITION);
            long last = in.getLong(position + LAST_LBA_POSITION);
            if (first < 0 || last < first || last > GptHeader.maxLba(sectorSize)) {
                findings.error(
                        diskOffset,
                        "partition " + (i + 1) + " from sector " + Long.toUnsignedString(first) + " to "
                                + Long.toUnsignedString(last) + " is left out");
                continue;
            }
            Partition partition = partition(
                    i + 1, PartitionType.gpt(type), first, last, in.slice(position, header.entrySize()), sectorSize);
            if (!ids.add(partition.id())) {
                findings.warning(diskOffset, "partition " + (i + 1) + " has the id of another one, " + partition.id());
            }
            partitions.add(partition);
        }
        return partitions;
    }

    private static Partition partition(
            int index, PartitionType type, long first, long last, ByteBuffer entry, int sectorSize) {
        long attributes = entry.order(ByteOrder.LITTLE_ENDIAN).getLong(ATTRIBUTES_POSITION);
        String name = StandardCharsets.UTF_16LE
                .decode(entry.slice(NAME_POSITION, 2 * NAME_UNITS))
                .toString();
        int end = name.indexOf('\0');
        return new Partition(
                index,
                first * sectorSize,
                (last - first + 1) * sectorSize,
                type,
                end < 0 ? name : name.substring(0, end),
                Guid.text(Guids.get(entry, ID_POSITION)),
                attributes,
                (attributes & LEGACY_BIOS_BOOTABLE) == 0 ? Set.of() : EnumSet.of(PartitionFlag.BOOTABLE));
    }

    /** Puts a partition into the entry of its index. */
    static void encode(Partition partition, byte[] entries, int entrySize, int sectorSize) {
        ByteBuffer out = ByteBuffer.wrap(entries).order(ByteOrder.LITTLE_ENDIAN);
        int position = (partition.index() - 1) * entrySize;
        Guids.put(out, position, partition.type().guid());
        Guids.put(out, position + ID_POSITION, UUID.fromString(partition.id()));
        out.putLong(position + FIRST_LBA_POSITION, partition.diskOffset() / sectorSize);
        out.putLong(position + LAST_LBA_POSITION, partition.end() / sectorSize - 1);
        out.putLong(position + ATTRIBUTES_POSITION, partition.attributes());
        out.position(position + NAME_POSITION).put(partition.name().getBytes(StandardCharsets.UTF_16LE));
    }

    /** Returns the entries with a new id in each that is used. */
    static byte[] withNewIds(byte[] entries, int entrySize, RandomGenerator random) {
        ByteBuffer renewed = ByteBuffer.wrap(entries.clone());
        for (int position = 0; position < entries.length; position += entrySize) {
            if (!Guids.get(renewed, position).equals(Guid.ZERO)) {
                Guids.put(renewed, position + ID_POSITION, Guid.random(random));
            }
        }
        return renewed.array();
    }
}

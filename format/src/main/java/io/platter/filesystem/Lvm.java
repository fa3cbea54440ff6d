package io.platter.filesystem;

import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.block.ImageFormatException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;

/**
 * Physical volumes of LVM2: extents that belong to no logical volume are free, and a plain logical volume is looked into.
 *
 * <p>The metadata is that of the highest {@code seqno} on any physical volume of the group, so all of them have to be
 * here: one that is not may hold newer metadata, and part of a logical volume.
 *
 * @param present all volumes that are here, in which the others of the group are looked for
 */
record Lvm(List<BlockDevice> present) implements Filesystem {
    @Override
    public String name() {
        return "lvm2";
    }

    @Override
    public Optional<AllocationMap> map(BlockDevice volume) throws IOException {
        Optional<LvmLabel> label;
        try {
            label = LvmLabel.read(volume);
        } catch (UnprovenException e) {
            return Optional.of(AllocationMap.whole(volume, name(), e.reason(), e.detail()));
        }
        if (label.isPresent() && volume instanceof LogicalVolume) {
            return Optional.of(
                    AllocationMap.whole(volume, name(), Reason.OPAQUE, "a physical volume inside a logical volume"));
        }
        return label.isEmpty() ? Optional.empty() : Optional.of(map(volume, label.get()));
    }

    private AllocationMap map(BlockDevice volume, LvmLabel label) throws IOException {
        AllocationMap map = new AllocationMap(
                name(),
                label.texts().isEmpty() ? "" : LvmGroup.nameIn(label.texts().get(0)),
                label.formattedUuid(),
                volume.size(),
                0,
                VolumeState.CLEAN,
                Reason.NONE,
                "",
                ExtentSet.EMPTY);
        StringJoiner contents = new StringJoiner("; ");
        AllocationMap result = map.proven(() -> used(volume, label, contents));
        return result.reason() == Reason.NONE ? result.withDetail(contents.toString()) : result;
    }

    private ExtentSet used(BlockDevice volume, LvmLabel label, StringJoiner contents)
            throws IOException, UnprovenException {
        LvmGroup group = group(volume, label);
        LvmGroup.PhysicalVolume physical = group.physicalOn(volume);
        if (label.metadata().intersects(physical.start(), physical.length())) {
            throw new UnprovenException(Reason.DAMAGED, "extents overlap the metadata");
        }
        FreeRuns free = new FreeRuns();
        ExtentSet unallocated = group.free(physical);
        for (int run = 0; run < unallocated.count(); run++) {
            free.add(unallocated.offset(run), unallocated.end(run) - unallocated.offset(run));
        }
        for (LogicalVolume logical : group.plain()) {
            addUnused(logical, physical.number(), free, contents);
        }
        return free.used(volume.size());
    }

    /**
     * Returns where marks may stand inside the plain logical volumes on a physical volume; none if it is not one, or its
     * group can't be followed.
     */
    ExtentSet marksInside(BlockDevice volume) throws IOException {
        ExtentSet.Builder places = ExtentSet.builder();
        try {
            Optional<LvmLabel> label = LvmLabel.read(volume);
            if (label.isEmpty()) {
                return ExtentSet.EMPTY;
            }
            LvmGroup group = group(volume, label.get());
            int number = group.physicalOn(volume).number();
            for (LogicalVolume logical : group.plain()) {
                ExtentSet inside = VolumeMarks.ofContent(logical);
                for (int run = 0; run < inside.count(); run++) {
                    logical.addBelow(inside.offset(run), inside.end(run) - inside.offset(run), number, places::add);
                }
            }
        } catch (UnprovenException | ImageFormatException e) {
            return ExtentSet.EMPTY;
        }
        return places.build().intersection(ExtentSet.of(0, volume.size()));
    }

    /** Returns the group of a physical volume, as the newest of its metadata says. */
    private LvmGroup group(BlockDevice volume, LvmLabel label) throws IOException, UnprovenException {
        Map<String, BlockDevice> devices = new HashMap<>();
        List<LvmSection> texts = new ArrayList<>(label.texts());
        for (BlockDevice other : present) {
            Optional<LvmLabel> otherLabel = other.equals(volume) ? Optional.of(label) : readIfSound(other);
            if (otherLabel.isPresent()) {
                texts.addAll(otherLabel.get().texts());
                if (devices.put(otherLabel.get().uuid(), other) != null) {
                    throw new UnprovenException(Reason.DAMAGED, "two volumes of identity " + label.formattedUuid());
                }
            }
        }
        return LvmGroup.of(newest(texts, label.uuid()), uuid -> {
            BlockDevice device = devices.get(uuid);
            if (device == null) {
                throw new UnprovenException(Reason.MULTIPLE_DEVICES, "physical volume " + uuid + " is not here");
            }
            return device;
        });
    }

    private static Optional<LvmLabel> readIfSound(BlockDevice volume) throws IOException {
        try {
            return LvmLabel.read(volume);
        } catch (UnprovenException | ImageFormatException e) {
            // A volume that can't be read is as good as missing.
            return Optional.empty();
        }
    }

    /** Returns the newest text of the group that a physical volume belongs to. */
    private static LvmSection newest(List<LvmSection> texts, String uuid) throws IOException, UnprovenException {
        Set<String> groups = new HashSet<>();
        for (LvmSection text : texts) {
            LvmSection group = LvmGroup.sectionIn(text);
            if (LvmGroup.hasPhysical(group, uuid)) {
                groups.add(group.text("id"));
            }
        }
        if (groups.size() != 1) {
            throw new UnprovenException(
                    groups.isEmpty() ? Reason.MULTIPLE_DEVICES : Reason.DAMAGED,
                    "metadata of " + groups.size() + " volume groups for this physical volume");
        }
        LvmSection newest = null;
        long highest = -1;
        for (LvmSection text : texts) {
            LvmSection group = LvmGroup.sectionIn(text);
            if (groups.contains(group.text("id")) && group.number("seqno", Long.MAX_VALUE) > highest) {
                newest = text;
                highest = group.number("seqno", Long.MAX_VALUE);
            }
        }
        return Objects.requireNonNull(newest, "newest");
    }

    private static void addUnused(LogicalVolume logical, int physical, FreeRuns free, StringJoiner contents)
            throws IOException {
        AllocationMap map = Filesystems.probe(logical);
        contents.add(
                logical.name() + ": " + map.filesystem() + " " + map.reason().code());
        ExtentSet unused = map.used().complement(0, logical.size());
        for (int run = 0; run < unused.count(); run++) {
            logical.addBelow(unused.offset(run), unused.end(run) - unused.offset(run), physical, free::add);
        }
    }
}

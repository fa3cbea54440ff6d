package io.platter.filesystem.lvm;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.block.ImageFormatException;
import io.platter.filesystem.kit.Filesystem;
import io.platter.filesystem.kit.FreeRuns;
import io.platter.filesystem.kit.Prober;
import io.platter.filesystem.kit.Proof;
import io.platter.filesystem.kit.UnprovenException;
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
 * @param prober what looks into logical volumes
 */
public record Lvm(List<BlockDevice> present, Prober prober) implements Filesystem {
    @Override
    public String name() {
        return "lvm2";
    }

    @Override
    public long sizeOf(BlockDevice volume) throws IOException, UnprovenException {
        return Label.read(volume).map(Label::deviceSize).orElse(0L);
    }

    @Override
    public Optional<AllocationMap> map(BlockDevice volume) throws IOException {
        Optional<Label> label;
        try {
            label = Label.read(volume);
        } catch (UnprovenException e) {
            return Optional.of(AllocationMap.whole(volume, name(), e.reason(), e.detail()));
        }
        if (label.isPresent() && volume instanceof LogicalVolume) {
            return Optional.of(
                    AllocationMap.whole(volume, name(), Reason.OPAQUE, "a physical volume inside a logical volume"));
        }
        return label.isEmpty() ? Optional.empty() : Optional.of(map(volume, label.get()));
    }

    private AllocationMap map(BlockDevice volume, Label label) throws IOException {
        AllocationMap map = new AllocationMap(
                name(),
                label.texts().isEmpty() ? "" : VolumeGroup.nameIn(label.texts().get(0)),
                label.formattedUuid(),
                volume.size(),
                0,
                VolumeState.CLEAN,
                Reason.NONE,
                "",
                ExtentSet.EMPTY);
        StringJoiner contents = new StringJoiner("; ");
        AllocationMap result = Proof.apply(map, () -> used(volume, label, contents));
        return result.reason() == Reason.NONE ? result.withDetail(contents.toString()) : result;
    }

    private ExtentSet used(BlockDevice volume, Label label, StringJoiner contents)
            throws IOException, UnprovenException {
        VolumeGroup group = group(volume, label);
        VolumeGroup.PhysicalVolume physical = group.physicalOn(volume);
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

    /** Says where on a volume something may stand. */
    @FunctionalInterface
    public interface Places {
        /**
         * Returns the places, counted from the start of the volume.
         *
         * @throws IOException if the volume can't be read
         */
        ExtentSet on(BlockDevice volume) throws IOException;
    }

    /**
     * Returns where marks may stand inside the plain logical volumes on a physical volume; none if it is not one, or its
     * group can't be followed.
     *
     * @param marks says where they may stand on any volume
     */
    public ExtentSet marksInside(BlockDevice volume, Places marks) throws IOException {
        ExtentSet.Builder places = ExtentSet.builder();
        try {
            Optional<Label> label = Label.read(volume);
            if (label.isEmpty()) {
                return ExtentSet.EMPTY;
            }
            VolumeGroup group = group(volume, label.get());
            int number = group.physicalOn(volume).number();
            for (LogicalVolume logical : group.plain()) {
                ExtentSet inside = marks.on(logical);
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
    private VolumeGroup group(BlockDevice volume, Label label) throws IOException, UnprovenException {
        Map<String, BlockDevice> devices = new HashMap<>();
        List<Section> texts = new ArrayList<>(label.texts());
        for (BlockDevice other : present) {
            Optional<Label> otherLabel = other.equals(volume) ? Optional.of(label) : readIfSound(other);
            if (otherLabel.isPresent()) {
                texts.addAll(otherLabel.get().texts());
                if (devices.put(otherLabel.get().uuid(), other) != null) {
                    throw new UnprovenException(Reason.DAMAGED, "two volumes of identity " + label.formattedUuid());
                }
            }
        }
        return VolumeGroup.of(newest(texts, label.uuid()), uuid -> {
            BlockDevice device = devices.get(uuid);
            if (device == null) {
                throw new UnprovenException(Reason.MULTIPLE_DEVICES, "physical volume " + uuid + " is not here");
            }
            return device;
        });
    }

    private static Optional<Label> readIfSound(BlockDevice volume) throws IOException {
        try {
            return Label.read(volume);
        } catch (UnprovenException | ImageFormatException e) {
            // A volume that can't be read is as good as missing.
            return Optional.empty();
        }
    }

    /** Returns the newest text of the group that a physical volume belongs to. */
    private static Section newest(List<Section> texts, String uuid) throws IOException, UnprovenException {
        Set<String> groups = new HashSet<>();
        for (Section text : texts) {
            Section group = VolumeGroup.sectionIn(text);
            if (VolumeGroup.hasPhysical(group, uuid)) {
                groups.add(group.text("id"));
            }
        }
        if (groups.size() != 1) {
            throw new UnprovenException(
                    groups.isEmpty() ? Reason.MULTIPLE_DEVICES : Reason.DAMAGED,
                    "metadata of " + groups.size() + " volume groups for this physical volume");
        }
        Section newest = null;
        long highest = -1;
        for (Section text : texts) {
            Section group = VolumeGroup.sectionIn(text);
            if (groups.contains(group.text("id")) && group.number("seqno", Long.MAX_VALUE) > highest) {
                newest = text;
                highest = group.number("seqno", Long.MAX_VALUE);
            }
        }
        return Objects.requireNonNull(newest, "newest");
    }

    private void addUnused(LogicalVolume logical, int physical, FreeRuns free, StringJoiner contents)
            throws IOException {
        AllocationMap map = prober.map(logical);
        contents.add(
                logical.name() + ": " + map.filesystem() + " " + map.reason().code());
        ExtentSet unused = map.used().complement(0, logical.size());
        for (int run = 0; run < unused.count(); run++) {
            logical.addBelow(unused.offset(run), unused.end(run) - unused.offset(run), physical, free::add);
        }
    }
}

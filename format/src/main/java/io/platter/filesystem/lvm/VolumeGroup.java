package io.platter.filesystem.lvm;

import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.CorruptImageException;
import io.platter.block.ExtentSet;
import io.platter.filesystem.kit.UnprovenException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A volume group as its metadata describes it: which extents of its physical volumes belong to which logical volume.
 *
 * <p>Only logical volumes that the user sees, made of linear and striped segments, and named by no other one are plain:
 * their content is what stands in their extents. Another one's content can't be told from its extents, such as that of a
 * snapshot's origin, of which the snapshot still needs what the origin's filesystem has freed.
 *
 * <p>Source: {@code lib/format_text/import_vsn1.c} of LVM2.
 */
final class VolumeGroup {
    private static final int SECTOR = 512;
    private static final long MAX_SECTORS = Long.MAX_VALUE / SECTOR;
    private static final long MAX_EXTENTS = 0xFFFFFFFFL;
    private static final int MAX_STRIPES = 128;

    private static final Set<String> PLAIN_STATUS = Set.of("READ", "WRITE", "VISIBLE", "FIXED_MINOR");
    private static final Set<String> PLAIN_FLAGS = Set.of("ACTIVATION_SKIP", "NOAUTOACTIVATE");
    private static final Set<String> PLAIN_TYPES = Set.of("striped", "linear");
    private static final Set<String> STRIPED_NAMES = Set.of(
            "start_extent", "extent_count", "type", "stripe_count", "stripe_size", "stripes", "tags", "reshape_count");

    private final String name;
    private final Section group;
    private final long extentSize;
    private final Map<String, PhysicalVolume> physical = new LinkedHashMap<>();
    private final List<LogicalVolume> plain = new ArrayList<>();
    private final List<LogicalVolume> others = new ArrayList<>();

    /**
     * A physical volume of the group.
     *
     * @param number its place in the order of the metadata
     * @param start where its first extent starts, in bytes
     * @param length how long all its extents are, in bytes
     */
    record PhysicalVolume(int number, BlockDevice device, long start, long length) {}

    /** Finds the device of a physical volume by its identity. */
    @FunctionalInterface
    interface Devices {
        BlockDevice find(String uuid) throws UnprovenException;
    }

    private VolumeGroup(String name, Section group, Devices devices) throws CorruptImageException, UnprovenException {
        this.name = name;
        this.group = group;
        checkStatus();
        extentSize = group.number("extent_size", MAX_SECTORS) * SECTOR;
        readPhysical(devices);
        readLogical();
    }

    /**
     * Reads the group that a text describes.
     *
     * @throws UnprovenException if a physical volume is missing, or the group is in a state that can't be followed
     */
    static VolumeGroup of(Section text, Devices devices) throws CorruptImageException, UnprovenException {
        String name = nameIn(text);
        return new VolumeGroup(name, text.section(name), devices);
    }

    /** Returns the name of the group that a text describes: that of the only section. */
    static String nameIn(Section text) throws CorruptImageException {
        List<String> names =
                text.names().stream().filter(name -> text.isSection(name)).toList();
        if (names.size() != 1) {
            throw text.corrupt("sections " + names + ", expected one");
        }
        return names.get(0);
    }

    /** Returns the section of the group in a text. */
    static Section sectionIn(Section text) throws CorruptImageException {
        return text.section(nameIn(text));
    }

    /** Tells whether a group has a physical volume of an identity. */
    static boolean hasPhysical(Section group, String uuid) throws CorruptImageException {
        Section section = group.section("physical_volumes");
        for (String key : section.names()) {
            if (uuid(section.section(key)).equals(uuid)) {
                return true;
            }
        }
        return false;
    }

    private static String uuid(Section physicalVolume) throws CorruptImageException {
        return physicalVolume.text("id").replace("-", "");
    }

    /** Returns the physical volume on a device. */
    PhysicalVolume physicalOn(BlockDevice device) throws CorruptImageException {
        return physical.values().stream()
                .filter(volume -> volume.device().equals(device))
                .findFirst()
                .orElseThrow(() -> group.corrupt("no physical volume on " + device.name()));
    }

    /** Returns the logical volumes whose content is what stands in their extents. */
    List<LogicalVolume> plain() {
        return plain;
    }

    /** Returns the extents of a physical volume that belong to no logical volume. */
    ExtentSet free(PhysicalVolume volume) throws CorruptImageException {
        return allocated(volume).complement(volume.start(), volume.start() + volume.length());
    }

    /** Returns the extents of a physical volume that belong to a logical volume; no two may have the same. */
    private ExtentSet allocated(PhysicalVolume volume) throws CorruptImageException {
        ExtentSet.Builder all = ExtentSet.builder();
        long[] sum = new long[1];
        LogicalVolume.Runs runs = (offset, length) -> {
            all.add(offset, length);
            sum[0] += length;
        };
        plain.forEach(logical -> logical.addBelow(volume.number(), runs));
        others.forEach(logical -> logical.addBelow(volume.number(), runs));
        ExtentSet allocated = all.build();
        if (allocated.bytes() != sum[0]) {
            throw group.corrupt("two logical volumes have the same extents of "
                    + volume.device().name());
        }
        return allocated;
    }

    private void checkStatus() throws CorruptImageException, UnprovenException {
        if (!group.textOr("format", "lvm2").equals("lvm2")) {
            throw new UnprovenException(Reason.UNKNOWN_FEATURE, "format " + group.text("format"));
        }
        List<?> status = group.list("status");
        if (status.contains("CLUSTERED")
                || status.contains("SHARED")
                || group.names().contains("lock_type")) {
            throw new UnprovenException(Reason.IN_USE, "the volume group is shared between machines");
        }
        if (status.contains("PVMOVE") || status.contains("PARTIAL")) {
            throw new UnprovenException(Reason.NOT_CLEAN, "status " + status);
        }
    }

    private void readPhysical(Devices devices) throws CorruptImageException, UnprovenException {
        Section section = group.section("physical_volumes");
        for (String key : section.names()) {
            Section volume = section.section(key);
            if (volume.listOrEmpty("flags").contains("MISSING")) {
                throw new UnprovenException(Reason.NOT_CLEAN, key + " is marked as missing");
            }
            long start = volume.number("pe_start", MAX_SECTORS) * SECTOR;
            long length = product(volume.number("pe_count", MAX_EXTENTS));
            BlockDevice device = devices.find(uuid(volume));
            if (start > device.size() - length) {
                throw new UnprovenException(
                        Reason.TRUNCATED,
                        "extents of " + length + " bytes at " + start + " of " + device.name() + " of "
                                + device.size());
            }
            physical.put(key, new PhysicalVolume(physical.size(), device, start, length));
        }
    }

    private long product(long extents) throws CorruptImageException {
        if (extentSize == 0 || extents > Long.MAX_VALUE / extentSize) {
            throw group.corrupt(extents + " extents of " + extentSize + " bytes");
        }
        return extents * extentSize;
    }

    private void readLogical() throws CorruptImageException, UnprovenException {
        Section section = group.sectionOrEmpty("logical_volumes");
        Set<String> named = namesInSegments(section);
        for (String key : section.names()) {
            Section logical = section.section(key);
            boolean isPlain = logical.list("status").contains("VISIBLE")
                    && PLAIN_STATUS.containsAll(logical.list("status"))
                    && PLAIN_FLAGS.containsAll(logical.listOrEmpty("flags"))
                    && !named.contains(key);
            List<LogicalVolume.Segment> segments = new ArrayList<>();
            for (Section segment : segments(logical)) {
                if (PLAIN_TYPES.contains(segment.text("type"))) {
                    segments.add(striped(segment));
                } else {
                    checkNamesNoPhysical(segment);
                    isPlain = false;
                }
            }
            segments.sort(Comparator.comparingLong(LogicalVolume.Segment::start));
            (isPlain && follow(segments) ? plain : others).add(new LogicalVolume(name + "/" + key, segments));
        }
    }

    /** Returns all texts in all segments: among them are the names of logical volumes that stand on others. */
    private static Set<String> namesInSegments(Section section) throws CorruptImageException {
        List<String> result = new ArrayList<>();
        for (String key : section.names()) {
            for (Section segment : segments(section.section(key))) {
                segment.textsBut("type").forEach(result::add);
            }
        }
        return result.stream().collect(Collectors.toSet());
    }

    private static List<Section> segments(Section logical) throws CorruptImageException {
        List<Section> result = new ArrayList<>();
        for (String name : logical.names()) {
            if (logical.isSection(name)) {
                result.add(logical.section(name));
            }
        }
        if (result.size() != logical.number("segment_count", MAX_EXTENTS)) {
            throw logical.corrupt(result.size() + " segments, expected segment_count");
        }
        return result;
    }

    private LogicalVolume.Segment striped(Section segment) throws CorruptImageException, UnprovenException {
        if (!STRIPED_NAMES.containsAll(segment.names())) {
            throw new UnprovenException(Reason.UNKNOWN_FEATURE, "striped segment with " + segment.names());
        }
        long start = product(segment.number("start_extent", MAX_EXTENTS));
        long extents = segment.number("extent_count", MAX_EXTENTS);
        int stripes = (int) segment.number("stripe_count", MAX_STRIPES);
        List<?> places = segment.list("stripes");
        if (stripes == 0 || extents % stripes != 0 || places.size() != 2 * stripes || start > Long.MAX_VALUE / 2) {
            throw segment.corrupt(extents + " extents in " + stripes + " stripes at " + places);
        }
        long length = product(extents);
        long stripeSize = stripes == 1 ? length : segment.number("stripe_size", MAX_SECTORS / MAX_STRIPES) * SECTOR;
        if (length == 0 || stripeSize == 0 || length / stripes % stripeSize != 0 || length > Long.MAX_VALUE / 2) {
            throw segment.corrupt(length + " bytes in stripes of " + stripeSize);
        }
        LogicalVolume.Area[] areas = new LogicalVolume.Area[stripes];
        for (int i = 0; i < stripes; i++) {
            areas[i] = area(segment, places.get(2 * i), places.get(2 * i + 1), length / stripes);
        }
        return new LogicalVolume.Segment(start, length, stripeSize, Arrays.asList(areas));
    }

    private LogicalVolume.Area area(Section segment, Object key, Object extent, long length)
            throws CorruptImageException, UnprovenException {
        if (!(key instanceof String text) || !(extent instanceof Long number) || number < 0) {
            throw segment.corrupt("stripe at " + key + ", " + extent);
        }
        PhysicalVolume volume = physical.get(text);
        if (volume == null) {
            throw new UnprovenException(Reason.UNKNOWN_FEATURE, "stripe on " + key + ", which is no physical volume");
        }
        long offset = product(number);
        if (offset > volume.length() - length) {
            throw segment.corrupt(length + " bytes at " + offset + " of a physical volume of " + volume.length());
        }
        return new LogicalVolume.Area(volume.number(), volume.device(), volume.start() + offset);
    }

    /** What a segment of another type puts on a physical volume itself can't be told. */
    private void checkNamesNoPhysical(Section segment) throws CorruptImageException, UnprovenException {
        if (segment.textsBut("type").anyMatch(physical::containsKey)) {
            throw new UnprovenException(
                    Reason.UNKNOWN_FEATURE, "segment of type " + segment.text("type") + " on a physical volume");
        }
    }

    private static boolean follow(List<LogicalVolume.Segment> segments) {
        long end = 0;
        for (LogicalVolume.Segment segment : segments) {
            if (segment.start() != end) {
                return false;
            }
            end = segment.end();
        }
        return end > 0;
    }
}

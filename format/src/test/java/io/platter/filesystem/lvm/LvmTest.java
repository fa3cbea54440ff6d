package io.platter.filesystem.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.block.FileDevice;
import io.platter.block.MemoryDevice;
import io.platter.block.OpenMode;
import io.platter.bytes.SeededCrc;
import io.platter.filesystem.Filesystems;
import io.platter.filesystem.VolumeMarks;
import io.platter.filesystem.kit.FileTree;
import io.platter.filesystem.kit.Mount;
import io.platter.filesystem.kit.SurvivalProof;
import io.platter.test.LoopDevice;
import io.platter.test.Oracle;
import io.platter.testkit.Damage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** LVM's own tools make the volumes; the kernel here has no device mapper, so the test maps them by itself. */
@Tag("root")
class LvmTest {
    private static final int SIZE = 64 << 20;
    private static final int EXTENT = 4 << 20;
    private static final int START = 1 << 20;
    private static final int STRIPE = 64 << 10;

    /** A volume with an ext2 filesystem in a logical volume of three extents. */
    private static byte[] plain = new byte[0];

    @TempDir
    Path directory;

    @Test
    void logicalVolumesSurviveGarbageInWhatIsLeftOut() throws IOException {
        List<Path> images = List.of(directory.resolve("first"), directory.resolve("second"));
        makeGroup(images, "lvcreate -l 4 -n linear", "lvcreate -l 6 -i 2 -n striped", "lvcreate -l 1 -n raw");
        Path linear = filesystem("linear", 4 * EXTENT);
        Path striped = filesystem("striped", 6 * EXTENT);
        byte[] raw = new byte[EXTENT];
        new Random(1).nextBytes(raw);
        put(images, "linear", Files.readAllBytes(linear));
        put(images, "striped", Files.readAllBytes(striped));
        put(images, "raw", raw);

        List<AllocationMap> maps = map(images);
        List<Path> copies = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            AllocationMap map = maps.get(i);
            assertThat(map.reason()).as(map.detail()).isEqualTo(Reason.NONE);
            assertThat(map.filesystem()).isEqualTo("lvm2");
            assertThat(map.label()).isEqualTo("platter-test");
            assertThat(map.detail()).contains("platter-test/linear: ext4 none", "platter-test/striped: ext4 none");
            assertThat(map.detail()).contains("platter-test/raw: unknown unrecognised");
            copies.add(images.get(i).resolveSibling("garbage" + i));
            SurvivalProof.copyUsedOverGarbage(images.get(i), copies.get(i), map.used());
        }
        assertThat(maps.get(0).used().bytes() + maps.get(1).used().bytes())
                .isEqualTo(2 * (START + (SIZE - START) % EXTENT) + used(linear) + used(striped) + EXTENT);
        assertThat(get(copies, "raw", EXTENT)).isEqualTo(raw);
        assertSurvived(linear, get(copies, "linear", 4 * EXTENT));
        assertSurvived(striped, get(copies, "striped", 6 * EXTENT));
    }

    private static long used(Path filesystem) throws IOException {
        try (BlockDevice device = FileDevice.open(filesystem, OpenMode.READ)) {
            return Filesystems.probe(device).used().bytes();
        }
    }

    private Path filesystem(String name, int size) throws IOException {
        Path image = directory.resolve(name);
        FileDevice.create(image, size).close();
        Oracle.of("mke2fs").run("-q", "-F", "-t", "ext4", "-b", 1024, "-O", "^has_journal", image);
        try (Mount mount = Mount.writable(image, "ext4", "")) {
            FileTree.populate(mount.directory(), size, 20, 100_000, FileTree.Kind.POSIX);
        }
        return image;
    }

    private void assertSurvived(Path original, byte[] copy) throws IOException {
        Path image = directory.resolve("survivor");
        Files.write(image, copy);
        Oracle.of("e2fsck").run("-fn", image);
        assertThat(tree(image)).isEqualTo(tree(original));
    }

    private static SortedMap<String, String> tree(Path image) throws IOException {
        try (Mount mount = Mount.readOnly(image, "ext4", "")) {
            return FileTree.list(mount.directory());
        }
    }

    /** Where a byte of a logical volume stands: in bytes from the start of one of the physical volumes. */
    private record Place(int volume, long offset) {}

    /** Linear volumes one after the other on the first, stripes of the other between them and on the second. */
    private static Place place(String logical, long offset) {
        return switch (logical) {
            case "linear" -> new Place(0, START + offset);
            case "raw" -> new Place(0, START + 7L * EXTENT + offset);
            default -> {
                int volume = (int) (offset / STRIPE % 2);
                long start = START + (volume == 0 ? 4L * EXTENT : 0);
                yield new Place(volume, start + offset / STRIPE / 2 * STRIPE + offset % STRIPE);
            }
        };
    }

    private static void put(List<Path> images, String logical, byte[] content) throws IOException {
        for (int at = 0; at < content.length; at += STRIPE) {
            Place place = place(logical, at);
            try (BlockDevice device = FileDevice.open(images.get(place.volume()), OpenMode.WRITE)) {
                device.write(ByteBuffer.wrap(content, at, STRIPE), place.offset());
            }
        }
    }

    private static byte[] get(List<Path> images, String logical, int size) throws IOException {
        byte[] content = new byte[size];
        for (int at = 0; at < size; at += STRIPE) {
            Place place = place(logical, at);
            try (BlockDevice device = FileDevice.open(images.get(place.volume()), OpenMode.READ)) {
                device.read(ByteBuffer.wrap(content, at, STRIPE), place.offset());
            }
        }
        return content;
    }

    @Test
    void groupOfWhichAVolumeIsMissingIsTakenWhole() throws IOException {
        List<Path> images = List.of(directory.resolve("first"), directory.resolve("second"));
        makeGroup(images, "lvcreate -l 4 -n linear");
        AllocationMap alone = map(images.subList(0, 1)).get(0);
        assertThat(alone.reason()).isEqualTo(Reason.MULTIPLE_DEVICES);
        assertThat(alone.used()).isEqualTo(ExtentSet.of(0, SIZE));
        assertThat(alone.label()).isEqualTo("platter-test");
        assertThat(map(images).get(1).used()).isEqualTo(outside());
    }

    @Test
    void extentsOfNoLogicalVolumeAreUnused() throws IOException {
        Path image = directory.resolve("only");
        makeGroup(List.of(image), "lvcreate -l 3 -n kept");
        AllocationMap map = map(List.of(image)).get(0);
        assertThat(map.uuid()).matches("\\w{6}(-\\w{4}){5}-\\w{6}");
        assertThat(map.used()).isEqualTo(outside().union(ExtentSet.of(START, 3 * EXTENT)));
    }

    @Test
    void marksAreLookedForInsideLogicalVolumesToo() throws IOException {
        Path image = directory.resolve("only");
        makeGroup(List.of(image), "lvcreate -l 2 -n first", "lvcreate -l 3 -n second");
        try (FileDevice device = FileDevice.open(image, OpenMode.READ)) {
            ExtentSet places = VolumeMarks.places(List.of(device)).get(0);
            // Btrfs has its superblock at 64 KiB, md of version 1.0 in the last 8 KiB and more.
            assertThat(places.contains(START + 2 * EXTENT + (64 << 10), 4096)).isTrue();
            assertThat(places.contains(START + 2 * EXTENT - (12 << 10), 12 << 10))
                    .isTrue();
            assertThat(VolumeMarks.places(device.size()).contains(START + 2 * EXTENT + (64 << 10), 4096))
                    .isFalse();
        }
    }

    private static ExtentSet outside() {
        return ExtentSet.of(START, (SIZE - START) / EXTENT * EXTENT).complement(0, SIZE);
    }

    @Test
    void volumeOfNoGroupIsTakenWhole() throws IOException {
        Path image = directory.resolve("only");
        FileDevice.create(image, SIZE).close();
        try (LoopDevice loop = LoopDevice.attach(image)) {
            lvm("pvcreate", List.of(loop.path()), loop.path());
        }
        AllocationMap map = map(List.of(image)).get(0);
        assertThat(map.filesystem()).isEqualTo("lvm2");
        assertThat(map.reason()).isEqualTo(Reason.MULTIPLE_DEVICES);
        assertThat(map.used()).isEqualTo(ExtentSet.of(0, SIZE));
    }

    @Test
    void newestMetadataCountsAfterTheRingHasGoneRound() throws IOException {
        Path image = directory.resolve("only");
        List<String> commands = new ArrayList<>(List.of("lvcreate -l 1 -n kept"));
        for (int i = 0; i < 12; i++) {
            commands.add("lvcreate -l 1 -n other" + i);
            commands.add("lvremove -f platter-test/other" + i);
        }
        makeGroup(List.of(image), "--metadatasize 12k", commands.toArray(new String[0]));
        AllocationMap map = map(List.of(image)).get(0);
        assertThat(map.reason()).as(map.detail()).isEqualTo(Reason.NONE);
        assertThat(map.used().bytes()).isLessThan(SIZE / 4);
        assertThat(map.detail()).contains("kept").doesNotContain("other");
    }

    @Test
    void unusualLogicalVolumeIsKept() throws IOException {
        assertKeptWhole(text -> text.replace("\"VISIBLE\"", "\"VISIBLE\", \"LOCKED\""));
        assertKeptWhole(text -> text.replace(", \"VISIBLE\"", ""));
        assertKeptWhole(text -> text.replace("\"VISIBLE\"]\nflags = []", "\"VISIBLE\"]\nflags = [\"NOVEL\"]"));
    }

    @Test
    void originOfASnapshotIsKept() throws IOException {
        assertKeptWhole(text -> text.replaceFirst("logical_volumes \\{", """
                logical_volumes {
                    snapshot0 {
                        id = "aaaaaa-aaaa-aaaa-aaaa-aaaa-aaaa-aaaaaa"
                        status = ["READ", "WRITE", "VISIBLE"]
                        flags = []
                        segment_count = 1
                        segment1 {
                            start_extent = 0
                            extent_count = 3
                            type = "snapshot"
                            chunk_size = 8
                            origin = "kept"
                            cow_store = "cow"
                        }
                    }
                    cow {
                        id = "bbbbbb-aaaa-aaaa-aaaa-aaaa-aaaa-aaaaaa"
                        status = ["READ", "WRITE", "VISIBLE"]
                        flags = []
                        segment_count = 1
                        segment1 {
                            start_extent = 0
                            extent_count = 1
                            type = "striped"
                            stripe_count = 1
                            stripes = [ "pv0", 3 ]
                        }
                    }
                """));
    }

    private void assertKeptWhole(UnaryOperator<String> change) throws IOException {
        byte[] image = changed(change);
        AllocationMap map = Filesystems.probe(MemoryDevice.over(image));
        assertThat(map.reason()).as(map.detail()).isEqualTo(Reason.NONE);
        assertThat(map.used().contains(START, 3 * EXTENT)).isTrue();
        assertThat(map.used().bytes()).isLessThanOrEqualTo(5L * EXTENT);
        AllocationMap plain = Filesystems.probe(MemoryDevice.over(changed(text -> text)));
        assertThat(plain.used().contains(START, 3 * EXTENT)).isFalse();
    }

    static List<Arguments> doubts() {
        return List.of(
                arguments("type = \"striped\"", "type = \"mirror\"", Reason.UNKNOWN_FEATURE),
                arguments("stripe_count = 1", "stripe_count = 1\nnovel = 1", Reason.UNKNOWN_FEATURE),
                arguments("\"pv0\", 0", "\"pv9\", 0", Reason.UNKNOWN_FEATURE),
                arguments("\"pv0\", 0", "\"pv0\", 14", Reason.DAMAGED),
                arguments("\"RESIZEABLE\"", "\"PVMOVE\"", Reason.NOT_CLEAN),
                arguments("\"RESIZEABLE\"", "\"SHARED\"", Reason.IN_USE),
                arguments("format = \"lvm2\"", "format = \"lvm2\"\nlock_type = \"sanlock\"", Reason.IN_USE),
                arguments("format = \"lvm2\"", "format = \"lvm1\"", Reason.UNKNOWN_FEATURE),
                arguments("\"ALLOCATABLE\"]\nflags = []", "\"\"]\nflags = [\"MISSING\"]", Reason.NOT_CLEAN),
                arguments("pe_start = 2048", "pe_start = 8", Reason.DAMAGED),
                arguments("pe_count = 15", "pe_count = 16", Reason.TRUNCATED),
                arguments("extent_size = 8192", "extent_size = 0", Reason.DAMAGED),
                arguments("segment_count = 1", "segment_count = 2", Reason.DAMAGED),
                arguments("seqno = ", "sequence = ", Reason.DAMAGED));
    }

    @ParameterizedTest
    @MethodSource("doubts")
    void doubtIsTakenWhole(String from, String to, Reason reason) throws IOException {
        AllocationMap map = Filesystems.probe(MemoryDevice.over(changed(text -> text.replace(from, to))));
        assertThat(map.reason()).as(map.detail()).isEqualTo(reason);
        assertThat(map.used()).isEqualTo(ExtentSet.of(0, SIZE));
    }

    @Test
    @Timeout(60)
    void damageNeverMakesAUsedByteUnused() throws IOException {
        byte[] image = Arrays.copyOf(changed(text -> text), SIZE);
        ExtentSet used = Filesystems.probe(MemoryDevice.over(image)).used();
        byte[] head = Arrays.copyOf(image, 8 << 10);
        byte[] copy = image.clone();
        Damage.Parser parser = volume -> {
            volume.read(ByteBuffer.wrap(copy, 0, head.length), 0);
            BlockDevice whole = MemoryDevice.over(copy);
            new Lvm(List.of(whole), Filesystems::probe)
                    .map(whole)
                    .ifPresent(map -> assertThat(map.used().intersection(used)).isEqualTo(used));
        };
        Damage.flips(head, 3, parser);
        Damage.fuzz(head, Long.getLong("test.seed", System.nanoTime()), 1000, parser);
    }

    @BeforeAll
    static void makePlain(@TempDir Path directory) throws IOException {
        Path image = directory.resolve("plain");
        makeGroup(List.of(image), "lvcreate -l 3 -n kept");
        Path content = directory.resolve("content");
        FileDevice.create(content, 3 * EXTENT).close();
        Oracle.of("mke2fs").run("-q", "-F", "-t", "ext2", content);
        plain = Files.readAllBytes(image);
        System.arraycopy(Files.readAllBytes(content), 0, plain, START, 3 * EXTENT);
    }

    private static byte[] changed(UnaryOperator<String> change) {
        byte[] bytes = plain.clone();
        String text = new String(bytes, 4096, 64 << 10, StandardCharsets.US_ASCII);
        int begin = text.lastIndexOf("platter-test {");
        String old = text.substring(begin, text.indexOf('\0', begin) + 1);
        rewrite(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), begin, change.apply(old));
        return bytes;
    }

    /** Puts another text in the place of the newest, with the checksums that belong to it. */
    private static void rewrite(ByteBuffer bytes, int begin, String text) {
        byte[] content = text.getBytes(StandardCharsets.US_ASCII);
        bytes.put(4096 + begin, content);
        assertThat(bytes.getLong(4096 + 40)).isEqualTo(begin);
        bytes.putLong(4096 + 48, content.length);
        bytes.putInt(4096 + 56, SeededCrc.crc32(Label.CRC_SEED).update(content).value());
        bytes.putInt(
                4096,
                SeededCrc.crc32(Label.CRC_SEED).update(bytes.slice(4100, 508)).value());
    }

    private static List<AllocationMap> map(List<Path> images) throws IOException {
        List<BlockDevice> devices = new ArrayList<>();
        try {
            for (Path image : images) {
                devices.add(FileDevice.open(image, OpenMode.READ));
            }
            return Filesystems.probeAll(devices);
        } finally {
            for (BlockDevice device : devices) {
                device.close();
            }
        }
    }

    private static void makeGroup(List<Path> images, String... commands) throws IOException {
        makeGroup(images, "--metadatacopies 1", commands);
    }

    private static void makeGroup(List<Path> images, String options, String[] commands) throws IOException {
        List<LoopDevice> loops = new ArrayList<>();
        try {
            List<Path> devices = new ArrayList<>();
            for (Path image : images) {
                FileDevice.create(image, SIZE).close();
                loops.add(LoopDevice.attach(image));
                devices.add(loops.get(loops.size() - 1).path());
            }
            List<Object> arguments = new ArrayList<>(List.of(options.split(" ")));
            arguments.addAll(List.of("--dataalignment", "1m"));
            arguments.addAll(devices);
            lvm("pvcreate", devices, arguments.toArray());
            List<Object> group = new ArrayList<>(List.of("platter-test"));
            group.addAll(devices);
            lvm("vgcreate", devices, group.toArray());
            for (String command : commands) {
                List<Object> words = new ArrayList<>(List.of(command.split(" ")));
                String program = (String) words.remove(0);
                if (program.equals("lvcreate")) {
                    words.addAll(List.of("-an", "-Zn", "-Wn", "platter-test"));
                }
                lvm(program, devices, words.toArray());
            }
        } finally {
            loops.forEach(LoopDevice::close);
        }
    }

    private static void lvm(String program, List<Path> devices, Object... arguments) {
        List<Object> all =
                new ArrayList<>(List.of("--driverloaded", "n", "--config", "backup{backup=0 archive=0}", "-y"));
        all.add("--devices");
        all.add(String.join(",", devices.stream().map(Path::toString).toList()));
        all.addAll(Arrays.asList(arguments));
        Oracle.of(program).run(all.toArray());
    }
}

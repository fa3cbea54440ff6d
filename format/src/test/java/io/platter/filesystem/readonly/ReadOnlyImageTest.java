package io.platter.filesystem.readonly;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.ExtentSet;
import io.platter.block.FileDevice;
import io.platter.block.ImageFormatException;
import io.platter.block.MemoryDevice;
import io.platter.block.OpenMode;
import io.platter.filesystem.Filesystems;
import io.platter.filesystem.kit.FileTree;
import io.platter.filesystem.kit.FileTree.Kind;
import io.platter.filesystem.kit.Filesystem;
import io.platter.filesystem.kit.GrubMount;
import io.platter.filesystem.kit.Mount;
import io.platter.filesystem.kit.SurvivalProof;
import io.platter.test.Oracle;
import io.platter.testkit.Damage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("root")
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class ReadOnlyImageTest {
    private static final int MIB = 1 << 20;
    private static final int ROOM = 6 * MIB;

    @TempDir
    static Path directory;

    private static Path source;

    @BeforeAll
    static void makeSource() throws IOException {
        source = Files.createDirectory(directory.resolve("source"));
        FileTree.populate(source, 6, 20, 400_000, Kind.PLAIN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-comp gzip", "-comp zstd -b 1M", "-comp xz -no-fragments -noI", "-nopad -no-xattrs"})
    void behindSquashfsIsNothing(String options) throws IOException {
        Path image = make("mksquashfs", List.of(source), "-noappend -quiet -no-progress " + options);
        assertThat(prove(new Squashfs(), ReadOnlyImageTest::mount, image).filesystem())
                .isEqualTo("squashfs");
    }

    /** The kernel here has no extended attributes for squashfs, so that a full listing fails. */
    private static SortedMap<String, String> mount(Path image) throws IOException {
        try (Mount mount = Mount.readOnly(image, "squashfs", "")) {
            return GrubMount.contents(mount.directory());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-x1", "-zlz4", "-zlz4hc -C65536", "--chunksize=8192", "-Enoinline_data"})
    void behindErofsIsNothing(String options) throws IOException {
        Path image = directory.resolve("image");
        run("mkfs.erofs", options, image, source);
        AllocationMap map = prove(new Erofs(), "erofs", image);
        assertThat(map.uuid()).isEqualTo(blkid("UUID", image));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-J -R", "-R -pad -iso-level 3"})
    void behindIso9660IsNothing(String options) throws IOException {
        AllocationMap map = prove(new Iso9660(), GrubMount::list, make("genisoimage", List.of(), iso(options)));
        assertThat(map.label()).isEqualTo("LABEL");
        assertThat(map.uuid()).isEqualTo(blkid("UUID", directory.resolve("image")));
    }

    @Test
    void behindUdfIsNothing() throws IOException {
        AllocationMap map =
                prove(new Udf(), ReadOnlyImageTest::extract, make("genisoimage", List.of(), iso("-udf -R")));
        assertThat(map.label()).isEqualTo("LABEL");
        assertThat(map.uuid()).isEqualTo(blkid("UUID", directory.resolve("image")));
    }

    /** Returns the contents that 7-Zip finds in UDF; the kernel here can't mount it, and GRUB takes ISO 9660 first. */
    private static SortedMap<String, String> extract(Path image) throws IOException {
        Path target = Files.createTempDirectory(directory, "extracted");
        Oracle.of("7z").run("x", "-tudf", "-o" + target, image);
        return GrubMount.contents(target);
    }

    @ParameterizedTest
    @CsvSource({"512, 1.02", "1024, 1.50", "2048, 2.01", "4096, 2.01"})
    void udfMayHaveBlocksOfAnySize(int blockSize, String revision) throws IOException {
        Path image = directory.resolve("image");
        Files.deleteIfExists(image);
        FileDevice.create(image, 2L * ROOM).close();
        run("mkudffs", "--utf8 -b " + blockSize + " -r " + revision + " -l größer", image, ROOM / blockSize);
        AllocationMap map = new SurvivalProof(new Udf(), GrubMount::list)
                .check(checked -> Oracle.of("udfinfo").run("--utf8", checked))
                .of(image);
        assertThat(map.used()).isEqualTo(ExtentSet.of(0, ROOM));
        assertThat(map.label()).isEqualTo("größer");
        assertThat(map.uuid()).isEqualTo(blkid("UUID", image));
        assertThat(map.allocationUnit()).isEqualTo(blockSize);
    }

    @Test
    void anImageThatIsIsoAndUdfAndHfsPlusKeepsWhatAnyOfThemNeeds() throws IOException {
        Path image = make("xorriso", List.of("-as", "mkisofs"), "-hfsplus " + iso("-R"));
        long size = Files.size(image);
        extend(image, ROOM);
        try (BlockDevice device = FileDevice.open(image, OpenMode.READ)) {
            AllocationMap map = Filesystems.probe(device);
            assertThat(map.reason()).isEqualTo(Reason.NONE);
            assertThat(map.used()).isEqualTo(ExtentSet.of(0, size));
        }
    }

    @Test
    void bytesBehindTheFilesystemMakeAllUsed() throws IOException {
        Path image = make("mksquashfs", List.of(source), "-noappend -quiet -no-progress");
        long size = Files.size(image);
        extend(image, ROOM);
        byte[] bytes = Files.readAllBytes(image);
        for (int at : new int[] {(int) size, (int) size + 64 * 1024, bytes.length - 64, bytes.length - MIB}) {
            bytes[at] = 1;
            assertReason(new Squashfs(), bytes, Reason.UNRECOGNISED);
            bytes[at] = 0;
        }
        assertThat(map(new Squashfs(), bytes).reason()).isEqualTo(Reason.NONE);
    }

    @Test
    void whatIsNotAllHereIsUsedWhole() throws IOException {
        Path squashfs = make("mksquashfs", List.of(source), "-noappend -quiet -no-progress");
        assertReason(new Squashfs(), shortened(squashfs), Reason.TRUNCATED);
        Path iso = make("genisoimage", List.of(), iso("-udf -R"));
        assertReason(new Iso9660(), shortened(iso), Reason.TRUNCATED);
        assertReason(new Udf(), Arrays.copyOf(shortened(iso), ROOM / 6), Reason.TRUNCATED);
        byte[] volume = Files.readAllBytes(iso);
        volume[(32 << 10) + 120] = 2;
        assertReason(new Iso9660(), volume, Reason.MULTIPLE_DEVICES);
        Path erofs = directory.resolve("image");
        run("mkfs.erofs", "-x1", erofs, source);
        assertReason(new Erofs(), shortened(erofs), Reason.TRUNCATED);
        run("mkfs.erofs", "--chunksize=4096 --blobdev=" + directory.resolve("blob"), erofs, source);
        assertReason(new Erofs(), Files.readAllBytes(erofs), Reason.MULTIPLE_DEVICES);
    }

    private static byte[] shortened(Path image) throws IOException {
        byte[] bytes = Files.readAllBytes(image);
        return Arrays.copyOf(bytes, bytes.length - 400_000);
    }

    @Test
    void otherVersionsAndUnknownFeaturesMakeAllUsed() throws IOException {
        byte[] squashfs = Files.readAllBytes(make("mksquashfs", List.of(source), "-noappend -quiet -no-progress"));
        squashfs[28] = 3;
        assertReason(new Squashfs(), squashfs, Reason.UNKNOWN_FEATURE);
        Path image = directory.resolve("image");
        run("mkfs.erofs", "-x1", image, source);
        byte[] erofs = Files.readAllBytes(image);
        erofs[1024 + 80] |= (byte) 0x80;
        assertReason(new Erofs(), erofs, Reason.UNKNOWN_FEATURE);
    }

    @Test
    void damageLeavesNothingOutThatWasUsed() throws IOException {
        Path small = Files.createDirectories(directory.resolve("small"));
        Files.write(small.resolve("file"), new byte[20_000]);
        sweep(new Squashfs(), make("mksquashfs", List.of(small), "-noappend -quiet -no-progress"), 0);
        Path image = directory.resolve("image");
        run("mkfs.erofs", "-x1", image, small);
        sweep(new Erofs(), image, 1024);
        Path iso = make("genisoimage", List.of(), "-quiet -udf -o " + directory.resolve("image") + " " + small);
        sweep(new Iso9660(), iso, 32 << 10);
        for (int block : new int[] {16, 18, 32, 33, 34, 35, 36, 37, 256}) {
            sweep(new Udf(), iso, block * 2048);
        }
    }

    /** Inverts each byte of a block and then some others, in an image with 2 MiB of zeros after it. */
    private static void sweep(Filesystem filesystem, Path image, int from) throws IOException {
        byte[] bytes = Arrays.copyOf(Files.readAllBytes(image), (int) Files.size(image) + 2 * MIB);
        ExtentSet used = map(filesystem, bytes).used();
        assertThat(used.bytes()).isLessThan(bytes.length);
        Damage.Parser parser = device -> filesystem.map(device).ifPresent(map -> assertThat(
                        map.used().intersection(used))
                .as(map.toString())
                .isEqualTo(used));
        for (int at = from; at < from + 1024; at += 3) {
            bytes[at] ^= (byte) 0xFF;
            try {
                parser.parse(MemoryDevice.over(bytes));
            } catch (ImageFormatException expected) {
                // All is used then.
            }
            bytes[at] ^= (byte) 0xFF;
        }
        Damage.fuzz(Arrays.copyOf(bytes, from + 4096), 12, 100, device -> filesystem.map(device));
    }

    @Test
    void otherBytesAreNoneOfThese() throws IOException {
        for (Filesystem filesystem : List.of(new Squashfs(), new Erofs(), new Iso9660(), new Udf())) {
            assertThat(filesystem.map(MemoryDevice.ofSize(0))).isEmpty();
            assertThat(filesystem.map(MemoryDevice.ofSize(MIB))).isEmpty();
        }
    }

    private static AllocationMap prove(Filesystem filesystem, String type, Path image) throws IOException {
        return prove(filesystem, new SurvivalProof(filesystem, type), image);
    }

    private static AllocationMap prove(Filesystem filesystem, SurvivalProof.TreeReader reader, Path image)
            throws IOException {
        return prove(filesystem, new SurvivalProof(filesystem, reader), image);
    }

    /** Proves the map of an image as it was made, and that of one with room after it. */
    private static AllocationMap prove(Filesystem filesystem, SurvivalProof proof, Path image) throws IOException {
        long size = Files.size(image);
        assertThat(map(filesystem, Files.readAllBytes(image)).used()).isEqualTo(ExtentSet.of(0, size));
        extend(image, ROOM);
        AllocationMap map = proof.of(image);
        assertThat(map.used().count()).isEqualTo(1);
        assertThat(map.used().end(0)).isBetween(size, size + 4095);
        return map;
    }

    private static void assertReason(Filesystem filesystem, byte[] bytes, Reason reason) throws IOException {
        AllocationMap map = map(filesystem, bytes);
        assertThat(map.reason()).as(map.detail()).isEqualTo(reason);
        assertThat(map.used()).isEqualTo(ExtentSet.of(0, bytes.length));
    }

    private static AllocationMap map(Filesystem filesystem, byte[] bytes) throws IOException {
        return filesystem.map(MemoryDevice.over(bytes)).orElseThrow();
    }

    private static void extend(Path image, int bytes) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength((file.length() + bytes) / 512 * 512);
        }
    }

    private static String blkid(String tag, Path image) {
        return Oracle.of("blkid").run("-p", "-o", "value", "-s", tag, image).strip();
    }

    private static String iso(String options) {
        return "-quiet -V LABEL " + options + " -o " + directory.resolve("image") + " " + source;
    }

    /** Runs a program that makes the image; for mksquashfs its name follows the source. */
    private static Path make(String program, List<?> first, String options) throws IOException {
        Path image = directory.resolve("image");
        Files.deleteIfExists(image);
        List<Object> arguments = new ArrayList<>(first);
        if (program.equals("mksquashfs")) {
            arguments.add(image);
        }
        arguments.addAll(List.of(options.split(" ")));
        Oracle.of(program).run(arguments.toArray());
        return image;
    }

    private static void run(String program, String options, Object... last) {
        List<Object> arguments = new ArrayList<>(List.of(options.split(" ")));
        arguments.addAll(List.of(last));
        Oracle.of(program).run(arguments.toArray());
    }
}

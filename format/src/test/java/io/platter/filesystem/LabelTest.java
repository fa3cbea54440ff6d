package io.platter.filesystem;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.block.BlockDevice;
import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import io.platter.filesystem.readonly.Iso9660;
import io.platter.filesystem.readonly.Udf;
import io.platter.test.Oracle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names and identities of volumes are those that blkid tells, which is also what udev makes links of. */
class LabelTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
        "8, mke2fs -q -F -t ext4 $image -L $label",
        "320, mkfs.xfs -q $image -L $label",
        "120, mkfs.btrfs -q $image -L $label",
        "60, mkfs.f2fs -q $image -l $label",
        "8, mkfs.ntfs -q -F $image -L $label",
        "8, mkfs.exfat -L $label $image",
        "8, mkswap -q $image -L $label",
        "8, mkudffs --utf8 -b 512 -r 1.02 $image -l $label",
        "8, mkudffs --utf8 -b 2048 -r 2.01 $image -l $label",
        "8, mkudffs --utf8 -b 2048 --uuid=0123456789abcdef $image -l $label",
        "8, mkudffs --utf8 -b 2048 --fullvsid=01234567-and-more $image -l $label",
        "8, mkudffs --utf8 -b 2048 --fullvsid='no digits in hex' $image -l $label",
        "8, mkudffs --utf8 -b 2048 --fullvsid=0123456789ABCDß $image -l $label",
        "8, mkudffs --utf8 -b 2048 --fullvsid=short $image -l $label",
        "0, genisoimage -quiet -R -J -input-charset utf-8 -o $image -V $label $source",
        "0, genisoimage -quiet -R -J -input-charset utf-8 -o $image -V a_label_longer_than_16_$label $source",
        "0, xorriso -as mkisofs -quiet -J -o $image -V $label $source",
    })
    void areThoseOfBlkid(int mebibytes, String command) throws IOException {
        for (String label : new String[] {"ordinary", "größer", "Ünï_ça"}) {
            Path image = make(mebibytes, "label=" + label + "\n" + command);
            try (BlockDevice device = FileDevice.open(image, OpenMode.READ)) {
                AllocationMap map = Filesystems.probe(device);
                assertThat(map.label()).as(command).isEqualTo(blkid("LABEL", image));
                assertThat(map.uuid()).as(command).isEqualTo(blkid("UUID", image));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-R", "-J", "-udf"})
    void areThoseOfBlkidWhereTheLabelIsPlain(String options) throws IOException {
        Path image = make(0, "genisoimage -quiet " + options + " -o $image -V ORDINARY $source");
        try (BlockDevice device = FileDevice.open(image, OpenMode.READ)) {
            AllocationMap map = options.equals("-udf")
                    ? new Udf().map(device).orElseThrow()
                    : new Iso9660().map(device).orElseThrow();
            assertThat(map.label()).isEqualTo(blkid("LABEL", image));
            assertThat(map.uuid()).isEqualTo(blkid("UUID", image));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "16, mke2fs -q -F -t ext4 $image -L name",
        "320, mkfs.xfs -q $image -L name",
        "120, mkfs.btrfs -q $image -L name",
        "60, mkfs.f2fs -q $image -l name",
        "16, mkfs.ntfs -q -F $image -L name",
        "16, mkfs.exfat -L name $image",
        "16, mkfs.vfat -F 12 -s 16 $image -n NAME",
        "16, mkfs.vfat -F 16 $image -n NAME",
        "40, mkfs.vfat -F 32 $image -n NAME",
        "16, mkswap -q $image -L name",
        "16, mkudffs --utf8 -b 2048 $image -l name",
    })
    void areToldOfAVolumeThatIsCutOffToo(int mebibytes, String command) throws IOException {
        Path image = make(mebibytes, command);
        String uuid = blkid("UUID", image);
        try (BlockDevice device = FileDevice.open(image, OpenMode.READ)) {
            AllocationMap map = Filesystems.probe(device.slice(0, device.size() - (1 << 20)));
            assertThat(map.reason()).as(map.detail()).isEqualTo(Reason.TRUNCATED);
            assertThat(map.label()).isEqualToIgnoringCase("name");
            assertThat(map.uuid()).isEqualTo(uuid).isNotEmpty();
        }
    }

    @Test
    void areToldOfASwapSpaceInWhichAMachineSleeps() throws IOException {
        Path image = make(1, "mkswap -q $image -L name");
        String uuid = blkid("UUID", image);
        Oracle.of("bash")
                .run("-c", "printf 'S1SUSPEND\\0' | dd of=" + image + " bs=1 seek=4086 conv=notrunc status=none");
        try (BlockDevice device = FileDevice.open(image, OpenMode.READ)) {
            AllocationMap map = Filesystems.probe(device);
            assertThat(map.reason()).isEqualTo(Reason.HIBERNATED);
            assertThat(map.label()).isEqualTo("name");
            assertThat(map.uuid()).isEqualTo(uuid);
        }
    }

    private Path make(int mebibytes, String command) throws IOException {
        Path image = directory.resolve("image");
        Path source = Files.createDirectories(directory.resolve("source"));
        Files.writeString(source.resolve("file"), "content");
        Files.deleteIfExists(image);
        if (mebibytes > 0) {
            FileDevice.create(image, (long) mebibytes << 20).close();
        }
        Path script = directory.resolve("script");
        Files.writeString(
                script,
                "export LC_ALL=C.UTF-8\nimage=" + image + " source=" + source + "\n" + command + "\n",
                StandardCharsets.UTF_8);
        Oracle.of("bash").run("-e", script);
        return image;
    }

    private static String blkid(String tag, Path image) {
        Oracle.Result result = Oracle.of("blkid").tryRun("-p", "-o", "value", "-s", tag, image);
        return new String(result.output().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8).strip();
    }
}

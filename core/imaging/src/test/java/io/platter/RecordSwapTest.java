package io.platter;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.ImageFormatException;
import io.platter.image.FileEnd;
import io.platter.job.RestoreReport;
import io.platter.job.TargetRules;
import io.platter.testkit.SparseDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Records that are sound, each by itself, and stand in another order, twice, or not at all. */
class RecordSwapTest {
    private static List<byte[]> records(byte[] file) {
        List<byte[]> records = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < file.length; ) {
            int end = at + 32 + in.getInt(at + 8);
            records.add(Arrays.copyOfRange(file, at, end));
            at = end;
        }
        return records;
    }

    private static byte[] join(List<byte[]> records) {
        ByteBuffer file = ByteBuffer.allocate(
                records.stream().mapToInt(record -> record.length).sum());
        records.forEach(file::put);
        return file.array();
    }

    @ParameterizedTest
    @EnumSource(names = {"EMPTY_DISK", "ONE_CLUSTER", "ALL_KINDS", "TWO_IMAGES", "UNFINISHED"})
    void neighboursThatAreSwappedLeftOutOrDoubledGiveTheSameDisksOrARefusal(Golden golden) throws IOException {
        List<byte[]> records = records(golden.bytes());
        for (int i = 0; i < records.size(); i++) {
            List<byte[]> without = new ArrayList<>(records);
            without.remove(i);
            check(golden, join(without));
            List<byte[]> twice = new ArrayList<>(records);
            twice.add(i, records.get(i));
            check(golden, join(twice));
            if (i > 0) {
                List<byte[]> swapped = new ArrayList<>(records);
                swapped.set(i, records.get(i - 1));
                swapped.set(i - 1, records.get(i));
                check(golden, join(swapped));
            }
        }
    }

    private static void check(Golden golden, byte[] file) throws IOException {
        boolean same = Arrays.equals(file, golden.bytes());
        byte[] first = new byte[0];
        try (ImageReader expected = ImageReader.open(new ByteArrayChannel(golden.bytes()))) {
            if (expected.imageCount() > 0) {
                first = content(expected.image(1));
            }
        }
        try (ImageReader expected = ImageReader.open(new ByteArrayChannel(golden.bytes()));
                ImageReader found = ImageReader.open(new ByteArrayChannel(file))) {
            assertThat(found.imageCount()).isLessThanOrEqualTo(expected.imageCount());
            for (int number = 1; number <= found.imageCount(); number++) {
                assertThat(content(found.image(number))).isEqualTo(content(expected.image(number)));
            }
            boolean whole =
                    found.imageCount() == expected.imageCount() && found.end().state() == FileEnd.State.CLEAN;
            Verify.of(found).control(control -> control.threads(1)).full();
            // What is left out may be a whole run of commits at the end, or what nobody names.
            assertThat(same || !whole || file.length <= golden.bytes().length).isTrue();
        } catch (ImageFormatException refused) {
            assertThat(same).isFalse();
        }
        try {
            SparseDevice disk = new SparseDevice(1 << 20);
            RestoreReport report = StreamRestore.of(new ByteArrayChannel(file))
                    .target(TargetRules.defaults().anySectorSize(true))
                    .to(disk);
            byte[] found = new byte[(int) report.diskSize()];
            disk.read(ByteBuffer.wrap(found), 0);
            assertThat(found).isEqualTo(first);
        } catch (ImageFormatException refused) {
            // As it may be.
        }
    }

    private static byte[] content(Image image) throws IOException {
        byte[] bytes = new byte[(int) image.size()];
        image.read(ByteBuffer.wrap(bytes), 0);
        return bytes;
    }
}

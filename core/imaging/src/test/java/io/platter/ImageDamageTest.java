package io.platter;

import static org.assertj.core.api.Assertions.assertThat;

import io.platter.block.BlockDevice;
import io.platter.block.ImageFormatException;
import io.platter.image.ImageExtent;
import io.platter.image.codec.RecordHeader;
import io.platter.job.RestoreReport;
import io.platter.job.TargetRules;
import io.platter.testkit.Damage;
import io.platter.testkit.SparseDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Damaged image files give the same disk or an {@link ImageFormatException}. */
@Timeout(120)
class ImageDamageTest {
    private static final long SEED = Long.getLong("test.seed", 20_261_121);

    @ParameterizedTest
    @EnumSource(names = {"EMPTY_DISK", "ONE_CLUSTER", "ALL_KINDS"})
    void noInvertedByteGoesUnnoticed(Golden golden) throws IOException {
        Expected expected = new Expected(golden.bytes());
        AtomicInteger flips = new AtomicInteger();
        Damage.flips(golden.bytes(), 1, device -> expected.check(bytesOf(device), flips.getAndIncrement() % 5 == 0));
    }

    @ParameterizedTest
    @EnumSource(names = {"EMPTY_DISK", "ONE_CLUSTER", "ALL_KINDS"})
    void noTruncationGoesUnnoticed(Golden golden) throws IOException {
        Expected expected = new Expected(golden.bytes());
        Damage.truncations(golden.bytes(), 1, device -> expected.check(bytesOf(device), device.size() % 8 == 0));
    }

    @ParameterizedTest
    @EnumSource(names = {"TWO_IMAGES", "UNFINISHED"})
    void damageOfLargerFilesIsNoticed(Golden golden) throws IOException {
        Expected expected = new Expected(golden.bytes());
        Damage.flips(golden.bytes(), 11, device -> expected.check(bytesOf(device), false));
        Damage.truncations(golden.bytes(), 11, device -> expected.check(bytesOf(device), false));
    }

    @ParameterizedTest
    @EnumSource(names = {"EMPTY_DISK", "ONE_CLUSTER", "ALL_KINDS", "TWO_IMAGES", "UNFINISHED"})
    void randomDamageIsNoticed(Golden golden) throws IOException {
        Expected expected = new Expected(golden.bytes());
        Damage.fuzz(golden.bytes(), SEED, 12_000, device -> expected.check(bytesOf(device), false));
    }

    @ParameterizedTest
    @EnumSource(names = {"EMPTY_DISK", "ONE_CLUSTER", "ALL_KINDS", "TWO_IMAGES", "UNFINISHED"})
    void damageBehindRightChecksumsIsNoticed(Golden golden) throws IOException {
        byte[] bytes = golden.bytes();
        Expected expected = new Expected(bytes);
        List<Integer> records = records(bytes);
        Random random = new Random(SEED);
        for (int round = 0; round < 8_000; round++) {
            byte[] copy = bytes.clone();
            for (int changes = random.nextInt(3); changes >= 0; changes--) {
                mutate(copy, records.get(random.nextInt(records.size())), random);
            }
            try {
                expected.check(copy, round % 8 == 0);
            } catch (ImageFormatException refused) {
                // As it should be.
            } catch (Throwable e) {
                throw new AssertionError("seed " + SEED + ", round " + round + ": " + e, e);
            }
        }
    }

    private static byte[] bytesOf(BlockDevice device) throws IOException {
        byte[] bytes = new byte[(int) device.size()];
        device.read(ByteBuffer.wrap(bytes), 0);
        return bytes;
    }

    private static List<Integer> records(byte[] file) {
        List<Integer> starts = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < file.length; at += RecordHeader.LENGTH + in.getInt(at + 8)) {
            starts.add(at);
        }
        return starts;
    }

    /** Changes a byte of a record's body, or a field of its header, and repairs the checksums. */
    private static void mutate(byte[] file, int start, Random random) {
        ByteBuffer record = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int body = record.getInt(start + 8);
        int bodyAt = start + RecordHeader.LENGTH;
        if (body < 0 || bodyAt + (long) body > file.length) {
            return; // Its length was changed before.
        }
        byte value = random.nextBoolean() ? (byte) random.nextInt() : (byte) (random.nextInt(4) * 0x7F);
        if (random.nextInt(6) == 0 || body == 0) {
            file[start + 4 + random.nextInt(24)] = value;
        } else {
            file[bodyAt + random.nextInt(Math.min(body, 400))] = value;
        }
        record.putInt(start + 12, crc(file, bodyAt, body));
        record.putInt(start + 28, crc(file, start, 28));
    }

    private static int crc(byte[] bytes, int start, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, start, length);
        return (int) crc.getValue();
    }

    /** The disks that an undamaged file holds. */
    private static final class Expected {
        private final List<byte[]> disks = new ArrayList<>();
        private final byte[] unfinished;

        Expected(byte[] file) throws IOException {
            try (ImageReader reader = ImageReader.open(new ByteArrayChannel(file))) {
                for (Image image : reader.images()) {
                    disks.add(contentOf(image));
                }
                unfinished = reader.unfinishedImage().isPresent()
                        ? contentOf(reader.unfinishedImage().get())
                        : new byte[0];
            }
        }

        /** Reads a file in all ways; each must give the same disks, or refuse. */
        void check(byte[] file, boolean withThreads) throws IOException {
            ImageFormatException refused = null;
            try {
                read(file, withThreads);
            } catch (ImageFormatException e) {
                refused = e;
            }
            if (withThreads) {
                stream(file);
            }
            if (refused != null) {
                throw refused;
            }
        }

        private void read(byte[] file, boolean withThreads) throws IOException {
            try (ImageReader reader = ImageReader.open(new ByteArrayChannel(file))) {
                for (Image image : reader.images()) {
                    assertThat(contentOf(image))
                            .isEqualTo(disks.get(image.info().number() - 1));
                }
                if (reader.unfinishedImage().isPresent()
                        && reader.unfinishedImage().get().size() > 0) {
                    byte[] found = contentOf(reader.unfinishedImage().get());
                    byte[] whole = unfinished.length > 0 ? unfinished : disks.get(disks.size() - 1);
                    assertThat(found).isEqualTo(java.util.Arrays.copyOf(whole, found.length));
                }
                if (withThreads) {
                    Verify.of(reader).control(control -> control.threads(1)).full();
                } else {
                    Verify.of(reader).quick();
                }
            }
        }

        private void stream(byte[] file) throws IOException {
            SparseDevice disk = new SparseDevice(Long.MAX_VALUE);
            RestoreReport report;
            try {
                report = StreamRestore.of(new ByteArrayChannel(file))
                        .control(control -> control.threads(1))
                        .target(TargetRules.defaults().anySectorSize(true))
                        .to(disk);
            } catch (ImageFormatException e) {
                return;
            }
            byte[] found = new byte[disks.get(0).length];
            assertThat(report.diskSize()).isEqualTo(found.length);
            disk.read(ByteBuffer.wrap(found), 0);
            assertThat(found).isEqualTo(disks.get(0));
        }

        private static byte[] contentOf(Image image) throws IOException {
            // Reads the index, which has the last word on the size.
            assertThat(image.extents().mapToLong(ImageExtent::length).sum()).isEqualTo(image.size());
            assertThat(image.size()).isLessThan(1 << 20);
            byte[] bytes = new byte[(int) image.size()];
            image.read(ByteBuffer.wrap(bytes), 0);
            return bytes;
        }
    }
}

package io.platter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.Extent;
import io.platter.block.ExtentKind;
import io.platter.block.FileDevice;
import io.platter.block.MemoryDevice;
import io.platter.block.OpenMode;
import io.platter.image.DiskGeometry;
import io.platter.image.ImageOptions;
import io.platter.job.CancellationToken;
import io.platter.job.ConvertReport;
import io.platter.job.Phase;
import io.platter.job.Progress;
import io.platter.virtualdisk.Compression;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.VirtualDiskOptions;
import io.platter.virtualdisk.VirtualDisks;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How a conversion ends when it does not go well, and what it says meanwhile. */
@Timeout(60)
class ConvertFailureTest {
    private static final int SIZE = 40_000_000;
    private static final VirtualDiskFormat QCOW2 = VirtualDisks.named("qcow2").orElseThrow();
    private static final VirtualDiskOptions ZSTD =
            VirtualDiskOptions.builder().compression(Compression.ZSTD).build();

    private final byte[] disk = noise();

    @TempDir
    Path directory;

    @AfterEach
    void nothingIsLeftBehind() throws IOException {
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("platter-"));
        try (var files = Files.list(directory)) {
            assertThat(files).noneMatch(file -> file.toString().endsWith(".partial"));
        }
    }

    private static byte[] noise() {
        byte[] bytes = new byte[SIZE];
        new Random(71).nextBytes(bytes);
        return bytes;
    }

    private Path target() {
        return directory.resolve("target");
    }

    @Test
    void aCancelledConversionLeavesNothing() {
        CancellationToken token = new CancellationToken();
        AtomicInteger reads = new AtomicInteger();
        FaultyDisk source = new FaultyDisk(disk, Set.of()).onContentRead(() -> {
            if (reads.incrementAndGet() == 5) {
                token.cancel();
            }
        });
        Convert convert = Convert.of(source)
                .control(control -> control.threads(2))
                .control(control -> control.cancellation(token));
        assertThatThrownBy(() -> convert.toNewFile(target(), QCOW2, ZSTD)).isInstanceOf(CancellationException.class);
        assertThat(target()).doesNotExist();
        assertThat(reads.get()).isLessThan(SIZE >> 21);
        assertThatThrownBy(() -> {
                    try (ImageWriter writer =
                            ImageWriter.create(target(), DiskGeometry.of(source), ImageOptions.defaults())) {
                        convert.to(writer);
                    }
                })
                .isInstanceOf(CancellationException.class);
        assertThat(target()).doesNotExist();
    }

    @Test
    void anInterruptIsACancellationAndKeepsTheFlag() throws IOException {
        Files.write(directory.resolve("source"), disk);
        AtomicLong clock = new AtomicLong();
        for (VirtualDiskFormat format : List.of(QCOW2, new ProbeFormat())) {
            try (BlockDevice source = FileDevice.open(directory.resolve("source"), OpenMode.READ)) {
                Convert convert = Convert.of(source)
                        .control(control -> control.threads(2))
                        .control(control -> control.nanoClock(() -> clock.addAndGet(50_000_000)))
                        .control(control -> control.progress(
                                progress -> Thread.currentThread().interrupt()));
                assertThatThrownBy(() -> convert.toNewFile(target(), format, ZSTD))
                        .isInstanceOf(CancellationException.class);
                assertThat(Thread.interrupted()).isTrue();
            }
            assertThat(target()).doesNotExist();
        }
    }

    @Test
    void aFileThatIsBeingVerifiedIsComplete() throws IOException {
        CancellationToken token = new CancellationToken();
        Convert convert = Convert.of(MemoryDevice.over(disk))
                .control(control -> control.threads(2))
                .options(options -> options.verify(true))
                .control(control -> control.cancellation(token))
                .control(control -> control.nanoClock(ticking()))
                .control(control -> control.progress(progress -> {
                    if (progress.phase() == Phase.VERIFY) {
                        token.cancel();
                    }
                }));
        assertThatThrownBy(() -> convert.toNewFile(target(), QCOW2, ZSTD)).isInstanceOf(CancellationException.class);
        try (BlockDevice file = FileDevice.open(target(), OpenMode.READ);
                BlockDevice written = QCOW2.open(file, VirtualDiskOptions.defaults())) {
            assertThat(written.size()).isEqualTo(SIZE);
        }
    }

    private static java.util.function.LongSupplier ticking() {
        AtomicLong clock = new AtomicLong();
        return () -> clock.addAndGet(70_000_000);
    }

    @Test
    void aBadSectorEndsTheConversionByItsName() {
        FaultyDisk source = new FaultyDisk(disk, Set.of(50_000L));
        for (int threads : new int[] {1, 8}) {
            Convert convert = Convert.of(source).control(control -> control.threads(threads));
            assertThatThrownBy(() -> convert.toNewFile(target(), QCOW2, ZSTD))
                    .isInstanceOfSatisfying(DeviceException.class, e -> assertThat(e.diskOffset())
                            .isEqualTo(50_000L * 512));
            assertThat(target()).doesNotExist();
        }
    }

    @Test
    void aFullTargetEndsTheConversionAndGivesAllBack() {
        for (int room = 0; room < SIZE; room += 7_000_000) {
            ProbeFormat format = new ProbeFormat().failAt(room);
            Convert convert = Convert.of(MemoryDevice.over(disk)).control(control -> control.threads(2));
            assertThatThrownBy(() -> convert.toNewFile(target(), format, ZSTD)).hasMessage("No space left on device");
            assertThat(target()).doesNotExist();
            assertThat(format.open).hasValue(0);
        }
    }

    @Test
    void aPipeThatBreaksEndsTheConversion() {
        OutputStream broken = new OutputStream() {
            private int room = 10_000_000;

            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                room -= length;
                if (room < 0) {
                    throw new IOException("Broken pipe");
                }
            }
        };
        VirtualDiskFormat raw = VirtualDisks.named("raw").orElseThrow();
        Convert convert = Convert.of(MemoryDevice.over(disk)).control(control -> control.threads(2));
        assertThatThrownBy(() -> convert.to(Channels.newChannel(broken), raw, ZSTD))
                .hasMessage("Broken pipe");
    }

    @Test
    void anEncoderThatFailsEndsTheConversion() {
        AtomicInteger blocks = new AtomicInteger();
        ProbeFormat format = new ProbeFormat().onEncode(() -> {
            if (blocks.incrementAndGet() == 900) {
                throw new IllegalStateException("this block");
            }
        });
        Convert convert = Convert.of(MemoryDevice.over(disk)).control(control -> control.threads(2));
        assertThatThrownBy(() -> convert.toNewFile(target(), format, ZSTD)).hasMessage("this block");
        assertThat(target()).doesNotExist();
        assertThat(format.open).hasValue(0);
    }

    @Test
    void encodersOfOthersAreUsedAndClosed() throws IOException {
        ProbeFormat format = new ProbeFormat();
        Convert.of(MemoryDevice.over(disk))
                .control(control -> control.threads(3))
                .toNewFile(target(), format, ZSTD);
        assertThat(target()).hasBinaryContent(disk);
        assertThat(format.encoded.get()).isBetween(SIZE / ProbeFormat.BLOCK / 3, SIZE / ProbeFormat.BLOCK);
        assertThat(format.open).hasValue(0);
    }

    @Test
    void anExistingFileStaysAsItIs() throws IOException {
        Files.writeString(target(), "mine");
        Convert convert = Convert.of(MemoryDevice.over(disk));
        assertThatThrownBy(() -> convert.toNewFile(target(), QCOW2, ZSTD))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThat(target()).hasContent("mine");
    }

    @Test
    void verificationFindsWhatDiffers() throws IOException {
        ProbeFormat format = new ProbeFormat().readBackWrong(Set.of(0L, 5_000_000L, 5_000_100L, 20_000_000L), 1000);
        ConvertReport report = Convert.of(MemoryDevice.over(disk))
                .control(control -> control.threads(2))
                .options(options -> options.verify(true))
                .toNewFile(target(), format, ZSTD);
        assertThat(report.differences())
                .containsExactly(
                        new Extent(0, 1, ExtentKind.DATA),
                        new Extent(5_000_000, 101, ExtentKind.DATA),
                        new Extent(20_000_000, 1, ExtentKind.DATA),
                        new Extent(SIZE - 1000, 1000, ExtentKind.DATA));
    }

    @Test
    void progressComesOnTheCallingThreadAndReachesTheEnd() throws IOException {
        Thread caller = Thread.currentThread();
        for (boolean verify : new boolean[] {false, true}) {
            List<Progress> seen = new ArrayList<>();
            ConvertReport report = Convert.of(MemoryDevice.over(disk))
                    .control(control -> control.threads(2))
                    .options(options -> options.verify(verify))
                    .control(control -> control.nanoClock(ticking()))
                    .control(control -> control.progress(progress -> {
                        assertThat(Thread.currentThread()).isSameAs(caller);
                        seen.add(progress);
                    }))
                    .toNewFile(directory.resolve("verified-" + verify), QCOW2, ZSTD);
            assertThat(seen).hasSizeGreaterThan(3);
            assertThat(seen).extracting(Progress::done).isSorted();
            assertThat(seen).extracting(Progress::written).isSorted();
            Progress last = seen.get(seen.size() - 1);
            assertThat(last.phase()).isEqualTo(Phase.FINISH);
            assertThat(last.total()).hasValue(last.done());
            assertThat(last.done()).isEqualTo(verify ? 2L * SIZE : SIZE);
            assertThat(last.written()).isEqualTo(report.bytesWritten());
        }
    }

    @Test
    void aListenerThatThrowsEndsTheConversion() {
        Convert convert = Convert.of(MemoryDevice.over(disk))
                .control(control -> control.nanoClock(ticking()))
                .control(control -> control.progress(progress -> {
                    throw new IllegalStateException("enough");
                }));
        assertThatThrownBy(() -> convert.toNewFile(target(), QCOW2, ZSTD)).hasMessage("enough");
        assertThat(target()).doesNotExist();
    }
}

package io.platter;

import static io.platter.CraftedFile.DATA;
import static io.platter.CraftedFile.FILL;
import static io.platter.CraftedFile.NONE;
import static io.platter.CraftedFile.UNKNOWN_KIND;
import static io.platter.CraftedFile.ZERO;
import static io.platter.CraftedFile.features;
import static io.platter.CraftedFile.text;
import static io.platter.CraftedFile.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.platter.CraftedFile.Block;
import io.platter.CraftedFile.Page;
import io.platter.CraftedFile.Place;
import io.platter.CraftedFile.Reference;
import io.platter.CraftedFile.Root;
import io.platter.CraftedFile.Run;
import io.platter.block.ImageFormatException;
import io.platter.block.UnsupportedImageException;
import io.platter.job.RestoreReport;
import io.platter.job.TargetRules;
import io.platter.testkit.SparseDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Files that are wrong under right checksums. A verification refuses each; a restore in one pass refuses it or gives the
 * disk that a reader gives; a reader gives the disk that the index describes or refuses.
 */
@Timeout(60)
class CraftedFileTest {
    private static final byte[] A = noise(1);
    private static final byte[] B = noise(2);
    private static final byte[] Z = new byte[4096];

    private static byte[] noise(long seed) {
        byte[] block = new byte[4096];
        new Random(seed).nextBytes(block);
        return block;
    }

    private static byte[] disk(byte[]... blocks) {
        byte[] disk = new byte[4096 * blocks.length];
        for (int i = 0; i < blocks.length; i++) {
            System.arraycopy(blocks[i], 0, disk, 4096 * i, 4096);
        }
        return disk;
    }

    private static CraftedFile announced(int blocks) {
        return new CraftedFile().file().announce(4096L * blocks);
    }

    private static Run data(Reference... blocks) {
        return new Run(DATA, 4096L * blocks.length, 0, blocks);
    }

    private static Run zeros(int blocks) {
        return new Run(ZERO, 4096L * blocks, 0);
    }

    /** A disk of A and B, as it should be; the page is not written yet. */
    private static Page twoBlocks(CraftedFile file) {
        Place frame = file.frame(new Block(0, A), new Block(4096, B));
        return file.leaf(0, data(new Reference(frame, 0, A), new Reference(frame, 1, B)));
    }

    interface Craft {
        byte[] file();
    }

    @SuppressWarnings("ImmutableEnumChecker") // Nobody changes them.
    enum Wrong {
        BLOCKS_NOT_IN_THE_ORDER_OF_THE_DISK(disk(A, B), () -> {
            CraftedFile file = announced(2);
            Place second = file.frame(new Block(4096, B));
            Place first = file.frame(new Block(0, A));
            return file.finish(file.leaf(0, data(new Reference(first, 0, A), new Reference(second, 0, B))));
        }),
        A_FRAME_OVER_A_RUN_OF_ZEROS(disk(Z, Z), () -> {
            CraftedFile file = announced(2);
            Page leaf = file.leaf(0, zeros(2));
            file.frame(new Block(4096, B));
            return file.finish(leaf);
        }),
        A_FRAME_THAT_NO_PAGE_KNOWS(disk(A, Z), () -> {
            CraftedFile file = announced(2);
            Place frame = file.frame(new Block(0, A), new Block(4096, B));
            return file.finish(file.leaf(0, data(new Reference(frame, 0, A)), zeros(1)));
        }),
        A_BLOCK_BROUGHT_TO_ANOTHER_PLACE(disk(A, B), () -> {
            CraftedFile file = announced(2);
            Place frame = file.frame(new Block(0, A), new Block(4097, B));
            return file.finish(file.leaf(0, data(new Reference(frame, 0, A), new Reference(frame, 1, B))));
        }),
        A_BLOCK_THAT_IS_NOT_THE_INDEXES(disk(A, B), () -> {
            CraftedFile file = announced(2);
            Place frame = file.frame(new Block(0, A), new Block(4096, Z));
            return file.finish(file.leaf(0, data(new Reference(frame, 0, A), new Reference(frame, 1, B))));
        }),
        A_BLOCK_PAST_THE_DISK(disk(A), () -> {
            CraftedFile file = announced(1);
            Place frame = file.frame(new Block(0, A), new Block(4096, B));
            return file.finish(file.leaf(0, data(new Reference(frame, 0, A))));
        }),
        A_FRAME_OF_ANOTHER_LENGTH(disk(A), () -> {
            CraftedFile file = announced(1);
            Place frame = file.frame(new Block(0, A));
            Place longer = new Place(frame.offset(), frame.length() + 1);
            return file.finish(file.leaf(0, data(new Reference(longer, 0, A))));
        }),
        TWO_LEAVES_FOR_ONE_RANGE(disk(A.clone()), () -> {
            CraftedFile file = announced(1);
            file.leaf(0, zeros(1));
            Place frame = file.frame(new Block(0, A));
            return file.finish(file.leaf(0, data(new Reference(frame, 0, A))));
        }),
        A_PATTERN_WHERE_ZEROS_WERE_SAID(filled(), () -> {
            CraftedFile file = announced(1);
            file.leaf(0, zeros(1));
            return file.finish(file.leaf(0, new Run(FILL, 4096, 0x0807_0605_0403_0201L)));
        }),
        A_LONGER_LEAF_THAT_SAYS_OTHERWISE(disk(Z, A), () -> {
            CraftedFile file = announced(2);
            Page before = file.leaf(0, new Run(FILL, 4096, 1));
            Root root = Root.announcing(8192, before);
            root.coveredLength = 4096;
            file.commit(NONE, file.image(root), 0);
            Place frame = file.frame(new Block(4096, A));
            return file.finish(file.leaf(0, zeros(1), data(new Reference(frame, 0, A))));
        }),
        LEAVES_IN_THE_WRONG_ORDER(disk(Z, Z), () -> {
            CraftedFile file = announced(2);
            Page second = file.leaf(4096, zeros(1));
            Page first = file.leaf(0, zeros(1));
            return file.finish(file.inner(first, second));
        }),
        A_PAGE_AFTER_ITS_IMAGE(disk(Z), () -> {
            CraftedFile file = announced(1);
            Page leaf = file.leaf(0, zeros(1));
            int gap = CraftedFile.IMAGE_LENGTH;
            Page later = new Page(new Place(file.size() + gap, leaf.place().length()), leaf.hash(), 0, leaf.length());
            Place image = file.image(new Root(later));
            file.leaf(0, zeros(1));
            file.commit(image, NONE, 1);
            return file.bytes();
        }),
        ANOTHER_SIZE_THAN_ANNOUNCED(disk(Z), () -> {
            CraftedFile file = announced(2);
            return file.finish(file.leaf(0, zeros(1)));
        }),
        OTHER_SECTORS_THAN_ANNOUNCED(disk(Z), () -> {
            CraftedFile file = announced(1);
            Root root = new Root(file.leaf(0, zeros(1)));
            root.logicalSectorSize = 4096;
            return file.finish(root);
        }),
        A_COMMIT_OUT_OF_SEQUENCE(disk(A, B), () -> committed(7, 0, 1)),
        A_COMMIT_AFTER_NO_COMMIT(disk(A, B), () -> committed(2, 4096, 1)),
        A_COMMIT_OFF_ITS_PLACE(disk(A, B), () -> {
            CraftedFile file = announced(2);
            file.record(6, new byte[512 - CraftedFile.PREFIX], new byte[0]);
            return file.finish(twoBlocks(file));
        }),
        A_COMMIT_WITH_A_DIRECTORY_OF_MORE_IMAGES(disk(A, B), () -> committed(2, 0, 2)),
        A_COMMIT_OF_NO_IMAGE_THAT_NAMES_ONE(disk(A, B), () -> {
            CraftedFile file = announced(2);
            file.commit(file.image(new Root(twoBlocks(file))), NONE, 0);
            return file.bytes();
        }),
        A_COMMIT_OF_MORE_IMAGES(disk(A, B), () -> {
            CraftedFile file = announced(2);
            file.commit(file.image(new Root(twoBlocks(file))), NONE, 2);
            return file.bytes();
        }),
        A_COMMIT_OF_A_FORGOTTEN_PARTIAL_IMAGE(disk(A, B), () -> {
            CraftedFile file = new CraftedFile().file();
            Place partial = file.image(Root.announcing(8192, file.leaf(0)));
            file.commit(NONE, partial, 0);
            file.commit(file.image(new Root(twoBlocks(file))), partial, 1);
            return file.bytes();
        }),
        AN_IMAGE_OF_NUMBER_TWO(disk(A, B), () -> {
            CraftedFile file = announced(2);
            Root root = new Root(twoBlocks(file));
            root.number = 2;
            return file.finish(root);
        }),
        AN_EXTENT_OF_AN_UNKNOWN_KIND(disk(Z), () -> {
            CraftedFile file = announced(1);
            return file.finish(file.leaf(0, new Run(UNKNOWN_KIND, 4096, 0)));
        }),
        A_RECORD_OF_KEYS(disk(A, B), () -> {
            CraftedFile file = announced(2);
            file.record(12, new byte[0], new byte[100]);
            return file.finish(twoBlocks(file));
        }),
        A_FRAME_THAT_MAY_BE_PASSED_OVER(disk(A, B), () -> {
            CraftedFile file = announced(2);
            Page page = twoBlocks(file);
            file.record(2, 1, 0, new byte[44], new byte[0], 0);
            return file.finish(page);
        }),
        A_CATALOG_THAT_MAY_NOT_BE_PASSED_OVER(disk(A, B), () -> {
            CraftedFile file = announced(2);
            file.record(CraftedFile.CATALOG, 0, 0, new byte[32], new byte[0], 0);
            return file.finish(twoBlocks(file));
        }),
        A_RESERVED_BIT_OF_A_HEADER(disk(A, B), () -> {
            CraftedFile file = announced(2);
            Page page = twoBlocks(file);
            file.record(7, 2, 0, new byte[0], new byte[0], 0);
            return file.finish(page);
        }),
        A_BODY_OF_ANOTHER_CHECKSUM(disk(A, B), () -> {
            CraftedFile file = announced(2);
            Page page = twoBlocks(file);
            byte[] bytes = file.finish(page);
            bytes[(int) page.place().offset() - 1] ^= 1;
            return bytes;
        }),
        A_BLOCK_OF_ANOTHER_HASH(disk(A, B), () -> {
            CraftedFile file = announced(2);
            Place frame = file.frame(new Block(0, A), new Block(4096, Z, B));
            return file.finish(file.leaf(0, data(new Reference(frame, 0, A), new Reference(frame, 1, B))));
        }),
        A_BLOCK_OVER_ITS_LIMIT(disk(A, B), () -> {
            CraftedFile file = announced(2);
            Page page = twoBlocks(file);
            file.frame(new Block(8192, new byte[300_000]));
            return file.finish(page);
        }),
        A_SECOND_FILE_HEADER(disk(A, B), () -> {
            CraftedFile file = announced(2).fileOnce();
            return file.finish(twoBlocks(file));
        }),
        A_FILE_HEADER_ONCE(disk(A, B), () -> {
            CraftedFile file = new CraftedFile().fileOnce().announce(8192);
            return file.finish(twoBlocks(file));
        }),
        AN_ID_THAT_THE_DIRECTORY_DOES_NOT_HAVE(disk(A, B), () -> {
            CraftedFile file = announced(2);
            Place image = file.image(new Root(twoBlocks(file)));
            var wrong = file.directoryPage(0, 1, 1, List.of(new CraftedFile.Directory(image, new byte[32])));
            file.padding((byte) 0);
            file.commit(2, file.previousCommit(), wrong, image, NONE, 1);
            return file.bytes();
        }),
        PADDING_THAT_IS_NOT_ZEROS(disk(A, B), () -> {
            CraftedFile file = announced(2);
            Place image = file.image(new Root(twoBlocks(file)));
            var directory = file.directory(1);
            file.padding((byte) 1);
            file.commit(2, file.previousCommit(), directory, image, NONE, 1);
            return file.bytes();
        }),
        A_PAGE_WITH_A_LONGER_TABLE(disk(Z), () -> {
            CraftedFile file = announced(1);
            Page leaf = file.leaf(0, zeros(1));
            file.record(3, new byte[17], CraftedFile.leafMap(0, zeros(1)));
            return file.finish(leaf);
        }),
        A_PAGE_WITH_OTHER_PACKS(disk(Z), () -> {
            CraftedFile file = announced(1);
            Page leaf = file.leaf(0, zeros(1));
            file.record(
                    3, new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, CraftedFile.leafMap(0, zeros(1)));
            return file.finish(leaf);
        }),
        PROPERTIES_WITH_A_TABLE(disk(Z), () -> {
            CraftedFile file = announced(1);
            Page leaf = file.leaf(0, zeros(1));
            file.record(4, new byte[8], texts());
            return file.finish(leaf);
        }),
        A_PAGE_OF_NONSENSE_THAT_NOBODY_NAMES(disk(Z), () -> {
            CraftedFile file = announced(1);
            Page leaf = file.leaf(0, zeros(1));
            file.record(3, new byte[0], new byte[] {77, 1, 2, 3});
            return file.finish(leaf);
        }),
        A_PAGE_OVER_ITS_LIMIT(disk(Z), () -> {
            CraftedFile file = announced(1);
            Page leaf = file.leaf(0, zeros(1));
            file.record(3, new byte[0], new byte[70_000]);
            return file.finish(leaf);
        }),
        A_ZSTD_WINDOW_OVER_ITS_LIMIT(disk(Z), () -> {
            CraftedFile file = announced(1);
            byte[] plain = CraftedFile.leafMap(0, zeros(1));
            // RFC 8878: content size of 4 bytes, window of 2^23 + 2^20, one raw block.
            ByteBuffer zstd = ByteBuffer.allocate(13 + plain.length).order(ByteOrder.LITTLE_ENDIAN);
            zstd.putInt(0xFD2F_B528)
                    .put((byte) 0x80)
                    .put((byte) ((13 << 3) | 1))
                    .putInt(plain.length);
            zstd.put((byte) ((plain.length << 3) | 1))
                    .put((byte) (plain.length >> 5))
                    .put((byte) 0);
            Place place =
                    file.record(3, 1, CraftedFile.leafTable(), zstd.put(plain).array(), plain.length);
            return file.finish(new Page(place, CraftedFile.hash(1, plain), 0, 4096));
        }),
        BYTES_AFTER_THE_FILES_FEATURES(disk(A, B), () -> {
            CraftedFile file = new CraftedFile().file((byte) 1).announce(8192);
            return file.finish(twoBlocks(file));
        }),
        BYTES_AFTER_THE_IMAGES_FEATURES(disk(A, B), () -> withFeatures(features(0, new byte[0], (byte) 0))),
        A_FEATURES_NAME_THAT_IS_NOT_UTF_8(disk(A, B), () -> withFeatures(features(1, new byte[] {(byte) 0xFF}))),
        TWO_NAMES_FOR_ONE_FEATURE(disk(A, B), () -> withFeatures(features(2, text("name")))),
        A_KEY_TWICE(disk(A, B), () -> withProperties(texts(text("key"), text("a"), text("key"), text("b")))),
        A_KEY_THAT_IS_NOT_UTF_8(disk(A, B), () -> withProperties(texts(new byte[] {(byte) 0xC0}, text("a")))),
        BYTES_AFTER_THE_PROPERTIES(disk(A, B), () -> withProperties(new byte[9])),
        A_HASH_WITHOUT_PROPERTIES(disk(A, B), () -> {
            CraftedFile file = announced(2);
            Root root = new Root(twoBlocks(file));
            root.propertiesHash[0] = 1;
            return file.finish(root);
        }),
        PROPERTIES_OF_ANOTHER_HASH(disk(A, B), () -> {
            CraftedFile file = announced(2);
            Root root = new Root(twoBlocks(file));
            file.properties(root, texts());
            root.propertiesHash = CraftedFile.hash(3, A);
            return file.finish(root);
        }),
        A_CUT_THAT_IS_NONE(disk(A, B), () -> {
            CraftedFile file = announced(2);
            Root root = new Root(twoBlocks(file));
            root.cut = 5000;
            return file.finish(root);
        }),
        MORE_COVERED_THAN_THE_DISK_HAS(disk(A, B), () -> {
            CraftedFile file = announced(2);
            Page page = twoBlocks(file);
            Root partial = Root.announcing(4096, page);
            file.commit(NONE, file.image(partial), 0);
            return file.finish(page);
        });

        private final byte[] disk;
        private final Craft craft;

        Wrong(byte[] disk, Craft craft) {
            this.disk = disk;
            this.craft = craft;
        }

        /** Makes the file. */
        byte[] file() {
            return craft.file();
        }
    }

    /** A disk of A and B, whose last commit is as its numbers say. */
    private static byte[] committed(long sequence, long previousCommit, int directoryOf) {
        CraftedFile file = announced(2);
        Place image = file.image(new Root(twoBlocks(file)));
        var directory = file.directory(directoryOf);
        file.padding((byte) 0);
        long previous = previousCommit > 0 ? previousCommit : file.previousCommit();
        file.commit(sequence, previous, directory, image, NONE, 1);
        return file.bytes();
    }

    private static byte[] filled() {
        byte[] disk = new byte[4096];
        for (int i = 0; i < disk.length; i++) {
            disk[i] = (byte) (1 + i % 8);
        }
        return disk;
    }

    private static byte[] withFeatures(byte[] features) {
        CraftedFile file = announced(2);
        Root root = new Root(twoBlocks(file));
        root.features = features;
        return file.finish(root);
    }

    private static byte[] withProperties(byte[] plain) {
        CraftedFile file = announced(2);
        Root root = new Root(twoBlocks(file));
        file.properties(root, plain);
        return file.finish(root);
    }

    @ParameterizedTest
    @EnumSource
    void aWrongFileIsRefusedByAllThatSeeTheWrong(Wrong wrong) {
        byte[] file = wrong.file();
        Throwable full = catchThrowable(() -> verify(file, true));
        assertThat(full).as("full verification").isInstanceOf(ImageFormatException.class);
        Throwable quick = catchThrowable(() -> verify(file, false));
        if (quick != null
                || (wrong != Wrong.A_BLOCK_THAT_IS_NOT_THE_INDEXES && wrong != Wrong.A_BLOCK_OF_ANOTHER_HASH)) {
            assertThat(quick).as("quick verification").isInstanceOf(ImageFormatException.class);
        }
        Throwable onePass = catchThrowable(() -> stream(file, wrong.disk));
        assertRefusedOrRight(onePass, full);
        assertRefusedOrRight(catchThrowable(() -> read(file, wrong.disk)), full);
    }

    /** What is not supported is that for everybody. */
    private static void assertRefusedOrRight(Throwable found, Throwable full) {
        if (found != null) {
            assertThat(found).isInstanceOf(ImageFormatException.class);
            assertThat(found instanceof UnsupportedImageException).isEqualTo(full instanceof UnsupportedImageException);
        }
    }

    @Test
    void aFileThatIsMadeByHandButRightIsTaken() throws IOException {
        CraftedFile file = announced(5);
        Place first = file.frame(new Block(0, A));
        Page checkpoint = file.leaf(0, data(new Reference(first, 0, A)));
        Root partial = Root.announcing(5 * 4096, checkpoint);
        partial.coveredLength = 4096;
        file.commit(NONE, file.image(partial), 0);
        Place second = file.frame(new Block(4096, B));
        Page left = file.leaf(0, data(new Reference(first, 0, A), new Reference(second, 0, B)), zeros(1));
        Page right = file.leaf(3 * 4096, data(new Reference(first, 0, A)), new Run(FILL, 4096, 0x0807_0605_0403_0201L));
        Root root = new Root(file.inner(left, right));
        file.properties(root, texts(text("key"), text("Zürich")));
        root.features = features(1, text("a feature"));
        byte[] bytes = file.finish(root);
        byte[] disk = disk(A, B, Z, A, filled());
        verify(bytes, true);
        verify(bytes, false);
        read(bytes, disk);
        stream(bytes, disk);
    }

    /** A capture was killed before its first byte, and another disk was captured to the file. */
    @Test
    void aFileWithAnotherDiskAnnouncedBeforeIsSoundButNotForOnePass() throws IOException {
        CraftedFile file = announced(7).announce(8192);
        byte[] bytes = file.finish(twoBlocks(file));
        verify(bytes, true);
        read(bytes, disk(A, B));
        assertThat(catchThrowable(() -> stream(bytes, disk(A, B)))).isInstanceOf(UnsupportedImageException.class);
        CraftedFile same = announced(2).announce(8192);
        byte[] twice = same.finish(twoBlocks(same));
        verify(twice, true);
        stream(twice, disk(A, B));
    }

    @Test
    void aFileWhoseImageIsNotAnnouncedIsSoundButNotForOnePass() throws IOException {
        CraftedFile file = new CraftedFile().file();
        byte[] bytes = file.finish(twoBlocks(file));
        verify(bytes, true);
        read(bytes, disk(A, B));
        assertThat(catchThrowable(() -> stream(bytes, disk(A, B)))).isInstanceOf(UnsupportedImageException.class);
    }

    private static void verify(byte[] file, boolean full) throws IOException {
        try (ImageReader reader = ImageReader.open(new ByteArrayChannel(file))) {
            Verify verify = Verify.of(reader).control(control -> control.threads(1));
            if (full) {
                verify.full();
            } else {
                verify.quick();
            }
        }
    }

    private static void read(byte[] file, byte[] disk) throws IOException {
        try (ImageReader reader = ImageReader.open(new ByteArrayChannel(file))) {
            for (Image image : reader.images()) {
                byte[] found = new byte[(int) image.size()];
                image.read(ByteBuffer.wrap(found), 0);
                assertThat(found).isEqualTo(disk);
            }
        }
    }

    private static void stream(byte[] file, byte[] disk) throws IOException {
        SparseDevice target = new SparseDevice(1 << 20);
        RestoreReport report = StreamRestore.of(new ByteArrayChannel(file))
                .control(control -> control.threads(1))
                .target(TargetRules.defaults().anySectorSize(true))
                .to(target);
        byte[] found = new byte[(int) report.diskSize()];
        target.read(ByteBuffer.wrap(found), 0);
        assertThat(found).isEqualTo(disk);
    }
}

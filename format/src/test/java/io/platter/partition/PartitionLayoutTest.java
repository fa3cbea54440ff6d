package io.platter.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.MemoryDevice;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PartitionLayoutTest {
    private static final long MIB = 1 << 20;

    private static PartitionTable tableFor(PartitionLayout.Builder layout, long diskSize) {
        return layout.build().tableFor(diskSize, 512, new Random(1));
    }

    private static List<Long> offsets(PartitionTable table) {
        return table.partitions().stream().map(Partition::diskOffset).toList();
    }

    private static List<Long> ends(PartitionTable table) {
        return table.partitions().stream().map(Partition::end).toList();
    }

    @Test
    void partitionsStartAtMultiplesOfTheAlignment() {
        PartitionTable table = tableFor(
                PartitionLayout.gpt()
                        .add(PartitionSpec.ofSize("linux", 1))
                        .add(PartitionSpec.ofSize("linux", MIB + 1))
                        .add(PartitionSpec.ofSize("linux", MIB)),
                16 * MIB);
        assertThat(offsets(table)).containsExactly(MIB, 2 * MIB, 4 * MIB);
        assertThat(ends(table)).containsExactly(MIB + 512, 3 * MIB + 512, 5 * MIB);
        assertThat(table.findings()).isEmpty();
    }

    @Test
    void theRestIsWhatTheOthersLeave() {
        PartitionTable table = tableFor(
                PartitionLayout.gpt()
                        .add(PartitionSpec.ofSize("efi", MIB))
                        .add(PartitionSpec.rest("linux"))
                        .add(PartitionSpec.ofSize("swap", MIB + 5))
                        .add(PartitionSpec.ofSize("windows-recovery", MIB)),
                16 * MIB);
        assertThat(offsets(table)).containsExactly(MIB, 2 * MIB, 12 * MIB, 14 * MIB);
        assertThat(ends(table)).containsExactly(2 * MIB, 12 * MIB, 13 * MIB + 512, 15 * MIB);
    }

    @Test
    void theRestEndsBeforeAFixedPlace() {
        PartitionTable table = tableFor(
                PartitionLayout.gpt()
                        .add(PartitionSpec.rest("linux"))
                        .add(PartitionSpec.ofSize("swap", 5).at(7 * MIB + 512)),
                16 * MIB);
        assertThat(ends(table)).containsExactly(7 * MIB, 7 * MIB + 1024);
    }

    @Test
    void logicalPartitionsHaveRoomForTheirRecords() {
        PartitionTable table = tableFor(
                PartitionLayout.mbr()
                        .add(PartitionSpec.ofSize("linux", MIB))
                        .add(PartitionSpec.ofSize("linux", MIB).logical())
                        .add(PartitionSpec.rest("linux").logical())
                        .add(PartitionSpec.ofSize("linux", MIB).logical())
                        .add(PartitionSpec.ofSize("linux", MIB)),
                16 * MIB);
        assertThat(table.partitions()).extracting(Partition::index).containsExactly(1, 2, 3, 5, 6, 7);
        assertThat(offsets(table)).containsExactly(MIB, 2 * MIB, 15 * MIB, 3 * MIB, 5 * MIB, 14 * MIB);
        assertThat(ends(table)).containsExactly(2 * MIB, 15 * MIB, 16 * MIB, 4 * MIB, 13 * MIB, 15 * MIB);
        assertThat(table.findings()).isEmpty();
    }

    @Test
    void idsAreThoseGivenAndElseRandom() {
        UUID disk = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
        UUID partition = UUID.fromString("ffeeddcc-bbaa-9988-7766-554433221100");
        PartitionTable table = tableFor(
                PartitionLayout.gpt()
                        .diskId(disk)
                        .add(PartitionSpec.ofSize("linux", MIB).id(partition))
                        .add(PartitionSpec.ofSize("linux", MIB)),
                16 * MIB);
        assertThat(table.id()).isEqualTo("00112233-4455-6677-8899-AABBCCDDEEFF");
        assertThat(table.partitions().get(0).id()).isEqualTo("FFEEDDCC-BBAA-9988-7766-554433221100");
        assertThat(UUID.fromString(table.partitions().get(1).id()).version()).isEqualTo(4);
    }

    @Test
    void theSectorSizeIsTheDevicesUnlessItIsGiven() throws IOException {
        MemoryDevice device = MemoryDevice.over(new byte[(int) (4 * MIB)], 4096);
        PartitionLayout.gpt().build().write(device, new Random(1));
        assertThat(PartitionTables.read(device).sectorSize()).isEqualTo(4096);
        PartitionLayout.gpt().sectorSize(512).build().write(device, new Random(1));
        assertThat(PartitionTables.read(device, 512).findings()).isEmpty();
    }

    @Test
    void whatIsWrittenIsReported() throws IOException {
        MemoryDevice device = MemoryDevice.ofSize((int) (4 * MIB));
        PartitionLayout layout = PartitionLayout.gpt().build();
        assertThat(layout.write(device, new Random(1)))
                .isEqualTo(PartitionTables.read(device).tableExtents());
    }

    @Test
    void aPartitionBehindTwoTebibytesNeedsAGpt() {
        long diskSize = 4L << 40;
        assertThat(ends(tableFor(PartitionLayout.gpt().add(PartitionSpec.rest("linux")), diskSize)))
                .containsExactly(diskSize - MIB);
        assertThat(ends(tableFor(PartitionLayout.mbr().add(PartitionSpec.rest("linux")), diskSize)))
                .containsExactly((2L << 40) - MIB);
        assertThatThrownBy(() -> tableFor(
                        PartitionLayout.mbr()
                                .add(PartitionSpec.ofSize("linux", 1).at(3L << 40)),
                        diskSize))
                .isInstanceOf(IllegalArgumentException.class);
    }

    static Stream<Arguments> layoutsThatDoNotFit() {
        return Stream.of(
                layout(builder -> builder.add(PartitionSpec.ofSize("linux", 16 * MIB))),
                layout(builder -> builder.add(PartitionSpec.ofSize("linux", Long.MAX_VALUE - 512))),
                layout(builder -> builder.add(PartitionSpec.ofSize("linux", 1).at(1000 * 512 + 1))),
                layout(builder -> builder.add(PartitionSpec.ofSize("linux", 1).at(512))),
                layout(builder -> builder.add(PartitionSpec.ofSize("linux", 1).at(Long.MAX_VALUE))),
                layout(builder ->
                        builder.add(PartitionSpec.rest("linux")).add(PartitionSpec.ofSize("linux", 15 * MIB))),
                layout(builder -> builder.add(PartitionSpec.rest("linux"))
                        .add(PartitionSpec.ofSize("linux", Long.MAX_VALUE - 512))),
                layout(builder -> builder.add(PartitionSpec.ofSize("linux", 3 * MIB))
                        .add(PartitionSpec.ofSize("linux", MIB).at(2 * MIB))),
                layout(builder -> builder.sectorSize(4096).alignment(512)),
                layout(builder -> builder.entries(65536)));
    }

    private static Arguments layout(UnaryOperator<PartitionLayout.Builder> builder) {
        return Arguments.of(builder);
    }

    @ParameterizedTest
    @MethodSource("layoutsThatDoNotFit")
    void aLayoutThatDoesNotFitIsRefused(UnaryOperator<PartitionLayout.Builder> builder) {
        PartitionLayout layout = builder.apply(PartitionLayout.gpt()).build();
        byte[] disk = new byte[(int) (15 * MIB)];
        assertThatThrownBy(() -> layout.write(MemoryDevice.over(disk), new Random(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(new Unpartitioned(512, List.of())).isEqualTo(read(disk));
    }

    private static PartitionTable read(byte[] disk) {
        try {
            return PartitionTables.read(MemoryDevice.over(disk));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static Stream<Arguments> contradictions() {
        PartitionSpec linux = PartitionSpec.ofSize("linux", MIB);
        PartitionSpec rest = PartitionSpec.rest("linux");
        return Stream.of(
                Arguments.of(
                        "two partitions take the rest",
                        PartitionLayout.gpt().add(rest).add(rest)),
                Arguments.of("a signature in a GPT", PartitionLayout.gpt().signature(5)),
                Arguments.of(
                        "a logical partition in a GPT", PartitionLayout.gpt().add(linux.logical())),
                Arguments.of(
                        "more partitions than",
                        PartitionLayout.gpt().entries(1).add(linux).add(linux)),
                Arguments.of(
                        "partition type \"nonsense\"", PartitionLayout.gpt().add(PartitionSpec.rest("nonsense"))),
                Arguments.of(
                        "a disk id or a number of entries",
                        PartitionLayout.mbr().entries(5)),
                Arguments.of(
                        "a disk id or a number of entries",
                        PartitionLayout.mbr().diskId(new UUID(1, 1))),
                Arguments.of(
                        "a name, an id or attributes", PartitionLayout.mbr().add(linux.named("x"))),
                Arguments.of(
                        "a name, an id or attributes", PartitionLayout.mbr().add(linux.attributes(1))),
                Arguments.of(
                        "a name, an id or attributes", PartitionLayout.mbr().add(linux.id(new UUID(1, 1)))),
                Arguments.of(
                        "at a fixed place",
                        PartitionLayout.mbr().add(linux.logical().at(MIB))),
                Arguments.of("an extended partition", PartitionLayout.mbr().add(PartitionSpec.rest("extended"))),
                Arguments.of(
                        "not in one run",
                        PartitionLayout.mbr().add(linux.logical()).add(linux).add(linux.logical())),
                Arguments.of(
                        "more than four",
                        PartitionLayout.mbr()
                                .add(linux)
                                .add(linux)
                                .add(linux)
                                .add(linux)
                                .add(linux.logical())),
                Arguments.of(
                        "two bootable",
                        PartitionLayout.mbr().add(linux.bootable()).add(linux.bootable())));
    }

    @ParameterizedTest
    @MethodSource("contradictions")
    void aLayoutThatContradictsItselfIsRefused(String message, PartitionLayout.Builder builder) {
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void valuesOutOfRangeAreRefusedAtOnce() {
        PartitionSpec linux = PartitionSpec.rest("linux");
        assertThatThrownBy(() -> PartitionSpec.ofSize("linux", 0)).hasMessageContaining("0 bytes");
        assertThatThrownBy(() -> linux.at(-1)).hasMessageContaining("-1");
        assertThatThrownBy(() -> linux.named("n".repeat(37))).hasMessageContaining("36 UTF-16 units");
        assertThatThrownBy(() -> linux.named("a\0b")).hasMessageContaining("36 UTF-16 units");
        assertThatThrownBy(() -> linux.named("\uD800")).hasMessageContaining("36 UTF-16 units");
        assertThatThrownBy(() -> PartitionLayout.gpt().alignment(0)).hasMessageContaining("alignment 0");
        assertThatThrownBy(() -> PartitionLayout.gpt().sectorSize(513)).hasMessageContaining("sector size 513");
        assertThatThrownBy(() -> PartitionLayout.gpt().entries(0)).hasMessageContaining("entries 0");
        assertThatThrownBy(() -> PartitionLayout.gpt().entries(65537)).hasMessageContaining("65537");
        assertThatThrownBy(() -> PartitionLayout.mbr().signature(0)).hasMessageContaining("signature 0");
    }
}

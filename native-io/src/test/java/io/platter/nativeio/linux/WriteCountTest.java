package io.platter.nativeio.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteCountTest {
    /** A line as Linux 6.18 gave it; the seventh field is sectors written: Documentation/block/stat.rst. */
    private static final String STAT =
            "    7324     3330   399169     3044     1650     4056   212386     2156        0     3860     5936\n";

    @TempDir
    Path root;

    private FakeTree machine;

    @BeforeEach
    void aMachineWithADisk() throws IOException {
        machine = new FakeTree(root);
        machine.disk("pci0/block/sda", "8:0", 4096);
        machine.partition("sda", "sda1", 1, "8:1", 64, 128);
        machine.put("proc/sys/kernel/random/boot_id", "0d9c7a3e\n");
        machine.put("sys/block/sda/diskseq", "12\n");
        machine.put("sys/block/sda/stat", STAT);
        machine.put("sys/block/sda/sda1/stat", STAT.replace("212386", "99"));
    }

    private String state(String name) throws IOException {
        return new WriteCount(machine.tree(), new BlockClass(machine.tree()), name)
                .state()
                .orElse("unknown");
    }

    @Test
    void theStateIsTheSectorsWrittenToThisDiskInThisRunOfTheSystem() throws IOException {
        assertThat(state("sda")).isEqualTo("boot 0d9c7a3e, disk sequence 12, sectors written 212386");
        assertThat(state("sda1")).isEqualTo("boot 0d9c7a3e, disk sequence 12, sectors written 99");
    }

    @Test
    void aKernelThatDoesNotNumberDisksStillCountsWrites() throws IOException {
        machine.put("sys/block/sda/diskseq", "");
        assertThat(state("sda")).isEqualTo("boot 0d9c7a3e, sectors written 212386");
    }

    @Test
    void nothingIsSaidWithoutTheCount() throws IOException {
        machine.put("sys/block/sda/stat", "");
        assertThat(state("sda")).isEqualTo("unknown");
    }
}

package io.platter.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeviceViewTest {
    /** A disk that says all that a device can say. */
    private static final class KnownDisk extends DeviceView {
        KnownDisk() {
            super(MemoryDevice.ofSize(8192));
        }

        @Override
        public int physicalSectorSize() {
            return 4096;
        }

        @Override
        public List<Backing> backing() {
            return List.of(Backing.of(new FileIdentity("known")));
        }

        @Override
        public List<DiskUse> uses() {
            return List.of(new DiskUse(DiskUse.Kind.MOUNTED, "somewhere"));
        }

        @Override
        public Optional<String> state() {
            return Optional.of("as it is");
        }

        @Override
        public Map<String, String> identity() {
            return Map.of(SERIAL, "1");
        }
    }

    /** What changes the bytes, is a view of a view, or would take a part for the whole, is not handed on. */
    private static final Set<String> NOT_HANDED_ON =
            Set.of("zero", "discard", "extentAt", "slice", "withLogicalSectorSize", "unwrap");

    @Test
    void allThatADeviceSaysOfItselfIsHandedOn() throws IOException {
        BlockDevice disk = new KnownDisk();
        for (BlockDevice view :
                List.of(new DeviceView(disk) {}, disk.withLogicalSectorSize(4096), disk.slice(0, 4096))) {
            assertThat(view.uses()).isEqualTo(disk.uses());
            assertThat(view.state()).isEqualTo(disk.state());
            assertThat(view.identity()).isEqualTo(disk.identity());
            assertThat(view.physicalSectorSize()).isEqualTo(4096);
            assertThat(view.backing()).extracting(Backing::storage).containsExactly(new FileIdentity("known"));
        }
        assertThat(Arrays.stream(BlockDevice.class.getMethods())
                        .filter(method -> !Modifier.isStatic(method.getModifiers()))
                        .map(method -> method.getName())
                        .filter(name -> !NOT_HANDED_ON.contains(name)))
                .isSubsetOf(Arrays.stream(DeviceView.class.getDeclaredMethods())
                        .map(method -> method.getName())
                        .toList());
    }

    @Test
    void aViewThatIsNotWritableWritesNothing() {
        BlockDevice view = new DeviceView(new KnownDisk()) {
            @Override
            public boolean isWritable() {
                return false;
            }
        };
        assertThatThrownBy(() -> view.write(ByteBuffer.allocate(512), 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> view.zero(0, 512)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> view.discard(0, 512)).isInstanceOf(IllegalStateException.class);
    }
}

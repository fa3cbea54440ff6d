package io.platter.virtualdisk.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PoolTest {
    private static final class Tool implements Closeable {
        private boolean closed;

        @Override
        public void close() {
            closed = true;
        }
    }

    private final Pool<Tool> pool = new Pool<>(Tool::new);

    private List<Tool> take(int count) {
        List<Tool> tools = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tools.add(pool.take());
        }
        return tools;
    }

    @Test
    void whatIsGivenBackIsTakenAgain() throws IOException {
        List<Tool> tools = take(2);
        assertThat(tools).doesNotHaveDuplicates();
        pool.giveBack(tools.get(0));
        assertThat(pool.take()).isSameAs(tools.get(0));
    }

    @Test
    void noMoreThanAFewAreKept() throws IOException {
        List<Tool> tools = take(20);
        for (Tool tool : tools) {
            pool.giveBack(tool);
        }
        assertThat(tools).filteredOn(tool -> tool.closed).hasSize(12);
        assertThat(take(20)).noneMatch(tool -> tool.closed);
    }

    @Test
    void allAreClosedInTheEnd() throws IOException {
        List<Tool> tools = take(20);
        for (Tool tool : tools.subList(1, 20)) {
            pool.giveBack(tool);
        }
        pool.close();
        pool.close();
        assertThat(tools.subList(1, 20)).allMatch(tool -> tool.closed);
        assertThat(tools.get(0).closed).isFalse();
        pool.giveBack(tools.get(0));
        assertThat(tools.get(0).closed).isTrue();
    }
}

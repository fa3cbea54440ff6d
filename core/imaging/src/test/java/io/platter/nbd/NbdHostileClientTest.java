package io.platter.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceException;
import io.platter.block.DeviceView;
import io.platter.block.MemoryDevice;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that ask for what makes no sense, say nothing, say too much, or go; byte by byte. */
@Timeout(120)
class NbdHostileClientTest {
    private static final int SIZE = 1 << 20;

    @TempDir
    Path directory;

    private final ConcurrentLinkedQueue<String> log = new ConcurrentLinkedQueue<>();
    private final byte[] content = new byte[SIZE];
    private NbdServer server;
    private long before;

    @BeforeEach
    void start() throws IOException {
        before = descriptors();
        new Random(4).nextBytes(content);
        BlockDevice bad = new DeviceView(MemoryDevice.over(content)) {
            @Override
            public void read(ByteBuffer target, long diskOffset) throws IOException {
                if (diskOffset <= 5000 && 5000 < diskOffset + target.remaining()) {
                    throw new DeviceException(name(), "read", 5000, 5, "bad sector", null);
                }
                super.read(target, diskOffset);
            }
        };
        server = NbdServer.builder()
                .listen(directory.resolve("socket"))
                .export(NbdExport.of("disk", MemoryDevice.over(content)).writable())
                .export(NbdExport.of("bad", bad))
                .log(log::add)
                .start();
    }

    private static long descriptors() throws IOException {
        Path all = Path.of("/proc/self/fd");
        if (!Files.exists(all)) {
            return 0;
        }
        try (Stream<Path> open = Files.list(all)) {
            return open.count();
        }
    }

    /** Nothing is left of any client when the server is closed. */
    @AfterEach
    void nothingIsLeft() throws IOException, InterruptedException {
        server.close();
        assertThat(server.connectionCount()).isZero();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("platter-nbd")) {
                thread.join(10_000);
                assertThat(thread.isAlive()).as(thread.getName()).isFalse();
            }
        }
        // What the JDK keeps for itself is opened by the first test, and some more by the machine's whim.
        assertThat(descriptors()).isLessThan(before + 40);
        assertThat(log).noneMatch(line -> line.contains("fault of this program"));
    }

    private Wire connect(int clientFlags) throws IOException {
        Wire wire = PlainWire.connect(server.uri("disk"));
        assertThat(wire.read(18).getLong()).isEqualTo(Protocol.MAGIC);
        wire.write(ByteBuffer.allocate(4).putInt(clientFlags).flip());
        return wire;
    }

    private static void option(Wire wire, int option, byte... data) throws IOException {
        wire.write(ByteBuffer.allocate(16 + data.length)
                .putLong(Protocol.OPTION_MAGIC)
                .putInt(option)
                .putInt(data.length)
                .put(data)
                .flip());
    }

    /** Reads an answer to an option, and returns its type. */
    private static int reply(Wire wire) throws IOException {
        ByteBuffer head = wire.read(20);
        assertThat(head.getLong()).isEqualTo(Protocol.OPTION_REPLY_MAGIC);
        int type = head.getInt(12);
        wire.skip(head.getInt(16));
        return type;
    }

    private static byte[] go(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(6 + bytes.length)
                .putInt(bytes.length)
                .put(bytes)
                .putShort((short) 0)
                .array();
    }

    private Wire open(String export, boolean structured) throws IOException {
        Wire wire = connect(3);
        if (structured) {
            option(wire, Protocol.OPT_STRUCTURED_REPLY);
            assertThat(reply(wire)).isEqualTo(Protocol.REP_ACK);
        }
        option(wire, Protocol.OPT_GO, go(export));
        assertThat(reply(wire)).isEqualTo(Protocol.REP_INFO);
        assertThat(reply(wire)).isEqualTo(Protocol.REP_ACK);
        return wire;
    }

    private static void request(Wire wire, int type, int flags, long offset, long length) throws IOException {
        wire.write(ByteBuffer.allocate(28)
                .putInt(Protocol.REQUEST_MAGIC)
                .putShort((short) flags)
                .putShort((short) type)
                .putLong(77)
                .putLong(offset)
                .putInt((int) length)
                .flip());
    }

    private static int simple(Wire wire) throws IOException {
        ByteBuffer head = wire.read(16);
        assertThat(head.getInt()).isEqualTo(Protocol.SIMPLE_REPLY_MAGIC);
        int error = head.getInt();
        assertThat(head.getLong()).isEqualTo(77);
        return error;
    }

    @Test
    void optionsThatMakeNoSenseAreAnsweredInStep() throws IOException {
        try (Wire wire = connect(3)) {
            option(wire, 4711, (byte) 1, (byte) 2);
            assertThat(reply(wire)).isEqualTo(Protocol.REP_ERR_UNSUP);
            option(wire, Protocol.OPT_LIST, (byte) 1);
            assertThat(reply(wire)).isEqualTo(Protocol.REP_ERR_INVALID);
            option(wire, Protocol.OPT_GO, (byte) 0, (byte) 0);
            assertThat(reply(wire)).isEqualTo(Protocol.REP_ERR_INVALID);
            option(wire, Protocol.OPT_GO, go("nothing"));
            assertThat(reply(wire)).isEqualTo(Protocol.REP_ERR_UNKNOWN);
            option(wire, Protocol.OPT_GO, new byte[100_000]);
            assertThat(reply(wire)).isEqualTo(Protocol.REP_ERR_TOO_BIG);
            option(wire, Protocol.OPT_STARTTLS);
            assertThat(reply(wire)).isEqualTo(Protocol.REP_ERR_POLICY);
            byte[] queries = new byte[100];
            queries[7] = 127;
            option(wire, Protocol.OPT_LIST_META_CONTEXT, queries);
            assertThat(reply(wire)).isEqualTo(Protocol.REP_ERR_INVALID);
            option(
                    wire,
                    Protocol.OPT_SET_META_CONTEXT,
                    ByteBuffer.allocate(8 + 4)
                            .putInt(4)
                            .put("disk".getBytes(StandardCharsets.UTF_8))
                            .array());
            assertThat(reply(wire)).isEqualTo(Protocol.REP_ERR_INVALID);
            option(wire, Protocol.OPT_ABORT);
            assertThat(reply(wire)).isEqualTo(Protocol.REP_ACK);
            assertThatThrownBy(() -> wire.read(1)).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void whoBreaksTheHandshakeIsSentAway() throws IOException {
        for (int flags : new int[] {0, 2, 4, -1}) {
            try (Wire wire = connect(flags)) {
                assertThatThrownBy(() -> wire.read(1)).isInstanceOf(IOException.class);
            }
        }
        try (Wire wire = connect(3)) {
            wire.write(ByteBuffer.allocate(16));
            assertThatThrownBy(() -> wire.read(1)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void anOldClientGetsTheExportByItsNameAndSimpleReplies() throws IOException {
        for (int flags : new int[] {1, 3}) {
            try (Wire wire = connect(flags)) {
                option(wire, Protocol.OPT_EXPORT_NAME, "disk".getBytes(StandardCharsets.UTF_8));
                assertThat(wire.read(10).getLong()).isEqualTo(SIZE);
                if (flags == 1) {
                    assertThat(wire.read(124).array()).containsOnly(0);
                }
                request(wire, Protocol.CMD_READ, 0, 1000, 3000);
                assertThat(simple(wire)).isZero();
                assertThat(wire.read(3000)).isEqualTo(ByteBuffer.wrap(content, 1000, 3000));
                request(wire, Protocol.CMD_DISC, 0, 0, 0);
                assertThatThrownBy(() -> wire.read(1)).isInstanceOf(EOFException.class);
            }
        }
    }

    @Test
    void requestsThatMakeNoSenseAreRefusedAndTheNextOneIsServed() throws IOException {
        try (Wire wire = open("disk", false)) {
            long[][] requests = {
                {Protocol.CMD_READ, 0, SIZE - 1, 2, Protocol.EINVAL},
                {Protocol.CMD_READ, 0, -1, 2, Protocol.EINVAL},
                {Protocol.CMD_READ, 0, Long.MAX_VALUE, 2, Protocol.EINVAL},
                {Protocol.CMD_READ, 0, 0, 0, Protocol.EINVAL},
                {Protocol.CMD_READ, 0, 0, 0xFFFF_FFFFL, Protocol.EINVAL},
                {Protocol.CMD_READ, 1 << 12, 0, 1, Protocol.EINVAL},
                {Protocol.CMD_TRIM, 0, SIZE, 1, Protocol.ENOSPC},
                {Protocol.CMD_WRITE_ZEROES, 0, 1, SIZE, Protocol.ENOSPC},
                {Protocol.CMD_BLOCK_STATUS, 0, 0, 512, Protocol.EINVAL},
                {Protocol.CMD_FLUSH, 0, 1, 1, Protocol.EINVAL},
                {99, 0, 0, 0, Protocol.EINVAL},
            };
            for (long[] one : requests) {
                request(wire, (int) one[0], (int) one[1], one[2], one[3]);
                assertThat(simple(wire)).as("request " + one[0]).isEqualTo((int) one[4]);
            }
            // The bytes of a write that is refused are passed over.
            request(wire, Protocol.CMD_WRITE, 0, SIZE - 10, 100);
            wire.write(ByteBuffer.allocate(100));
            assertThat(simple(wire)).isEqualTo(Protocol.ENOSPC);
            request(wire, Protocol.CMD_READ, 0, SIZE - 10, 10);
            assertThat(simple(wire)).isZero();
            assertThat(wire.read(10)).isEqualTo(ByteBuffer.wrap(content, SIZE - 10, 10));
        }
        byte[] before = content.clone();
        try (Wire wire = open("bad", false)) {
            for (int command : new int[] {Protocol.CMD_WRITE, Protocol.CMD_TRIM, Protocol.CMD_WRITE_ZEROES}) {
                request(wire, command, 0, 0, 512);
                if (command == Protocol.CMD_WRITE) {
                    wire.write(ByteBuffer.allocate(512));
                }
                assertThat(simple(wire)).isEqualTo(Protocol.EPERM);
            }
        }
        assertThat(content).isEqualTo(before);
    }

    @Test
    void aReadThatFailsSaysWhereInAStructuredReply() throws IOException {
        try (Wire wire = open("bad", true)) {
            request(wire, Protocol.CMD_READ, 0, 4096, 4096);
            ByteBuffer head = wire.read(20);
            assertThat(head.getInt()).isEqualTo(Protocol.STRUCTURED_REPLY_MAGIC);
            assertThat(head.getShort()).isEqualTo((short) Protocol.REPLY_FLAG_DONE);
            assertThat(Short.toUnsignedInt(head.getShort())).isEqualTo(Protocol.REPLY_ERROR_OFFSET);
            ByteBuffer chunk = wire.read(head.getInt(16));
            assertThat(chunk.getInt()).isEqualTo(Protocol.EIO);
            assertThat(Wire.text(chunk, chunk.getShort())).contains("bad sector");
            assertThat(chunk.getLong()).isEqualTo(5000);
            // Even what is refused at once has a structured reply.
            request(wire, Protocol.CMD_READ, 0, SIZE, 1);
            assertThat(wire.read(20).getInt()).isEqualTo(Protocol.STRUCTURED_REPLY_MAGIC);
        }
    }

    @Test
    void garbageInPlaceOfARequestEndsOnlyThatClient() throws IOException {
        Random random = new Random(8);
        try (Wire good = open("disk", false)) {
            for (int i = 0; i < 50; i++) {
                try (Wire wire = open("disk", i % 2 == 0)) {
                    byte[] garbage = new byte[28 + random.nextInt(200)];
                    random.nextBytes(garbage);
                    wire.write(ByteBuffer.wrap(garbage));
                    assertThatThrownBy(() -> wire.read(1)).isInstanceOf(IOException.class);
                }
            }
            request(good, Protocol.CMD_READ, 0, 0, 512);
            assertThat(simple(good)).isZero();
        }
    }

    /** It has asked for more than is ever held for it: the server waits for it, and others do not. */
    @Test
    void whoDoesNotTakeItsAnswersHindersNobody() throws IOException {
        List<Wire> silent = new ArrayList<>();
        for (int client = 0; client < 8; client++) {
            Wire wire = open("disk", false);
            silent.add(wire);
            Thread flood = new Thread(() -> {
                try {
                    for (int i = 0; i < 2000; i++) {
                        request(wire, Protocol.CMD_READ, 0, 0, SIZE);
                    }
                } catch (IOException e) {
                    // It is sent away in the end.
                }
            });
            flood.setDaemon(true);
            flood.start();
        }
        try (Wire wire = open("disk", false)) {
            for (int i = 0; i < 100; i++) {
                request(wire, Protocol.CMD_READ, 0, i * 512L, 512);
                assertThat(simple(wire)).isZero();
                assertThat(wire.read(512)).isEqualTo(ByteBuffer.wrap(content, i * 512, 512));
            }
        }
        server.close();
        for (Wire wire : silent) {
            wire.close();
        }
    }

    @Test
    void sixtyFourClientsAreServedAndGoInEveryWay() throws IOException, InterruptedException {
        CountDownLatch done = new CountDownLatch(64);
        ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
        for (int client = 0; client < 64; client++) {
            int number = client;
            new Thread(() -> {
                        try (Wire wire = open("disk", false)) {
                            for (int i = 0; i < 20; i++) {
                                request(wire, Protocol.CMD_READ, 0, number * 4096L, 4096);
                                assertThat(simple(wire)).isZero();
                                assertThat(wire.read(4096)).isEqualTo(ByteBuffer.wrap(content, number * 4096, 4096));
                            }
                            if (number % 3 == 0) {
                                request(wire, Protocol.CMD_DISC, 0, 0, 0);
                            } else if (number % 3 == 1) {
                                wire.write(ByteBuffer.allocate(13)); // in the middle of a request
                            }
                        } catch (IOException | RuntimeException | Error e) {
                            failures.add(e);
                        } finally {
                            done.countDown();
                        }
                    })
                    .start();
        }
        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(failures).isEmpty();
    }
}

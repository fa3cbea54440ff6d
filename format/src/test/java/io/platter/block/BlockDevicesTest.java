package io.platter.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.test.Oracle;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is opened, what is refused, and what is said then. */
@Timeout(60)
class BlockDevicesTest {
    @TempDir
    Path directory;

    private static void assertRefused(Path path, OpenMode mode, String reason) {
        assertThatThrownBy(() -> BlockDevices.open(path, mode).close())
                .isInstanceOf(FileSystemException.class)
                .hasMessageContainingAll(path.toString(), reason);
    }

    @Test
    void whatIsNoDiskIsRefusedByItsKind() throws IOException {
        Path pipe = directory.resolve("pipe");
        Oracle.of("mkfifo").run(pipe);
        Path socket = directory.resolve("socket");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            for (OpenMode mode : OpenMode.values()) {
                assertRefused(directory, mode, "it is a directory, expected a file or a disk");
                assertRefused(pipe, mode, "it is a pipe");
                assertRefused(socket, mode, "it is a socket");
                assertRefused(Path.of("/dev/null"), mode, "it is a device that is no disk");
            }
        }
    }

    @Test
    void aNameThatIsNotThereIsSaidToBeSo() {
        assertThatThrownBy(() -> BlockDevices.open(directory.resolve("none"), OpenMode.READ))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(directory.resolve("none") + ": can't be opened: it does not exist");
        assertThatThrownBy(() -> FileDevice.create(directory.resolve("none/disk"), 512))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage(directory.resolve("none/disk") + ": can't be created: there is no directory "
                        + directory.resolve("none"));
    }

    @Test
    void aFileThatExistsIsNotCreated() throws IOException {
        Path file = Files.createFile(directory.resolve("there"));
        assertThatThrownBy(() -> FileDevice.create(file, 512))
                .isInstanceOf(FileAlreadyExistsException.class)
                .hasMessage(file + ": can't be created: it exists");
    }

    /** As root everything is allowed, so that the JDK's exception is made by hand: it has a name and nothing else. */
    @Test
    void deniedPermissionIsSaidInWords() {
        IOException said =
                FileFailure.of(Path.of("disk"), "can't be opened for writing", new AccessDeniedException("disk"));
        assertThat(said)
                .isInstanceOf(AccessDeniedException.class)
                .hasMessage("disk: can't be opened for writing: permission denied");
        assertThat(FileFailure.of(Path.of("disk"), "can't be written", new IOException("No space left on device")))
                .hasMessage("disk: can't be written: No space left on device");
    }

    @Test
    void aFileInAZipFileIsReadAndItsDirectoryIsNamed() throws IOException {
        Path zip = directory.resolve("disks.zip");
        byte[] content = {1, 2, 3, 4};
        try (FileSystem files = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            Files.write(files.getPath("/disk"), content);
        }
        try (FileSystem files = FileSystems.newFileSystem(zip);
                BlockDevice disk = BlockDevices.open(files.getPath("/disk"), OpenMode.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate(4);
            disk.read(bytes, 0);
            assertThat(bytes.array()).isEqualTo(content);
            assertThat(disk.name()).contains("disks.zip");
            assertThat(disk.backing()).hasSize(1);
            assertThatThrownBy(() -> BlockDevices.open(files.getPath("/"), OpenMode.READ))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContainingAll("disks.zip", "it is a directory");
            assertThatThrownBy(() -> BlockDevices.open(files.getPath("/none"), OpenMode.READ))
                    .isInstanceOf(NoSuchFileException.class)
                    .hasMessageContainingAll("disks.zip", "/none", "does not exist");
        }
    }

    @Test
    void nothingIsCreatedUnderDevButInSharedMemory() throws IOException {
        for (String name : new String[] {"/dev/platter-test-none", "/dev/none/disk", "/dev/shm/../platter-test-none"}) {
            assertThatThrownBy(() -> FileDevice.create(Path.of(name), 512))
                    .isInstanceOf(NoSuchFileException.class)
                    .hasMessageContainingAll(name, "no such device");
        }
        Path shared = Path.of("/dev/shm/platter-test-" + ProcessHandle.current().pid());
        try {
            FileDevice.create(shared, 512).close();
            assertThat(shared).hasSize(512);
        } finally {
            Files.deleteIfExists(shared);
        }
    }

    @Test
    void oneFileHasOneIdentityUnderAllItsNames() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        Path hard = Files.createLink(directory.resolve("hard"), file);
        Path symbolic = Files.createSymbolicLink(directory.resolve("symbolic"), file);
        FileIdentity identity = FileIdentity.of(file);
        assertThat(FileIdentity.of(hard)).isEqualTo(identity);
        assertThat(FileIdentity.of(symbolic)).isEqualTo(identity);
        assertThat(FileIdentity.of(Files.createFile(directory.resolve("other"))))
                .isNotEqualTo(identity);
        String[] numbers =
                Oracle.of("stat").run("--format=%Hd:%Ld %i", file).strip().split(" ", -1);
        assertThat(identity).isEqualTo(FileIdentity.ofFile(numbers[0], Long.parseLong(numbers[1])));
    }
}

package io.platter.engine.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.FileDevice;
import io.platter.block.OpenMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedFileTest {
    @TempDir
    Path directory;

    private Path name;
    private Path partial;

    @BeforeEach
    void names() {
        name = directory.resolve("name");
        partial = directory.resolve("name.partial");
    }

    private static void write(PublishedFile file, String text) throws IOException {
        file.channel().write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), 0);
    }

    private void assertOnly(Path... files) throws IOException {
        try (var found = Files.list(directory)) {
            assertThat(found).containsExactlyInAnyOrder(files);
        }
    }

    @Test
    void aFileGetsItsNameWhenItIsPublished() throws IOException {
        try (PublishedFile file = PublishedFile.create(name)) {
            write(file, "new");
            assertThat(name).doesNotExist();
            assertThat(partial).exists();
            file.publish();
            assertThat(name).hasContent("new");
        }
        assertOnly(name);
    }

    @Test
    void aFileThatIsNotPublishedIsDeleted() throws IOException {
        try (PublishedFile file = PublishedFile.create(name)) {
            write(file, "new");
        }
        assertOnly();
    }

    @Test
    void anInterruptDoesNotKeepAFileFromItsName() throws IOException {
        try (PublishedFile file = PublishedFile.create(name)) {
            write(file, "new");
            Thread.currentThread().interrupt();
            file.publish();
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(name).hasContent("new");
    }

    @Test
    void aNameThatAppearsMeanwhileIsNotReplaced() throws IOException {
        try (PublishedFile file = PublishedFile.create(name)) {
            write(file, "new");
            Files.writeString(name, "mine");
            assertThatThrownBy(file::publish)
                    .isInstanceOf(FileAlreadyExistsException.class)
                    .hasMessageContaining(
                            "name: appeared meanwhile and is not replaced; what was written is " + partial);
        }
        assertThat(name).hasContent("mine");
        assertThat(partial).hasContent("new");
        assertOnly(name, partial);
    }

    @Test
    void aLinkToNothingTakesANameToo() throws IOException {
        Path nowhere = directory.resolve("nowhere");
        try (PublishedFile file = PublishedFile.create(name)) {
            write(file, "new");
            Files.createSymbolicLink(name, nowhere);
            assertThatThrownBy(file::publish).isInstanceOf(FileAlreadyExistsException.class);
        }
        Files.delete(partial);
        assertThatThrownBy(() -> PublishedFile.create(name)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(nowhere).doesNotExist();
        assertOnly(name);
    }

    @Test
    void aPartialThatIsALinkIsRefusedAndWhatItNamesStays() throws IOException {
        Path victim = Files.writeString(directory.resolve("victim"), "mine");
        Files.createSymbolicLink(partial, victim);
        for (boolean replacing : new boolean[] {false, true}) {
            assertThatThrownBy(() -> (replacing ? PublishedFile.replace(name) : PublishedFile.create(name)).close())
                    .isInstanceOf(FileSystemException.class)
                    .hasMessage(partial + ": is not a regular file but a link");
        }
        assertThat(victim).hasContent("mine");
        assertOnly(victim, partial);
    }

    @Test
    void aPartialThatIsADirectoryIsRefused() throws IOException {
        Files.createDirectory(partial);
        assertThatThrownBy(() -> PublishedFile.create(name)).hasMessage(partial + ": is not a regular file");
    }

    /** What is written never goes into a file that was there: that could have other names. */
    @Test
    void aPartialThatIsOfNoUseIsDeletedAndNotWrittenOver() throws IOException {
        Path other = Files.writeString(directory.resolve("other"), "mine");
        Files.createLink(partial, other);
        try (PublishedFile file = PublishedFile.create(name)) {
            write(file, "new");
            file.publish();
        }
        assertThat(other).hasContent("mine");
        assertThat(name).hasContent("new");
        assertOnly(name, other);
    }

    /** The state after a kill between the two steps in which a file gets its name. */
    @Test
    void aFileWithBothItsNamesKeepsTheSecondOne() throws IOException {
        Files.writeString(name, "old");
        Files.createLink(partial, name);
        assertThatThrownBy(() -> PublishedFile.create(name)).isInstanceOf(FileAlreadyExistsException.class);
        try (PublishedFile file = PublishedFile.replace(name)) {
            write(file, "new");
            assertThat(name).hasContent("old");
            file.publish();
        }
        assertThat(name).hasContent("new");
        assertOnly(name);
    }

    @Test
    void aFileThatWasMovedWhileItWasWrittenDoesNotCountAsPublished() throws IOException {
        Path elsewhere = directory.resolve("elsewhere");
        try (PublishedFile file = PublishedFile.create(name)) {
            write(file, "new");
            Files.move(partial, elsewhere);
            Files.writeString(partial, "another's");
            assertThatThrownBy(file::publish)
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("was moved, deleted or replaced while it was written");
        }
        assertThat(elsewhere).hasContent("new");
        assertThat(partial).hasContent("another's");
        assertOnly(elsewhere, partial);
    }

    @Test
    void whatTookThePlaceOfAPartialIsNotDeleted() throws IOException {
        try (PublishedFile file = PublishedFile.create(name)) {
            write(file, "new");
            Files.delete(partial);
            Files.writeString(partial, "another's");
        }
        assertThat(partial).hasContent("another's");
    }

    @Test
    void aFileThatWasReplacedWhileItWasWrittenOnDoesNotCountAsPublished() throws IOException {
        Files.writeString(name, "old");
        Path elsewhere = directory.resolve("elsewhere");
        try (PublishedFile file = PublishedFile.open(name, name, NameLock.take(name))) {
            Files.move(name, elsewhere);
            Files.writeString(name, "mine");
            write(file, "new");
            assertThatThrownBy(file::publish).hasMessageContaining("while it was written");
        }
        assertThat(elsewhere).hasContent("new");
        assertThat(name).hasContent("mine");
    }

    @Test
    void aFileIsReplacedInOneStep() throws IOException {
        Files.writeString(name, "old");
        Files.setPosixFilePermissions(name, PosixFilePermissions.fromString("rw-r-----"));
        try (PublishedFile file = PublishedFile.replace(name)) {
            write(file, "new");
            assertThat(name).hasContent("old");
        }
        assertThat(name).hasContent("old");
        try (PublishedFile file = PublishedFile.replace(name)) {
            write(file, "new");
            file.publish();
        }
        assertThat(name).hasContent("new");
        assertThat(Files.getPosixFilePermissions(name)).isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
        assertOnly(name);
    }

    @Test
    void aLinkThatIsReplacedStaysALinkToTheNewFile() throws IOException {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Path real = Files.writeString(elsewhere.resolve("real"), "old");
        Files.createSymbolicLink(name, Path.of("elsewhere", "real"));
        try (PublishedFile file = PublishedFile.replace(name)) {
            write(file, "new");
            assertThat(file.file()).isEqualTo(elsewhere.toRealPath().resolve("real.partial"));
            file.publish();
        }
        assertThat(name).isSymbolicLink().hasContent("new");
        assertThat(real).hasContent("new");
        assertOnly(name, elsewhere);
    }

    @Test
    void aFileThatIsBeingWrittenIsNotReplacedAndOneThatIsBeingReplacedNotWritten() throws IOException {
        Files.writeString(name, "old");
        try (FileDevice written = FileDevice.open(name, OpenMode.WRITE)) {
            assertThat(written.size()).isEqualTo(3);
            assertThatThrownBy(() -> PublishedFile.replace(name))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessage(name + ": is being written by this program");
        }
        assertOnly(name);
        try (PublishedFile file = PublishedFile.replace(name)) {
            assertThatThrownBy(() -> FileDevice.open(name, OpenMode.WRITE))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessage(name + ": is being written by this program");
            write(file, "new");
            file.publish();
        }
        FileDevice.open(name, OpenMode.WRITE).close();
        assertThat(name).hasContent("new");
    }

    @Test
    void whatIsNoRegularFileIsNotReplaced() throws IOException {
        Files.createDirectory(name);
        assertThatThrownBy(() -> PublishedFile.replace(name))
                .hasMessage(name + ": is not a regular file, and is not replaced");
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("nowhere"));
        assertThatThrownBy(() -> PublishedFile.replace(link)).hasMessageContaining("is not a regular file");
        assertOnly(name, link);
    }

    @Test
    void replacingNothingIsCreating() throws IOException {
        try (PublishedFile file = PublishedFile.replace(name)) {
            write(file, "new");
            file.publish();
        }
        assertThat(name).hasContent("new");
        assertOnly(name);
    }

    /** What FAT says on Linux, and what a provider without links says. */
    @Test
    void withoutHardLinksAFreeNameIsTakenAndAnotherIsNot() throws IOException {
        PublishedFile.Linker fat = (newName, file) -> {
            throw new FileSystemException(newName.toString(), file.toString(), "Operation not permitted");
        };
        PublishedFile.Linker none = (newName, file) -> {
            throw new UnsupportedOperationException();
        };
        for (PublishedFile.Linker linker : List.of(fat, none)) {
            Files.writeString(partial, "new");
            PublishedFile.giveName(partial, name, false, linker);
            assertThat(name).hasContent("new");
            assertOnly(name);
            Files.writeString(name, "mine");
            Files.writeString(partial, "new");
            assertThatThrownBy(() -> PublishedFile.giveName(partial, name, false, linker))
                    .isInstanceOf(FileAlreadyExistsException.class);
            assertThat(name).hasContent("mine");
            assertOnly(name, partial);
            Files.delete(name);
            Files.delete(partial);
        }
    }

    /** A network filesystem answers that the name exists when it was asked a second time. */
    @Test
    void aNameThatIsTheFilesOwnIsNoObstacle() throws IOException {
        Files.writeString(partial, "new");
        PublishedFile.giveName(partial, name, false, (newName, file) -> {
            Files.createLink(newName, file);
            throw new FileAlreadyExistsException(newName.toString());
        });
        assertThat(name).hasContent("new");
        assertOnly(name);
    }
}

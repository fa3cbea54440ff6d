package io.platter.repository.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.repository.testkit.BlobStoreContract;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryStoreTest implements BlobStoreContract {
    @TempDir
    Path directory;

    @Override
    public BlobStore open(boolean again) throws IOException {
        return DirectoryStore.create(directory.resolve("blobs"));
    }

    @Test
    void aDirectoryIsNeeded() throws IOException {
        assertThatThrownBy(() -> DirectoryStore.open(directory.resolve("none")))
                .isInstanceOf(NoSuchFileException.class);
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> DirectoryStore.open(file)).isInstanceOf(NotDirectoryException.class);
    }

    @Test
    void noKeyLeavesTheDirectory() throws IOException {
        try (BlobStore store = open(false)) {
            for (String key : List.of("../a", "a/../b", "/a", "a//b", "", "a\\b", "a b", "ä")) {
                assertThatThrownBy(() -> store.put(key, List.of(ByteBuffer.allocate(1))))
                        .as(key)
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void whatAKilledProgramLeftIsNoBlobAndIsDeletedLater() throws IOException {
        try (DirectoryStore store = DirectoryStore.create(directory.resolve("blobs"))) {
            store.put("a", List.of(ByteBuffer.allocate(1)));
            Path left = Files.createFile(directory.resolve("blobs/tmp/left"));
            assertThat(store.list("", "")).hasSize(1);
            store.tidy();
            assertThat(left).exists();
            Files.setLastModifiedTime(left, FileTime.fromMillis(0));
            store.tidy();
            assertThat(left).doesNotExist();
        }
    }
}

package io.platter.engine.write;

import io.platter.engine.line.Allotment;
import io.platter.engine.pack.ImageTarget;
import io.platter.engine.pack.Pack;
import io.platter.engine.pack.RecordOutput;
import io.platter.engine.read.ImageFile;
import io.platter.image.DiskGeometry;
import io.platter.image.FileId;
import io.platter.image.ImageOptions;
import io.platter.image.codec.Features;
import io.platter.image.codec.FileHeader;
import io.platter.image.codec.ImageProperties;
import io.platter.image.codec.ImageRoot;
import io.platter.job.JobControl;
import java.io.IOException;
import java.nio.file.Path;

/** Starts images that go to a file, or to something that is written like one. */
public final class FileSession {
    private FileSession() {}

    /** Opens a pack when there is memory for what is written to it. */
    @FunctionalInterface
    public interface PackOpener {
        /** Opens the pack. */
        Pack open() throws IOException;
    }

    /** Starts the first image of a new pack. */
    public static ImageSession create(PackOpener opener, DiskGeometry disk, ImageOptions options, JobControl control)
            throws IOException {
        return open(opener, options, control, (pack, allotment, crew) -> {
            FileId id = options.fileId().orElseGet(FileId::random);
            RecordOutput output =
                    RecordOutput.create(pack.storage(), options.level(), new FileHeader(id, Features.NONE));
            return new ImageSession(
                    output::lastCommit, ImageBuilder.create(output, disk, options, crew), disk, pack, allotment);
        });
    }

    /** Starts one more image in a file. */
    public static ImageSession append(Path image, DiskGeometry disk, ImageOptions options, JobControl control)
            throws IOException {
        return open(() -> ImageTarget.append(image, control), options, control, (pack, allotment, crew) -> {
            ImageFile existing = ImageFile.open(pack.bytes());
            existing.checkWritable(options.discardsDamagedEnd());
            pack.goOnAfter(existing);
            RecordOutput output = RecordOutput.append(pack.storage(), options.level(), existing);
            return new ImageSession(
                    output::lastCommit,
                    ImageBuilder.append(output, existing, disk, options, crew),
                    disk,
                    pack,
                    allotment);
        });
    }

    /** Resumes the unfinished image of a file. */
    public static ImageSession resume(Path image, ImageOptions options, JobControl control) throws IOException {
        return open(() -> ImageTarget.resume(image, control), options, control, (pack, allotment, crew) -> {
            ImageFile existing = ImageFile.open(pack.bytes());
            existing.checkWritable(options.discardsDamagedEnd());
            ImageRoot root = existing.rootToResume().orElseThrow();
            ImageProperties properties = existing.properties(root);
            pack.goOnAfter(existing);
            RecordOutput output = RecordOutput.append(pack.storage(), options.level(), existing);
            DiskGeometry disk = new DiskGeometry(
                    root.diskSize() == 0 ? -1 : root.diskSize(),
                    root.statement().logicalSectorSize(),
                    root.statement().physicalSectorSize());
            ImageSession session = new ImageSession(
                    output::lastCommit,
                    ImageBuilder.resume(output, existing, root, disk, options, crew),
                    disk,
                    pack,
                    allotment);
            properties.properties().forEach(session::property);
            session.partitions(properties.partitions());
            return session;
        });
    }

    private interface Opening {
        ImageSession open(Pack pack, Allotment allotment, ImageBuilder.Crew crew) throws IOException;
    }

    private static ImageSession open(PackOpener opener, ImageOptions options, JobControl control, Opening opening)
            throws IOException {
        Allotment allotment = Allotment.take(control, threads -> ImageSession.memory(options, threads));
        try {
            Pack pack = opener.open();
            try {
                return opening.open(pack, allotment, ImageBuilder.Crew.of(control, allotment.threads(), options));
            } catch (IOException | RuntimeException | Error e) {
                closeAfter(pack, e);
                throw e;
            }
        } catch (IOException | RuntimeException | Error e) {
            allotment.close();
            throw e;
        }
    }

    static void closeAfter(Pack pack, Throwable failure) {
        try {
            pack.close();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}

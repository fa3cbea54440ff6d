package io.platter.filesystem.swap;

import io.platter.allocation.AllocationMap;
import io.platter.allocation.Reason;
import io.platter.allocation.VolumeState;
import io.platter.block.BlockDevice;
import io.platter.block.ByteReader;
import io.platter.block.ExtentSet;
import io.platter.bytes.Uuids;
import io.platter.filesystem.kit.Filesystem;
import io.platter.filesystem.kit.Proof;
import io.platter.filesystem.kit.UnprovenException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/**
 * Linux swap space: its first page is kept, all others are worth nothing once the machine is off, unless it sleeps.
 *
 * <p>The signature stands at the end of the first page, whose size is the machine's that made it, as is its byte order.
 * A machine that writes its memory to the swap space to sleep puts another signature in its place.
 *
 * <p>Source: {@code union swap_header} in the kernel's {@code include/linux/swap.h}.
 */
public final class Swap implements Filesystem {
    private static final int MIN_PAGE = 4 << 10;
    private static final int MAX_PAGE = 64 << 10;
    private static final int SIGNATURE_LENGTH = 10;
    private static final String SIGNATURE = "SWAPSPACE2";
    private static final String OLD_SIGNATURE = "SWAP-SPACE";
    /** Of swsusp, uswsusp and TuxOnIce. */
    private static final Set<String> ASLEEP = Set.of(
            "S1SUSPEND\0", "S2SUSPEND\0", "ULSUSPEND\0", "LINHIB0001", "\u00ED\u00C3\u0002\u00E9\u0098V\u00E5\f");

    private static final int INFO_AT = 1024;
    private static final int INFO_LENGTH = 44;
    private static final int VERSION = 1;

    @Override
    public String name() {
        return "swap";
    }

    @Override
    public Optional<AllocationMap> map(BlockDevice volume) throws IOException {
        for (int page = MIN_PAGE; page <= MAX_PAGE && page <= volume.size(); page *= 2) {
            String signature = signature(volume, page);
            if (signature.equals(SIGNATURE)) {
                return Optional.of(map(volume, page));
            }
            if (signature.equals(OLD_SIGNATURE)) {
                return Optional.of(AllocationMap.whole(volume, name(), Reason.UNKNOWN_FEATURE, "version 0"));
            }
            if (ASLEEP.contains(signature) || ASLEEP.contains(signature.substring(0, 8))) {
                return Optional.of(map(volume, page)
                        .asWhole(
                                VolumeState.DIRTY,
                                Reason.HIBERNATED,
                                "it holds the memory of a machine that is asleep"));
            }
        }
        return Optional.empty();
    }

    @Override
    public long sizeOf(BlockDevice volume) throws IOException, UnprovenException {
        for (int page = MIN_PAGE; page <= MAX_PAGE && page <= volume.size(); page *= 2) {
            if (signature(volume, page).equals(SIGNATURE)) {
                return (info(volume).skip(Integer.BYTES).readU32() + 1) * page;
            }
        }
        if (map(volume).isPresent()) {
            throw new UnprovenException(Reason.UNKNOWN_FEATURE, "swap space of another version, or asleep");
        }
        return 0;
    }

    /** Returns the header after the boot bits, in the byte order in which it was written. */
    private static ByteReader info(BlockDevice volume) throws IOException {
        boolean little = ByteReader.read(volume, INFO_AT, Integer.BYTES, ByteOrder.LITTLE_ENDIAN)
                        .readU32()
                == VERSION;
        return ByteReader.read(volume, INFO_AT, INFO_LENGTH, little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    }

    private static String signature(BlockDevice volume, int page) throws IOException {
        byte[] bytes = ByteReader.read(volume, page - SIGNATURE_LENGTH, SIGNATURE_LENGTH, ByteOrder.LITTLE_ENDIAN)
                .readBytes(SIGNATURE_LENGTH);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private AllocationMap map(BlockDevice volume, int page) throws IOException {
        ByteReader info = info(volume);
        long version = info.readU32();
        long lastPage = info.readU32();
        byte[] uuid = info.skip(4).readBytes(16);
        String label = info.readText(16, StandardCharsets.UTF_8);
        AllocationMap map = new AllocationMap(
                name(),
                label,
                Uuids.text(uuid),
                volume.size(),
                page,
                VolumeState.UNKNOWN,
                Reason.NONE,
                "",
                ExtentSet.EMPTY);
        return Proof.apply(map, () -> {
            if (version != VERSION) {
                throw new UnprovenException(Reason.UNKNOWN_FEATURE, "version " + version);
            }
            long end = (lastPage + 1) * page;
            if (end > volume.size()) {
                throw new UnprovenException(
                        Reason.TRUNCATED, "the pages end at " + end + ", the volume has " + volume.size() + " bytes");
            }
            return ExtentSet.of(page, end - page).complement(0, volume.size());
        });
    }
}

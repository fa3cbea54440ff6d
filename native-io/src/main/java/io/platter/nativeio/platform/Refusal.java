package io.platter.nativeio.platform;

import io.platter.block.DiskInUseException;
import io.platter.block.DiskUse;
import io.platter.block.DiskUse.Kind;
import io.platter.device.DiskDescription;
import io.platter.device.DiskOpenOptions;
import java.util.ArrayList;
import java.util.List;

/** What speaks against opening a disk, on every system in the same way. */
public final class Refusal {
    private Refusal() {}

    /**
     * Lets a disk be opened for writing only if each of its uses is overridden.
     *
     * @throws DiskInUseException with the uses that are not
     */
    public static void check(DiskDescription disk, DiskOpenOptions options) throws DiskInUseException {
        List<DiskUse> refused = disk.uses().stream()
                .filter(use -> !options.overridden().contains(use.kind()))
                .toList();
        if (!refused.isEmpty()) {
            throw new DiskInUseException(disk.path().toString(), refused);
        }
    }

    /**
     * Returns the exception for a disk that the system does not grant for one's own, with all uses that are known.
     *
     * @param detail what is known of the one who has it
     * @param cause what the system said
     */
    public static DiskInUseException busy(DiskDescription disk, String detail, Exception cause) {
        List<DiskUse> uses = new ArrayList<>(disk.uses());
        uses.add(new DiskUse(Kind.BUSY, detail));
        DiskInUseException refusal = new DiskInUseException(disk.path().toString(), uses);
        refusal.initCause(cause);
        return refusal;
    }
}

package io.platter.nbd;

import io.platter.block.OverlayDevice;
import java.util.List;
import java.util.Optional;

/** What a client can learn of the runs of an export besides their bytes. The order is that of the answers. */
enum MetaContext {
    ALLOCATION(1, Protocol.BASE_ALLOCATION),
    DIRTY(2, Protocol.DIRTY_BITMAP),
    DEPTH(3, Protocol.ALLOCATION_DEPTH);

    private static final MetaContext[] ALL = values();

    private final int id;
    private final String text;

    MetaContext(int id, String text) {
        this.id = id;
        this.text = text;
    }

    /** Returns its name in the protocol. */
    String text() {
        return text;
    }

    /** Returns the number by which answers call it. */
    int id() {
        return id;
    }

    /** Returns those that an export has; what was changed is known of an overlay only. */
    static List<MetaContext> of(NbdExport export) {
        return overlay(export).isPresent() ? List.of(ALL) : List.of(ALLOCATION);
    }

    static Optional<OverlayDevice> overlay(NbdExport export) {
        return export.device().unwrap(OverlayDevice.class);
    }
}

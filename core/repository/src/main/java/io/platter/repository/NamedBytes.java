package io.platter.repository;

import io.platter.block.BlockDevice;
import io.platter.block.DeviceView;

/** Bytes with a name by which messages call them. */
final class NamedBytes extends DeviceView {
    private final String name;

    NamedBytes(BlockDevice bytes, String name) {
        super(bytes);
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }
}

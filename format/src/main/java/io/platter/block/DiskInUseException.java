package io.platter.block;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/** A disk, or a file that stands for one, that was not opened, because of what uses it. Nothing was written. */
public final class DiskInUseException extends IOException {
    private static final long serialVersionUID = 1;

    private final String device;
    private final List<DiskUse> uses;

    /**
     * Creates the exception.
     *
     * @param device the name of the device
     * @param uses what it was refused for, at least one
     */
    public DiskInUseException(String device, List<DiskUse> uses) {
        super(device + " is in use: " + uses.stream().map(DiskUse::toString).collect(Collectors.joining(", ")));
        this.device = device;
        this.uses = List.copyOf(uses);
    }

    /** Returns the name of the device. */
    public String device() {
        return device;
    }

    /** Returns what the device was refused for. */
    public List<DiskUse> uses() {
        return uses;
    }
}
